#!/bin/sh
# A mixed library as a browser shows it: three sizes, two frame rates, B-frames, with and without sound, in
# one session. Its clock goes on, and each size is seen each time.
. "$(dirname "$0")/../browser.sh"
mkdir lib
clip lib/a.mp4 6 -g 25 -bf 0 -s 320x180
clip lib/b.mp4 6 -g 50 -bf 2 -s 480x270
clip lib/c.mp4 6 -g 30 -bf 0 -s 640x360 -r 30 -an
clip lib/d.mp4 6 -g 25 -bf 3 -s 256x144 -ac 2 -ar 48000
ROUNDS=${ROUNDS:-3}
playlist -n $((4 * ROUNDS)) -s live lib | segcheck -o given -p youtube --audio silence 2>segcheck.err |
	rtmppush -o given --audio silence -s live >printed 2>err &
pid=$!
mine $pid
playing() { [ "$(fact state)" = playing ]; }
ok "it plays" wait_for 20 playing
watches
ends() { ! kill -0 $pid 2>/dev/null; }
ok "$ROUNDS rounds" wait_for $((24 * ROUNDS + 40)) ends
unwatches list
is "one session" "$(grep -c 'new session' err)" 0
clock=$(clock)
ok "currentTime goes on with the wall clock: $clock" on_time "$clock"
# The sizes as they follow each other; the viewer came in the first clip.
is "each clip is seen, in order" "$(samples | awk '$3 != width { printf "%s ", width = $3 }')" \
	"$(awk -v n="$ROUNDS" 'BEGIN { while (n--) printf "320 480 640 256 " }')"
finish
