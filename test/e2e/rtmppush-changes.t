#!/bin/sh
# rtmppush and what changes while it plays: the clip, the server, its own time, and the folder of its cursor.
. "$(dirname "$0")/../sink.sh"
clips 1 2 3
mkdir s
make_clip long.mp4 3
make_clip longer.mp4 8

# Changed, while it is played.
sink -1
rtmppush --lead 0 --retries 3 -s s <<X >out 2>err &
long.mp4
d/1.mp4
X
push=$!
mine $push
wait_for 20 begun
touch -d 2026-01-03 long.mp4
reap $push
is "changed: exit code and output" "$?:$(cat out)" "74:d/1.mp4"
like "changed: said" "$(cat err)" "*'long.mp4' changed while it was played: left where it is*"
is "at the end the fact says so" "$(value s/rtmppush state) $(value s/rtmppush stream)" "stopped disconnected"
reap $sink

# Stopped while there is no session: the cursor has all that had arrived.
sink -1
rtmppush --lead 0 -s s -c cursor <<X >out 2>err &
longer.mp4
X
push=$!
mine $push
wait_for 20 begun
kill $sink
reap $sink
lost() { grep -q 'again in' err; }
wait_for 20 lost
wait_for 5 grep -q reconnecting s/rtmppush
kill -TERM $push
reap $push
is "stopped without a session: exit code" $? 0
is "stopped without a session: the cursor" "$(cut -f 3 cursor)" "$(value s/rtmppush position)"
rm cursor

# Held up itself, it goes on where it was: no gap at the next clip.
sink -1 --strict
rtmppush --lead 0 -s s <<X >out 2>err &
d/1.mp4
d/2.mp4
d/3.mp4
X
push=$!
mine $push
wait_for 20 begun
kill -STOP $push
goes_on 3
kill -CONT $push
reap $push
is "held up: exit code and output" "$?:$(cat out)" "0:$(ls d/*)"
reap $sink
is "held up: the sink finds nothing wrong" "$?:$(cat sink.err)" "0:"

# The cursor cannot be written.
mkdir gone
sink -1
rtmppush --lead 0 -s s -c gone/cursor <<X >out 2>err &
long.mp4
X
push=$!
mine $push
wait_for 20 [ -s gone/cursor ]
rm -r gone
reap $push
is "no cursor: exit code and output" "$?:$(cat out)" "74:long.mp4"
like "no cursor: said" "$(cat err)" "*cursor 'cursor': 'long.mp4' cannot be noted: No such file*"
reap $sink
finish
