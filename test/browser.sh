# shellcheck shell=sh disable=SC2034,SC2154
# browser.sh: idle.sh for the tests that watch in a browser: mpegts.js in headless Chromium, on HTTP-FLV of
# node-media-server 4, to which $RTMP_URL leads.
. "$(dirname "$0")/../idle.sh"
PATH=$plain:$PATH
: >seen
cannot() { # WHAT
	skip "$1" "$(sed -n 's/^skip //p' seen)"
	finish
}
command -v chromium >/dev/null || saw skip "no chromium"
[ ! -s seen ] && npm_has web playwright-core@1 mpegts.js@1 || cannot "a browser"
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
media_server_starts 4 "$http" "$T/pages" && wait_for 20 listens "$http" || cannot "a browser"

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

# unwatches NAME: ends it, says what it saw, and that the player met no error.
unwatches() {
	kill $watcher
	reap $watcher
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
