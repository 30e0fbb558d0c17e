#!/bin/sh
# segcheck as a program: wrong use, long options, a reader that goes, output that cannot be written, and
# signals.
. "$(dirname "$0")/../lib.sh"
cp "$top/test/fixtures/good-mp4.mp4" a.mp4

# Wrong use, before anything is read.
while read -r args; do
	# shellcheck disable=SC2086 # words
	run segcheck $args a.mp4 </dev/null
	is "wrong use: $args" "$rc:$out" "64:"
	like "wrong use: $args: said" "$err" "*[[]ERROR] [[]segcheck] *usage: segcheck *"
done <<'X'
-p netflix
-J 0
-J 17
-d -1
-d 1x
-r 0
-R 5
--keep 0
--max-clip -1
--max-clip 1h
--nonsense
-R 99999999999
--list --release
X
for args in --list --release; do
	run segcheck $args
	is "$args without operands" "$rc:$out" "64:"
done
run script -qec "$BIN/segcheck" /dev/null </dev/null
is "a terminal and no operands" "$rc" 64

# Long options, and those that say what they do.
run segcheck --null --jobs 2 --profile any --delay 1 --tries 2 --retry-after 0 a.mp4
is "long options" "$rc:$(cat -A .out)" "0:a.mp4^@"
run segcheck --max-clip 1 "$top/test/fixtures/keyframes.mp4" a.mp4
is "--max-clip: what lasts longer is refused" "$rc:$out" 1:a.mp4
like "--max-clip: said" "$err" "*keyframes.mp4' is bad, runs-on: its packets last 13000 ms, 1000 at most"
run segcheck --max-clip 13 "$top/test/fixtures/keyframes.mp4"
is "--max-clip: what lasts as long is not" "$rc:$err" 0:
for profile in any rtmp youtube twitch; do
	run segcheck -p $profile a.mp4
	is "-p $profile" "$rc:$out" "0:a.mp4"
done

run segcheck -h
is "-h" "$rc:$(echo "$out" | head -n 1 | cut -c 1-15)" "0:usage: segcheck"
run segcheck -V
like "-V" "$rc:$out" "0:segcheck [0-9]*"
run segcheck -v a.mp4
is "-v" "$rc:$out" "0:a.mp4"

# The reader goes, a signal comes.
yes "$T/a.mp4" | segcheck 2>err | head -n 1 >/dev/null
like "the reader goes" "$(cat err)" "*the reader of standard output is gone*"
run sh -c 'segcheck a.mp4 >&-'
is "closed output" "$rc" 74
run sh -c 'segcheck a.mp4 >/dev/full'
is "full output" "$rc" 74
mkfifo in
segcheck <in >printed 2>err &
pid=$!
exec 9>in
echo a.mp4 >&9
printed() { [ -s printed ]; }
ok "nothing is held back" wait_for 20 printed
kill -TERM $pid
wait $pid
is "SIGTERM: exit code" $? 0
exec 9>&-
is "SIGTERM: said nothing" "$(cat err)" ""
finish
