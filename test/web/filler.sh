#!/bin/sh
# rtmppush --idle still as a browser shows it: mpegts.js in headless Chromium, on HTTP-FLV of
# node-media-server 4. Its clock goes on, and its picture moves while a clip plays and stays in the filler.
. "$(dirname "$0")/../browser.sh"
clip first.mp4 10 -g 25 -s 320x180 -bf 0
clip second.mp4 5 -g 50 -s 480x270 -bf 2
clip third.mp4 5 -g 25 -s 640x360 -bf 0 -x264-params cabac=0
clip tone.mov 10 -g 25 -s 320x180 -bf 0 -ar 8000 -ac 1 -c:a pcm_alaw

playing() { [ "$(fact state)" = playing ]; }
# ends NAME: both.
ends() {
	unwatches "$1"
	exec 9>&-
	kill $pid
	reap $pid
}

# scenes: for each size, in order: the width, pictures seen while it moved, ms for which the last one stood,
# and pictures seen once one had stood for two seconds.
scenes() {
	samples | awk 'function scene() {
			if (width) print width, moved, stood, late
			moved = stood = late = 0
		}
		$3 != width { scene(); width = $3; shown = "" }
		$4 != shown { if (stood > 2000) late++; else moved++; shown = $4; since = $1 }
		{ stood = $1 - since > stood ? $1 - since : stood }
		END { scene() }'
}

plays --idle still
echo first.mp4 >&9
wait_for 20 playing
watches
n=1
for file in first:320 second:480 third:640; do
	[ $n -eq 1 ] || echo "${file%:*}.mp4" >&9
	ok "${file%:*}: its size is shown" wait_for 30 shows "${file#*:}"
	ok "${file%:*}: it is played" wait_for 20 played $n
	before=$(fact filler)
	ok "${file%:*}: filler follows" wait_for 30 filled $((before + 8))
	n=$((n + 1))
done
ends still
clock=$(clock)
ok "currentTime goes on with the wall clock: $clock" on_time "$clock"
scenes >scenes
is "the sizes of the clips follow each other" "$(cut -d ' ' -f 1 scenes | paste -s -d ' ')" "320 480 640"
while read -r width moved stood late; do
	note "$width: $moved samples differ, then one stands for $stood ms"
	ok "$width: the picture moves in the clip" [ "$moved" -ge 12 ]
	ok "$width: and stays in the filler" [ "$stood" -ge 4000 ]
	is "$width: nothing else is shown in it" "$late" 0
done <scenes
grew() { # FIELD: how often it did not, in a second
	samples | awk -v f="$1" 'NR % 5 == 1 { if (NR > 1 && $f <= last) n++; last = $f } END { print n + 0 }'
}
is "pictures are decoded all the time" "$(grew 5)" 0

# Sound that was G.711.
plays --idle still --audio aac
echo tone.mov >&9
wait_for 20 playing
watches
ok "aac: it plays" wait_for 30 shows 320
before=$(fact filler)
ok "aac: filler follows" wait_for 30 filled $((before + 5))
ok "aac: the browser plays on" wait_for 30 sees 8000
ends aac
clock=$(clock)
ok "aac: currentTime goes on with the wall clock: $clock" on_time "$clock"
is "aac: sound is decoded all the time" "$(grew 7)" 0
note "aac: $(samples | tail -n 1 | cut -d ' ' -f 7) bytes of sound decoded"
kill $server
reap $server 2>/dev/null
finish
