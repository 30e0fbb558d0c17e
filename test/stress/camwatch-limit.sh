#!/bin/sh
# More files than camwatch keeps in mind: it says so, prints those it has, and takes in the
# others when there is room.
. "$(dirname "$0")/../lib.sh"
FILES=$((1000000 + 20))
mkdir d
perl -e 'for (1 .. shift) { mkdir "d/" . int($_ / 10000) if $_ == 1 || $_ % 10000 == 0;
	open F, ">", "d/" . int($_ / 10000) . "/$_.mp4" or die }' $FILES
"$plain/camwatch" -a 0 -n never -i 1 d >out 2>err &
pid=$!
cleanup_hook='kill $pid'
said() { grep -q "more than 1000000 files: the others have to wait" err; }
ok "the limit is said" wait_for 120 said
find d -name '*5.mp4' -delete
echo x >d/0/new.mp4
printed() { grep -q new.mp4 out; }
ok "with room again, what comes is printed" wait_for 120 printed
kill -TERM $pid
wait $pid
is "SIGTERM: exit code" $? 0
cleanup_hook=:
finish
