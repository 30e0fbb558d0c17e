#!/bin/sh
# segpack as a program: one at a time in a store, wrong use, a reader that goes, output that cannot be
# written, and a clip that somebody still writes to.
. "$(dirname "$0")/../archives.sh"
mkdir kept s
mkfifo hold

# One at a time.
segpack -s s kept <hold 2>/dev/null &
pid=$!
exec 3>hold
works() { [ "$(value s/segpack pid)" = $pid ]; } # to try the lock would be to take it
ok "one at a time: the first works" wait_for 10 works
run segpack kept </dev/null
like "one at a time: the second is refused" "$rc:$err" "75:*store 'kept': another segpack works on it"
kill -TERM $pid
wait $pid
is "SIGTERM: exit code" $? 0
exec 3>&-

# Wrong use, before anything is read.
for args in "" "kept other" "-z rar kept" "-k -1 kept" "-k 1h kept" "-K 0 kept" "-c cursor kept" \
	"--nonsense kept"; do
	# shellcheck disable=SC2086 # words
	run segpack $args </dev/null
	like "wrong use: $args" "$rc:$out:$err" "64::*[[]ERROR] [[]segpack] *usage: segpack *"
done
run script -qec "$BIN/segpack kept" /dev/null </dev/null
is "a terminal" "$rc" 64
run segpack nowhere </dev/null
like "no such folder" "$rc:$err" "66:*store 'nowhere': No such file or directory"
run segpack list </dev/null
is "no folder" "$rc" 66
run segpack --status nowhere kept </dev/null
is "status folder missing" "$rc" 66
clip in/1.mp4 "$day 10:00:00Z"
printf 'in/1.mp4\0' >list
run segpack --null kept <list
is "--null" "$rc:$(cat -A .out)" "0:in/1.mp4^@"
run segpack -h
like "-h" "$rc:$out" "0:usage: segpack *"
run segpack -V
like "-V" "$rc:$out" "0:segpack [0-9]*"
clip in/1.mp4 "$day 10:00:00Z"
clip in/2.mp4 "$day 10:00:00Z"
echo in/2.mp4 | segpack kept >/dev/null
run segpack -v kept <<X
in/1.mp4
X
like "-v: how many are in the archive" "$rc:$out:$err" \
	"0:in/1.mp4:*DEBUG* archive 'kept/$day/10.tar': 2 clips are in it"

# The reader goes.
n=0
while [ $((n += 1)) -le 200 ]; do clip in/$n.mp4 "$day 10:00:00Z"; done
for out_to in '>&-' '>/dev/full'; do
	clip in/1.mp4 "$day 10:00:00Z"
	run sh -c "echo in/1.mp4 | segpack kept $out_to"
	is "output $out_to" "$rc" 74
done
ls in/* | segpack kept 2>err | head -n 1 >/dev/null
segpack kept <hold 2>err | true &
exec 3>hold
ok "the reader goes" wait_for 10 grep -q "the reader of standard output is gone" err
exec 3>&-

# What somebody still writes to stays.
mkdir kept4
clip open.mp4 "$day 10:01:00Z"
mkfifo feed
perl -e 'open my $f, ">>", "open.mp4"; $| = 1; print "open\n"; <STDIN>' <feed >is_open &
writer=$!
exec 7>feed
wait_for 10 grep -q open is_open
echo open.mp4 | segpack kept4 >took 2>err
is "still open for writing: it stays" "$?:$(cat took):$(ls open.mp4)" "75::open.mp4"
exec 7>&-
wait $writer
finish
