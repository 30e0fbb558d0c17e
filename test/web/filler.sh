#!/bin/sh
# rtmppush --idle still as a browser shows it: mpegts.js in headless Chromium, on HTTP-FLV of
# node-media-server 4. Its clock goes on, and its picture moves while a clip plays and stays in the filler.
. "$(dirname "$0")/../idle.sh"
PATH=$plain:$PATH
: >seen
cannot() { # WHAT
	skip "$1" "$(sed -n 's/^skip //p' seen)"
	finish
}
command -v chromium >/dev/null || saw skip "no chromium"
[ ! -s seen ] && npm_has web playwright-core@1 mpegts.js@1 || cannot "the filler in a browser"
web=$npm_home
mkdir pages
cp "$web/node_modules/mpegts.js/dist/mpegts.js" pages
cat >pages/index.html <<'X'
<!doctype html>
<meta charset=utf-8>
<link rel=icon href=data:,>
<script src=mpegts.js></script>
<video></video>
X
port=$(free_port)
http=$(free_port)
export RTMP_URL="rtmp://127.0.0.1:$port/live/secretkey"
media_server_starts 4 "$http" "$T/pages" && wait_for 20 listens "$http" || cannot "the filler in a browser"

clip first.mp4 10 -g 25 -s 320x180 -bf 0
clip second.mp4 5 -g 50 -s 480x270 -bf 2
clip third.mp4 5 -g 25 -s 640x360 -bf 0 -x264-params cabac=0
clip tone.mov 10 -g 25 -s 320x180 -bf 0 -ar 8000 -ac 1 -c:a pcm_alaw

# watches: a browser, as $watcher, which writes to "watched". sees MS: its clock has come so far.
watches() {
	node "$top/test/web/watch.js" "$web" "http://127.0.0.1:$http/pages/index.html" \
		"http://127.0.0.1:$http/live/secretkey.flv" >watched 2>watch.err &
	watcher=$!
	mine $watcher
}
samples() { sed -n 's/^sample //p' watched; }
sees() { samples | awk -v ms="$1" 'NR == 1 { first = $2 } { last = $2 } END { exit last - first < ms }'; }
shows() { [ "$(samples | tail -n 1 | cut -d ' ' -f 3)" = "$1" ]; }
playing() { [ "$(fact state)" = playing ]; }
unwatches() {
	kill $watcher
	reap $watcher
	exec 9>&-
	kill $pid
	reap $pid
	figures=$(samples | awk '{ total = $5; dropped = $6 }
		END { print total " pictures, " dropped " of them dropped" }')
	note "$1: $(grep '^browser' watched), $figures, waiting $(grep -c '^event waiting' watched) times"
	stalls | sed 's/^/# /'
	sed -n 's/^hole /# a hole in the picture, from and to, in s: /p' watched
	is "$1: no error of the player" "$(grep '^failed\|^event [^w]' watched)" ""
}

# clock: what the viewer's is to that of the wall, in per cent, and how often it went back.
clock() {
	samples | awk 'NR == 1 { wall = $1; at = $2 } NR > 1 && $2 < last { back++ } { last = $2; now = $1 }
		END { printf "%.1f %d\n", (last - at) * 100 / (now - wall), back }'
}
on_time() { echo "$1" | awk '{ exit !($1 > 97 && $1 < 103 && $2 == 0) }'; }

# stalls: where its clock was held up, or the page was.
stalls() {
	samples | awk 'NR == 1 { wall = $1; at = $2 } { late = $1 - wall - $2 + at
		if (late - before > 100 || $1 - last > 400)
			printf "%d ms after the start, %d wide: %d ms late, %d ms since the sample before, " \
				"%d of %d pictures dropped\n", $1 - wall, $3, late, $1 - last, $6, $5
		before = late; last = $1 }' last=9999999999999
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
unwatches still
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
unwatches aac
clock=$(clock)
ok "aac: currentTime goes on with the wall clock: $clock" on_time "$clock"
is "aac: sound is decoded all the time" "$(grew 7)" 0
note "aac: $(samples | tail -n 1 | cut -d ' ' -f 7) bytes of sound decoded"
kill $server
reap $server 2>/dev/null
finish
