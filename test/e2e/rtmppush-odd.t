#!/bin/sh
# rtmppush and odd lists of clips: more than it holds, out of order, repeated, and begun already.
. "$(dirname "$0")/../sink.sh"
clips 1 2 3

# More than it takes in hand, at once and with an end.
mkdir many
make_clip tiny.mp4 0.1
for n in $(seq 101 300); do
	cp tiny.mp4 many/$n.mp4
done
sink -1
ls many/* >in.list
run rtmppush --lead 10000 --retries 3 <in.list
reap $sink
is "200 paths: all are played" "$rc:$(echo "$out" | cksum)" "0:$(cksum <in.list)"

# Never back, whatever order the names come in, and a name that comes twice.
sink -1 -o got.flv
push "d/2.mp4 d/1.mp4 d/2.mp4 d/3.mp4 d/3.mp4" -c cursor -d d
reap $sink
is "out of order: those behind are played" "$rc:$(echo $out)" "0:d/2.mp4 d/3.mp4"
is "out of order: each once" "$(packets got.flv video)" "$(packets d/2.mp4 video && packets d/3.mp4 video)"
is "out of order: the others are named" "$(echo "$err" | grep -c 'the cursor has passed it')" 3
rm cursor

# The cursor goes by the same order as camwatch.
mkdir by
for n in 1 2 3; do
	cp d/$n.mp4 by/$n.mp4
	touch -d "2026-01-02 10:00:0$((4 - n))" by/$n.mp4
done
sink -1
camwatch -1 -a 0 -o name -l 0 -n never by >names 2>camwatch.err
run rtmppush --lead 10000 --retries 3 -c cursor -d by -o name <names
reap $sink
is "-o name: all are played" "$rc:$(echo $out)" "0:by/1.mp4 by/2.mp4 by/3.mp4"
is "-o name: the cursor is at the last" "$(cut -f 2 cursor)" 3.mp4
rm cursor

# Begun, and named again.
printf '%s\t1.mp4\t500\n' "$(stat -c %.9Y d/1.mp4 | tr -d .)" >cursor
sink -1 -o got.flv
(cd d && printf '1.mp4\n2.mp4\n' | rtmppush --lead 10000 --retries 3 -c ../cursor >../out 2>../err)
reap $sink
is "begun, and named again: played on" "$(tr '\n' ' ' <out)" "1.mp4 2.mp4 "
is "begun, and named again: from where it was" "$(packets got.flv video)" \
	"$(packets d/1.mp4 video | tail -n 5 && packets d/2.mp4 video)"
rm cursor
finish
