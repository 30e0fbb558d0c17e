#!/bin/sh
# The troubles of streamhub(7): states that are called error, and what ends them.
. "$(dirname "$0")/../troubles.sh"
# Errors.
settings bad MAX_LAG=5m
becomes bad error "settings: line 5: MAX_LAG: expected seconds, 0 to 31622400"
own gone; rmdir drop/gone
stationrun gone 2>>start.err & # as if its disk were not mounted yet
mine $!
becomes gone error "WATCH_DIR '/srv/ftp/camera1': No such file or directory"
# All that comes is refused; a restart does not hide it, and a good clip ends it.
hevc() { for clip; do cp "$top/test/fixtures/h265.mp4" "drop/refuses/$clip.mp4" || return; done; }
started refuses; hevc 1 2
wait_for 30 [ -e drop/refuses/_failed/2.mp4.reason ]
ok "two refused clips are no error" state refuses waiting
hevc 3
becomes refuses error "3 of 3 clips refused: the video is hevc"
ok "refuses: it needs attention" [ -L "$all/attention/refuses" ]
ok "refuses: status.json" grep -qF '"state":"error"' "$all/stations/refuses/status.json"
ok "refuses: metrics" grep -qxF 'streamhub_healthy{station="refuses"} 0' "$all/metrics"
stalecheck -q refuses | grep -q "refuses.error"
is "refuses: stalecheck" $? 0
stationctl restart refuses 2>>start.err
becomes refuses error "3 of 3 clips refused: the video is hevc"
run stationctl status refuses
like "refuses: stationctl status" "$rc:$out" \
	"1:✗ refuses (refuses) running pid * · error · 3 of 3 clips refused: the video is hevc"
clip refuses/4.mp4
becomes refuses playing
has_mark() { stationctl status refuses | grep -q '^✓.*playing'; }
ok "refuses: only what plays has the mark" wait_for 20 has_mark
# Restarts that did not help: the fact is as orchestrate writes it.
own again
mkdir -p run/streamhub.d/again var/lib/streamhub/again
echo up >var/lib/streamhub/again/desired
{ fact_head 10; printf 'restarts: 5\nreason: heartbeat too old\n'; } >run/streamhub.d/again/orchestrate
becomes again error "restarted 5 times without a clip played, the last as heartbeat too old"

# The folder of a station that runs.
started moved; becomes moved waiting
all_have() {
	for tool in camwatch segcheck rtmppush; do
		[ -s "run/streamhub.d/moved/$tool" ] || return
	done
}
ok "moved: every tool has opened it" wait_for 40 all_have
mv drop/moved drop/elsewhere
seen moved "$all/stations/moved/status" "error: '/srv/ftp/camera1' is gone"
becomes moved error
mv drop/elsewhere drop/moved
becomes moved waiting
started clock
base=$(date +%s)
dated() { cp "$good" c.mp4; touch -d "@$((base - $2))" c.mp4; mv c.mp4 "drop/clock/$1.mp4"; } # NAME SECONDS
dated 1 0
becomes clock playing
for n in 2 3 4; do dated $n 3600; done
becomes clock error \
	"the last 3 clips were late by 3600 s, by the times that come with them: look at the camera's clock"
started killed
wait_for 10 [ -s run/streamhub.d/killed/camwatch ]
kill -9 "$(value run/streamhub.d/killed/camwatch pid)"
becomes killed error "camwatch was ended by signal 9"
finish
