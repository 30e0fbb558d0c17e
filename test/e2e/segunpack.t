#!/bin/sh
# segunpack as a filter and as a program: what it prints, unpacks, keeps, says and returns. Longer
# than the other tests, for all of them need the same archives.
. "$(dirname "$0")/../lib.sh"
clip=$top/test/fixtures/good-mp4.mp4

# clips FOLDER NAME...: there, a minute after each other, and no two the same.
clips() {
	mkdir -p "$1"
	minute=0
	into=$1
	shift
	for name; do
		mkdir -p "$into/$(dirname -- "$name")"
		{ cat "$clip"; echo "$name"; } >"$into/$name"
		touch -d "2026-01-01 10:$minute:00" "$into/$name"
		minute=$((minute + 1))
	done
}
# archive FILE FOLDER [NAME...]: of this folder's files, in the format that its name tells.
archive() {
	archive_of=$2
	case $1 in /*) archive_to=$1 ;; *) archive_to=$PWD/$1 ;; esac
	shift 2
	[ $# -gt 0 ] || set -- .
	bsdtar -C "$archive_of" -caf "$archive_to" -- "$@"
}
lines() { tr '\n' ' ' <.out; } # of the last run, on one line
old() { [ -z "$(find "$1" -newerct '6 seconds ago' -print -quit)" ]; }

clips src one.mp4 d/two.mp4 readme.txt three.ts
clips other other.mp4

# Bad ones, which are not to be fresh when their turn comes: then they are not tried again.
mkdir old
archive old/whole.zip src
for name in q1 q2 q3 q4 many; do head -c 200 old/whole.zip >old/$name.zip; done
mkdir old/m
head -c 300 old/whole.zip >old/m/1.zip
archive old/m/2.zip src
cp "$clip" old/m/3.mp4
tail -c 100 old/whole.zip >old/m/4.zip # no archive by its content
archive old/m/5.tar.gz src
head -c 300 old/m/5.tar.gz >old/m/6.tar.gz

# Every format.
for suffix in zip tar tar.gz tar.bz2 tar.xz tar.zst; do
	mkdir f
	archive f/a.$suffix src
	run segunpack f/a.$suffix
	is "$suffix: the clips, by mtime" "$rc:$(lines):$err" \
		"0:f/.unpacked/a.$suffix/one.mp4 f/.unpacked/a.$suffix/two.mp4 f/.unpacked/a.$suffix/three.ts :"
	is "$suffix: all bytes" "$(cat f/.unpacked/a.$suffix/one.mp4 f/.unpacked/a.$suffix/two.mp4 f/.unpacked/a.$suffix/three.ts | sha256sum)" \
		"$(cat src/one.mp4 src/d/two.mp4 src/three.ts | sha256sum)"
	is "$suffix: nothing else" "$(ls -A f f/.unpacked f/.unpacked/a.$suffix | tr '\n' ' ')" \
		"f: .unpacked a.$suffix  f/.unpacked: a.$suffix  f/.unpacked/a.$suffix: .of one.mp4 three.ts two.mp4 "
	is "$suffix: times" "$(stat -c %Y f/.unpacked/a.$suffix/*)" "$(stat -c %Y src/one.mp4 src/three.ts src/d/two.mp4)"
	run segunpack <f/a.$suffix
	is "$suffix: an archive is no list of paths" "$out" ""
	rm -r f
done
for format in ustar gnutar pax v7; do
	mkdir f
	bsdtar -C src --format $format -cf f/x.tar one.mp4 d/two.mp4
	run segunpack f/x.tar
	case $format in v7) wanted=f/x.tar ;; *) wanted="f/.unpacked/x.tar/one.mp4 f/.unpacked/x.tar/two.mp4" ;; esac
	is "tar of the format $format" "$rc:$(echo $out)" "0:$wanted"
	rm -r f
done
mkdir f
tar -C src -cf f/x.any . # of whatever name
run segunpack f/x.any
is "an archive is told by what is in it" "$rc:$(echo "$out" | head -n 1)" "0:f/.unpacked/x.any/one.mp4"
rm -r f

# Times and order.
mkdir f
clips seq 10.mp4 9.mp4 1.mp4 zero.mp4 ahead.mp4
touch -d '2026-01-01 09:00:00.5' seq/10.mp4 seq/9.mp4
touch -d '2026-01-01 09:00:00.25' seq/1.mp4
touch -d @0 seq/zero.mp4
touch -d '2036-01-01' seq/ahead.mp4
bsdtar -C seq --format pax -cf f/x.tar .
touch -d '2026-02-02 12:00:00' f/x.tar
run segunpack f/x.tar
is "order: by mtime, then as people number" "$rc:$(sed 's|.*/||' .out | tr '\n' ' ')" "0:1.mp4 9.mp4 10.mp4 ahead.mp4 zero.mp4 "
is "times are kept, with their fractions" "$(cd f/.unpacked/x.tar && stat -c %.9Y 1.mp4 9.mp4)" "$(cd seq && stat -c %.9Y 1.mp4 9.mp4)"
is "times that cannot be: the archive's" "$(cd f/.unpacked/x.tar && stat -c %Y zero.mp4 ahead.mp4 | uniq)" "$(stat -c %Y f/x.tar)"
rm -r f

# Names: of each only the end; nothing twice.
mkdir f
clips names a/x.mp4 b/x.mp4 c/X.mp4 x.1.mp4 .hidden.mp4 part.mp4.part 'a b.mp4' -v.mp4 "$(printf '\303\251\377.mp4')" "$(printf '%0196d' 0).mp4"
tar -C names -cf f/x.tar -- a/x.mp4 b/x.mp4 c/X.mp4 x.1.mp4 .hidden.mp4 part.mp4.part 'a b.mp4' -v.mp4 "$(printf '\303\251\377.mp4')" "$(printf '%0196d' 0).mp4"
run segunpack f/x.tar
is "names: exit code" "$rc:$err" "0:"
is "names: what there is" "$(ls f/.unpacked/x.tar)" \
	"$(printf '%s\n' x.mp4 x.1.mp4 X.2.mp4 x.1.1.mp4 'a b.mp4' -v.mp4 "$(printf '\303\251\377.mp4')" "$(printf '%0196d' 0).mp4" | sort)"
is "names: all are printed" "$(sort .out)" "$(printf '%s\n' f/.unpacked/x.tar/* | sort)"
for pair in a/x.mp4:x.mp4 b/x.mp4:x.1.mp4 c/X.mp4:X.2.mp4 x.1.mp4:x.1.1.mp4; do
	ok "names: $pair" cmp "names/${pair%:*}" "f/.unpacked/x.tar/${pair#*:}"
done
rm -r f
clips long "$(printf '%0197d' 0).mp4" good.mp4
mkdir l
archive l/x.tar long
rm -r names

# Paths of archives, as they are given and as they are printed.
mkdir -p f/d
archive f/d/x.zip src one.mp4
for path in x.zip ./x.zip ../d/x.zip "$T/f/d/x.zip"; do
	(cd f/d && run segunpack "$path" && printf '%s' "$rc:$out") >got
	is "the path '$path'" "$(cat got)" "0:${path%x.zip}.unpacked/x.zip/one.mp4"
done
rm -r f
mkdir h
for name in -v 'a b.zip' "$(printf 'n\nl.zip')" "$(printf 't\tt\033[1m.zip')" "$(printf '\377\376.zip')" '[x].zip' ..zip "$(printf '%0196d' 0).zip"; do
	archive h/x src one.mp4
	mv h/x "h/$name"
done
(cd h && find . -type f -print0 | sort -z) >list
(cd h && segunpack -0 <../list) >printed 2>err
is "-0: exit code" "$?:$(cat err)" "0:"
is "-0: a clip for each odd name" "$(tr '\n\0' '?\n' <printed)" "$(perl -0pe 's|^\./(\.?)([^\0]*)|"./.unpacked/" . ($1 ? "_$1" : "") . "$2/one.mp4"|e' list | tr '\n\0' '?\n')"
(cd h && run segunpack -- -v && printf '%s' "$rc:$out") >got
is "a name like an option" "$(cat got)" "0:.unpacked/-v/one.mp4"
rm -r h
printf '%05000d\n' 0 >long.list
run segunpack <long.list
is "a path that is too long" "$rc:$out" "66:"
like "a path that is too long: said" "$err" "*standard input: *is no path*"

# What is no archive passes; what is no file does not.
mkdir f
cp "$clip" f/a.mp4
: >f/empty.zip
printf '7z\274\257\047\034' >f/x.7z
archive f/x.zip src
printf '%s\n' f/a.mp4 f/empty.zip '' f/x.zip f/x.7z >list
run segunpack <list
is "no archives: as they are, in their places" "$rc:$(lines):$err" \
	"0:f/a.mp4 f/empty.zip f/.unpacked/x.zip/one.mp4 f/.unpacked/x.zip/two.mp4 f/.unpacked/x.zip/three.ts f/x.7z :"
is "no archives: untouched" "$(ls -A f | tr '\n' ' ')" ".unpacked a.mp4 empty.zip x.7z x.zip "
mkdir f/folder
mkfifo f/fifo
ln -s x.zip f/link
run timeout 20 segunpack f/missing.zip f/folder f/fifo f/link /dev/zero nowhere/x.zip f/a.mp4
is "what is no file: the rest goes on" "$rc:$out" "66:f/a.mp4"
for name in f/missing.zip f/folder f/fifo f/link /dev/zero nowhere/x.zip; do
	like "what is no file: $name" "$err" "*'$name': *"
done
rm -r f
run segunpack </dev/null
is "no input" "$rc:$out:$err" "0::"

# Again: what is still there, without unpacking it anew.
mkdir f
archive f/x.zip src
segunpack f/x.zip >printed
stat -c '%i %z' f/.unpacked/x.zip f/.unpacked/x.zip/.of f/.unpacked/x.zip/*.* >before
run segunpack f/x.zip
is "again: prints the same" "$rc:$(cmp .out printed 2>&1)" "0:"
is "again: nothing was unpacked" "$(stat -c '%i %z' f/.unpacked/x.zip f/.unpacked/x.zip/.of f/.unpacked/x.zip/*.* | diff before -)" ""
rm f/.unpacked/x.zip/two.mp4
run segunpack f/x.zip
is "again: what has left is not printed" "$rc:$(lines)" "0:f/.unpacked/x.zip/one.mp4 f/.unpacked/x.zip/three.ts "
is "again: nor is it back" "$(ls -A f/.unpacked/x.zip | tr '\n' ' ')" ".of one.mp4 three.ts "
read -r of_mtime of_size of_inode _ <f/.unpacked/x.zip/.of
is "the marker: mtime, size, inode" "$of_mtime $of_size $of_inode" "$(stat -c '%.9Y %s %i' f/x.zip | sed 's/\.//')"

# Another archive of that name; a partial folder that somebody left.
mv f/x.zip f/first
archive f/x.zip other
run segunpack f/x.zip
is "another of that name: a folder of its own" "$rc:$out" "0:f/.unpacked/x.zip.1/other.mp4"
rm f/x.zip
archive f/x.zip src one.mp4
run segunpack f/x.zip
is "a third" "$rc:$out" "0:f/.unpacked/x.zip.2/one.mp4"
is "the others stay" "$(ls f/.unpacked/x.zip f/.unpacked/x.zip.1 | tr '\n' ' ')" \
	"f/.unpacked/x.zip: one.mp4 three.ts  f/.unpacked/x.zip.1: other.mp4 "
run segunpack f/x.zip
is "a third, again" "$rc:$out" "0:f/.unpacked/x.zip.2/one.mp4"
archive f/y.zip src
mkdir f/.unpacked/.y.zip.partial
echo junk >f/.unpacked/.y.zip.partial/junk.mp4
run segunpack f/y.zip
is "a partial one is made anew" "$rc:$(echo "$out" | wc -l):$(ls -A f/.unpacked | tr '\n' ' '):$(ls f/.unpacked/y.zip | tr '\n' ' ')" \
	"0:3:x.zip x.zip.1 x.zip.2 y.zip :one.mp4 three.ts two.mp4 "
rm -r f

# Whoever can upload can put things in the way.
mkdir -p f outside
echo precious >outside/one.mp4
archive f/x.zip src
ls -liA --time-style=full-iso outside >before
for way in 'ln -s ../outside f/.unpacked' 'mkfifo f/.unpacked' 'cp src/readme.txt f/.unpacked' \
	'mkdir f/.unpacked; ln -s ../../outside f/.unpacked/x.zip' \
	'mkdir f/.unpacked; ln -s ../../outside f/.unpacked/.x.zip.partial' \
	'mkdir f/.unpacked; mkfifo f/.unpacked/x.zip f/.unpacked/.x.zip.partial' \
	'mkdir -p f/.unpacked/x.zip; mkfifo f/.unpacked/x.zip/.of' \
	'mkdir -p f/.unpacked/x.zip; ln -s ../../../outside/one.mp4 f/.unpacked/x.zip/.of' \
	'mkdir -p f/.unpacked/.x.zip.partial; ln -s ../../../outside/one.mp4 f/.unpacked/.x.zip.partial' \
	'mkdir -p f/.unpacked/.x.zip.partial/sub/sub' \
	'mkdir -p f/.unpacked; ln -s ../../outside f/.unpacked/.y; mkdir f/.unpacked/.x.zip.partial; ln -s ../../../outside f/.unpacked/.x.zip.partial/d'; do
	eval "$way"
	run timeout 20 segunpack f/x.zip
	case $rc in 0) wanted=3 ;; *) wanted=0 ;; esac
	like "$way: goes on or fails" "$rc" '[067]*'
	is "$way: all clips or none" "$(echo "$out" | grep -c unpacked)" $wanted
	is "$way: nothing outside changed" "$(ls -liA --time-style=full-iso outside | diff before -)" ""
	[ "$rc" -ne 0 ] || is "$way: what is printed is there" "$(find $out -maxdepth 0 -type f | wc -l)" 3
	rm -rf f/.unpacked
done
rm -r f outside

# -t.
mkdir f
archive f/x.zip src
run segunpack -t keep f/x.zip
is "-t keep" "$rc:$(ls f)" "0:x.zip"
run segunpack -t delete f/x.zip
is "-t delete: gone when it is printed" "$rc:$(echo "$out" | wc -l):$(ls f):$(ls f/.unpacked/x.zip | wc -l)" "0:3::3"
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
is "-t played: again when its clips have gone: nothing printed, both go" "$rc:$out:$(find f -mindepth 1)" "0::f/.unpacked"
rm -r f

# Bad ones.
ok "the bad ones are old" wait_for 20 old old
run segunpack old/m/*
is "mixed: exit code" "$rc" 1
is "mixed: in order" "$(lines)" \
	"old/m/.unpacked/2.zip/one.mp4 old/m/.unpacked/2.zip/two.mp4 old/m/.unpacked/2.zip/three.ts old/m/3.mp4 old/m/4.zip old/m/.unpacked/5.tar.gz/one.mp4 old/m/.unpacked/5.tar.gz/two.mp4 old/m/.unpacked/5.tar.gz/three.ts "
like "mixed: told of" "$err" "*[[]WARN] [[]segunpack] 'old/m/1.zip' is bad, broken: *'old/m/6.tar.gz' is bad, broken: *"
is "without -q: they stay" "$(ls -A old/m old/m/.unpacked | tr '\n' ' ')" "old/m: .unpacked 1.zip 2.zip 3.mp4 4.zip 5.tar.gz 6.tar.gz  old/m/.unpacked: 2.zip 5.tar.gz "
run segunpack -t delete l/x.tar
is "a name of 201 bytes" "$rc:$out:$(ls l)" "1::x.tar"
like "a name of 201 bytes: said" "$err" "*'l/x.tar' is bad, name: *"
is "bad: leaves nothing" "$(find l -name '*.mp4' -o -name '*.partial')" ""
size=$(stat -c %s old/q1.zip)
sum=$(sha256sum <old/q1.zip)
run segunpack -q old/_failed old/q1.zip old/whole.zip
is "-q: exit code and output" "$rc:$(echo "$out" | wc -l)" "1:3"
like "-q: said" "$err" "*'old/q1.zip' is bad, broken: *: now 'old/_failed/q1.zip'"
is "-q: there, whole, with its reason" "$(ls old/_failed | tr '\n' ' ')$(sha256sum <old/_failed/q1.zip)" "q1.zip q1.zip.reason $sum"
is "reason: keys" "$(sed 's/:.*//' old/_failed/q1.zip.reason | tr '\n' ' ')" "time boot mono pid code reason tries size from "
is "reason: values" "$(value old/_failed/q1.zip.reason code) $(value old/_failed/q1.zip.reason size) $(value old/_failed/q1.zip.reason from)" \
	"broken $size $T/old/q1.zip"
is "-q: segcheck lists it" "$(segcheck --list old/_failed | cut -f 1,2)" "$(printf 'q1.zip\tbroken')"
run segunpack --quarantine old/_failed --keep 2 -t delete old/q2.zip old/q3.zip old/q4.zip
is "--keep: the youngest stay" "$rc:$(ls old/_failed | tr '\n' ' ')" "1:q3.zip q3.zip.reason q4.zip q4.zip.reason "
run segunpack -q nowhere/_failed old/many.zip
is "-q: its parent is missing" "$rc:$out" "66:"

# One that grows.
mkdir g
archive whole.zip src
head -c 400 whole.zip >g/1.zip
cp "$clip" g/2.mp4
segunpack -q g/_failed -s . g/1.zip g/2.mp4 >printed 2>err &
pid=$!
looked() { [ "$(value segunpack queue 2>/dev/null)" = 1 ]; }
ok "growing: waited for" wait_for 20 looked
tail -c +401 whole.zip >>g/1.zip
wait $pid
is "growing: good in the end, in order" "$?:$(tr '\n' ' ' <printed):$(cat err)" \
	"0:g/.unpacked/1.zip/one.mp4 g/.unpacked/1.zip/two.mp4 g/.unpacked/1.zip/three.ts g/2.mp4 :"
is "growing: nothing was moved" "$(ls g g/_failed | tr '\n' ' ')" "g: 1.zip 2.mp4 _failed  g/_failed: "
head -c 400 whole.zip >g/3.zip
exec 8>>g/3.zip # nobody writes to it, but somebody might
start=$(date +%s)
run segunpack -q g/_failed g/3.zip
exec 8>&-
is "one that never gets good: tried three times" "$rc:$(value g/_failed/3.zip.reason tries)" "1:3"
ok "one that never gets good: no sooner" [ $(($(date +%s) - start)) -ge 9 ]

# The fact.
mkdir s
cp old/whole.zip s/1.zip
cp "$clip" s/2.mp4
run segunpack -s s s/1.zip old/many.zip s/2.mp4
is "fact: keys" "$(sed 's/:.*//' s/segunpack | tr '\n' ' ')" \
	"time boot mono pid started archives clips bad passed unpacked_bytes last last_bad last_reason queue sandbox busy "
is "fact: values" "$(for key in archives clips bad passed unpacked_bytes last last_bad last_reason queue; do value s/segunpack $key; done | tr '\n' ' ')" \
	"1 3 1 1 $(cat src/one.mp4 src/d/two.mp4 src/three.ts | wc -c) s/1.zip old/many.zip broken 0 "
like "fact: sandbox" "$(value s/segunpack sandbox)" "[fs]*[lp]"
run segunpack --status nowhere s/1.zip
is "status folder missing" "$rc:$out" "66:"

# Wrong use, before anything is read.
while read -r args; do
	# shellcheck disable=SC2086 # words
	run segunpack $args s/1.zip </dev/null
	is "wrong use: $args" "$rc:$out" "64:"
	like "wrong use: $args: said" "$err" "*[[]ERROR] [[]segunpack] *usage: segunpack *"
done <<'X'
-t
-t archive
-t Delete
--keep 0
--keep 1x
--nonsense
X
run script -qec "$BIN/segunpack" /dev/null </dev/null
is "a terminal and no operands" "$rc" 64
run segunpack -h
is "-h" "$rc:$(echo "$out" | head -n 1 | cut -c 1-16)" "0:usage: segunpack"
run segunpack -V
like "-V" "$rc:$out" "0:segunpack [0-9]*"
run segunpack -v --null --then keep s/2.mp4
is "long options" "$rc:$(cat -A .out)" "0:s/2.mp4^@"
run segunpack --no-sandbox s/1.zip
is "--no-sandbox: works" "$rc:$(echo "$out" | wc -l)" "0:3"
like "--no-sandbox: said" "$err" "*no sandbox: *"

# The reader goes, a signal comes.
yes "$T/s/1.zip" | timeout 30 segunpack 2>err | head -n 1 >/dev/null
like "the reader goes" "$(cat err)" "*the reader of standard output is gone*"
{ yes "$T/s/1.zip" | { timeout 30 segunpack 2>err; echo $? >code; } | head -n 1; } >/dev/null
is "the reader goes: exit code" "$(cat code)" 75
run sh -c 'segunpack s/1.zip >&-'
is "closed output" "$rc" 74
run sh -c 'segunpack s/1.zip >/dev/full'
is "full output" "$rc" 74
segunpack <in >printed 2>err &
pid=$!
exec 9>in
echo s/1.zip >&9
ok "nothing is held back" wait_for 20 printed 3
kill -TERM $pid
wait $pid
is "SIGTERM: exit code" "$?:$(grep -v INFO err)" "0:"
exec 9>&-

# That hour again: into what follows.
mkdir hour
cp "$clip" hour/1.mp4
tee hour/2.mp4 <"$clip" >hour/3.mp4
head -c 2000 "$clip" >hour/4.mp4
mkdir -p kept/2026-11-21
tar -C hour -cf kept/2026-11-21/10.tar .
segunpack kept/2026-11-21/10.tar | segcheck >printed 2>err
is "into segcheck" "$(tr '\n' ' ' <printed)" "$(printf 'kept/2026-11-21/.unpacked/10.tar/%s ' 1.mp4 2.mp4 3.mp4)"
port=$(free_port)
rtmpsink -1 "rtmp://127.0.0.1:$port/live/x" >sink.log 2>sink.err &
pid=$!
ok "a receiver" wait_for 20 listens "$port"
segunpack kept/2026-11-21/10.tar | segcheck 2>/dev/null | RTMP_URL=rtmp://127.0.0.1:$port/live/x timeout 60 rtmppush -t delete >played 2>err
is "broadcast again: played" "$?:$(tr '\n' ' ' <played)" "0:$(printf 'kept/2026-11-21/.unpacked/10.tar/%s ' 1.mp4 2.mp4 3.mp4)"
wait $pid
is "broadcast again: received" "$?" 0
is "broadcast again: the archive is kept, the clips are gone" "$(ls kept/2026-11-21 kept/2026-11-21/.unpacked/10.tar | tr '\n' ' ')" \
	"kept/2026-11-21: 10.tar  kept/2026-11-21/.unpacked/10.tar: 4.mp4 "

# Another file system, and a full one.
if [ "$(id -u)" -eq 0 ] && mkdir m && mount -t tmpfs -o size=100m none m 2>/dev/null; then
	cleanup_hook='umount -l "$T/m"'
	run segunpack -q m old/many.zip
	is "-q: another file system is refused at the start" "$rc:$out" "78:"
	mkdir m/_failed
	run segunpack -q m/_failed old/many.zip
	is "-q: an archive on another file system stays" "$rc:$(ls old/many.zip)" "78:old/many.zip"
	cp old/whole.zip m/x.zip
	head -c 60000000 /dev/zero >m/fill
	segunpack m/x.zip >printed 2>err.full &
	pid=$!
	said() { [ -s err.full ]; }
	ok "a full disk: said" wait_for 20 said
	like "a full disk: what" "$(cat err.full)" "*[[]WARN] [[]segunpack] 'm/x.zip': *"
	is "a full disk: nothing is printed, nothing is left" "$(cat printed; find m/.unpacked -type f 2>/dev/null)" ""
	rm m/fill
	ok "room again: goes on" wait_for 60 printed 3
	wait $pid
	is "room again: exit code, whole" "$?:$(cat m/.unpacked/x.zip/one.mp4 | cmp - src/one.mp4)" "0:"
else
	skip "another file system, a full disk" "cannot mount a tmpfs here"
fi
# Two at once: each prints all of its own, and nothing half done is taken for whole.
mkdir -p two
head -c 20000000 /dev/zero | tr '\0' x >two/big.mp4
cp two/big.mp4 two/more.mp4
bsdtar -C two -cf two/a.tar big.mp4 more.mp4
rm two/*.mp4
segunpack two/a.tar >one.out 2>one.err &
first=$!
segunpack two/a.tar >other.out 2>other.err
is "two at once: the one" "$?:$(cat other.out | tr '\n' ' ')" "0:two/.unpacked/a.tar/big.mp4 two/.unpacked/a.tar/more.mp4 "
wait $first
is "two at once: the other" "$?:$(cat one.out | tr '\n' ' ')" "0:two/.unpacked/a.tar/big.mp4 two/.unpacked/a.tar/more.mp4 "
is "two at once: whole" "$(stat -c %s two/.unpacked/a.tar/big.mp4 two/.unpacked/a.tar/more.mp4 | tr '\n' ' ')" "20000000 20000000 "

# What somebody left half done of an archive that has gone.
mkdir -p two/.unpacked/.gone.tar.partial/deep
echo x >two/.unpacked/.gone.tar.partial/x.mp4
cp two/a.tar two/b.tar
run segunpack two/b.tar
is "half done of one that has gone: removed" "$rc:$(ls -A two/.unpacked | tr '\n' ' ')" "0:a.tar b.tar "
finish
