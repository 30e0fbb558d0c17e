#!/bin/sh
# rtmppush --idle still: the filler passes 2^24 ms, where FLV's stamps need their upper byte, and ends the
# session before 2^31 ms, as between clips.
. "$(dirname "$0")/../idle.sh"
clip one.mp4 1 -g 25 -bf 0
nginx_starts

# passes STAMP: a clip and filler from that stamp on, by a clock five times as fast.
passes() {
	faketime -f '+0 x5' "$plain/rtmppush" -s live --idle still --first-stamp "$1" <paths >printed 2>err &
	pid=$!
	mine $pid
	exec 9>paths
	echo one.mp4 >&9
}
passes 16775000
ok "2^24: filler" wait_for 30 filled 5
exec 9>&-
reap $pid
is "2^24: one session" "$?:$(grep -c connected err)" 0:1
recording=$(ls -d rec/*)
decode "$recording"
is "2^24: decoded without a complaint" "$rc:$err" 0:
for kind in v a; do
	is "2^24: $kind: stamps grow, by little" "$(steps "$recording" $kind 130)" ""
	ok "2^24: $kind: it was passed" [ "$(stamps "$recording" $kind | tail -n 1)" -gt 16777216 ]
done

rm -rf rec/* live/rtmppush
new_second
passes $(((1 << 31) - 4 * 3600 * 1000 - 12000))
twice() { [ "$(grep -c connected err)" -ge 1 ] && grep -q 'needs a new session' err && filled 15; }
ok "2^31: a new session goes on with filler" wait_for 30 twice
echo one.mp4 >&9
exec 9>&-
reap $pid
is "2^31: both clips are played" "$?:$(wc -l <printed)" 0:2
nginx_ends
is "2^31: two sessions" "$(find rec -type f | wc -l)" 2
for recording in rec/*; do
	decode "$recording"
	is "2^31: decoded without a complaint" "$rc:$err" 0:
	is "2^31: stamps grow, by little" "$(steps "$recording" v 130)" ""
done
finish
