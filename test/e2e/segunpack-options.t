#!/bin/sh
# segunpack as a program: wrong use, each long option, a reader that goes, output that cannot be written,
# and signals.
. "$(dirname "$0")/../archives.sh"
clips src one.mp4 d/two.mp4 readme.txt three.ts
mkdir s
archive s/1.zip src
cp "$good" s/2.mp4

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
mkfifo in
segunpack <in >printed 2>err &
pid=$!
exec 9>in
echo s/1.zip >&9
ok "nothing is held back" wait_for 20 printed 3
kill -TERM $pid
wait $pid
is "SIGTERM: exit code" "$?:$(grep -v INFO err)" "0:"
exec 9>&-

# --dir: no other path is opened; see links.t.
mkdir b
cp "$good" b/1.mp4
run segunpack --dir b -q b/_failed b/1.mp4 b/../b/1.mp4 "$T/b/1.mp4"
is "--dir: what is below it" "$rc:$out" "66:b/1.mp4"
is "--dir: the others are named" "$(echo "$err" | grep -c "1.mp4': not below 'b'")" 2
finish
