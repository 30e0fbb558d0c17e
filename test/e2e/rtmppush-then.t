#!/bin/sh
# rtmppush -t and -L: what is done with a clip that was played, and with one that is too late.
. "$(dirname "$0")/../sink.sh"
clips 1

# What is done then.
cp -p d/1.mp4 x.mp4
mkdir played
sink -1
push x.mp4 -t move:played
reap $sink
is "-t move" "$rc:$out:$(ls played)" "0:x.mp4:x.mp4"
like "-t move: the log names the folder" "$err" "*'x.mp4' was on the air to 0.9 s: moved to 'played'*"
cp -p d/1.mp4 x.mp4
sink -1
push x.mp4 --then move:played
reap $sink
is "-t move: never over another" "$rc:$out:$(ls played | tr '\n' ' ')" "0:x.mp4:x.1.mp4 x.mp4 "
cp -p d/1.mp4 x.mp4
ln -s . here
sink -1
push x.mp4 -t move:here
reap $sink
is "-t move: to where it is" "$rc:$out:$(ls x.mp4)" "74:x.mp4:x.mp4"
like "-t move: said" "$err" "*'x.mp4' was played, but not moved: File exists*"
sink -1
printf 'x.mp4\0' >names
run rtmppush --lead 10000 --retries 3 -0 -t delete <names
reap $sink
is "-t delete" "$rc:$(ls x.mp4 2>/dev/null):$(cat -A .out)" "0::x.mp4^@"

# Too late.
cp -p d/1.mp4 old.mp4
touch -d 2026-01-01 old.mp4
sink -1
push "old.mp4 d/1.mp4" --lag 60
reap $sink
is "--lag: not played" "$rc:$out:$(ls old.mp4)" "0:d/1.mp4:old.mp4"
sink -1
push "old.mp4 d/1.mp4" -l 60 -L delete
reap $sink
is "-L delete" "$rc:$out:$(ls old.mp4 2>/dev/null)" "0:d/1.mp4:"
like "-L delete: said" "$err" "*'old.mp4' is too far behind the newest: deleted*"
for age in 60 59; do
	cp -p d/1.mp4 old.mp4
	touch -d "2026-01-02 10:00:01 UTC $age seconds ago" old.mp4
	sink -1
	push "old.mp4 d/1.mp4" -l 60
	reap $sink
	is "--lag: $age seconds behind" "$rc:$(echo $out)" "0:$([ $age -eq 60 ] || echo 'old.mp4 ')d/1.mp4"
done
sink -1
push d/1.mp4 --late keep --catch-up 2 -v
reap $sink
is "--late keep, --catch-up, -v" "$rc:$out" "0:d/1.mp4"
run rtmppush --null </dev/null
is "no input" "$rc:$out" "0:"
finish
