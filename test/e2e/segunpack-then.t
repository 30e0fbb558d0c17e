#!/bin/sh
# segunpack -t: when an archive is deleted, and when it stays: as its clips could not be printed, or are
# not played yet.
. "$(dirname "$0")/../archives.sh"
clips src one.mp4 d/two.mp4 readme.txt three.ts
clips other other.mp4

# -t.
mkdir f
archive f/x.zip src
run segunpack -t keep f/x.zip
is "-t keep" "$rc:$(ls f)" "0:x.zip"
run segunpack -t delete f/x.zip
is "-t delete: gone when it is printed" \
	"$rc:$(echo "$out" | wc -l):$(ls f):$(ls f/.unpacked/x.zip | wc -l)" "0:3::3"
archive f/y.zip src
segunpack -t delete f/y.zip >/dev/full 2>/dev/null
is "-t delete: stays when it cannot be printed" "$?:$(ls f)" "74:y.zip"
mkfifo gone
exec 7<>gone 8>gone 7<&- # nobody reads it any more
segunpack -t delete f/y.zip >&8 2>/dev/null 8>&-
exec 8>&-
is "-t delete: stays when nobody reads" "$(ls f | tr '\n' ' ')" "y.zip "
mkfifo blocked
rm -r f/.unpacked
exec 7<>blocked
perl -e 'syswrite STDOUT, "\n" x 65536' >&7 # there is no room in it any more
segunpack -t delete f/y.zip >blocked 2>err 7>&- &
pid=$!
unpacked() { [ -e f/.unpacked/y.zip ]; }
ok "-t delete: blocked output: unpacks" wait_for 20 unpacked
is "-t delete: blocked output: it stays" "$(ls f)" y.zip
kill -TERM $pid
wait $pid
is "-t delete: blocked output: SIGTERM" "$?:$(ls f):$(cat err)" "0:y.zip:"
exec 7>&-
rm -rf f blocked
mkdir f
archive f/x.zip src
archive f/y.zip other
mkfifo in
segunpack -t played <in >printed 2>err &
pid=$!
exec 9>in
printf 'f/x.zip\nf/y.zip\n' >&9
printed() { [ "$(wc -l <printed)" -eq "$1" ]; }
gone() { [ ! -e "$1" ]; }
ok "-t played: printed" wait_for 20 printed 4
rm f/.unpacked/x.zip/one.mp4
is "-t played: stays while there are clips" "$(ls f | tr '\n' ' ')" "x.zip y.zip "
rm f/.unpacked/x.zip/*
ok "-t played: goes soon after its clips" wait_for 5 gone f/x.zip
ok "-t played: so does its folder" wait_for 5 gone f/.unpacked/x.zip
is "-t played: the other stays" "$(ls f f/.unpacked | tr '\n' ' ')" "f: y.zip  f/.unpacked: y.zip "
exec 9>&-
wait $pid
is "-t played: exit code" "$?:$(cat err):$(ls f)" "0::y.zip"
run segunpack -t played f/y.zip
is "-t played: again: printed, and stays" "$rc:$out:$(ls f)" "0:f/.unpacked/y.zip/other.mp4:y.zip"
rm f/.unpacked/y.zip/other.mp4
run segunpack -t played f/y.zip
is "-t played: again when its clips have gone: nothing printed, both go" "$rc:$out:$(find f -mindepth 1)" \
	"0::f/.unpacked"
rm -r f
finish
