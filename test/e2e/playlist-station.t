#!/bin/sh
# A station with PLAYLIST: its settings, what it shows, an edit, a kill of each tool, a restart, and what is
# refused. Nothing of the library changes.
. "$(dirname "$0")/../idle.sh"
mkdir -p etc/streamhub/stations lib
conf=etc/streamhub/stations/l.conf
cleanup_hook="stationctl --backend process stop l 2>/dev/null; $cleanup_hook"
status() { stationctl status -j l; }
station() { # KEY=VALUE...
	printf '%s\n' RTMP_URL="rtmp://127.0.0.1:$port/live/key" "$@" >$conf
	chmod 600 $conf
}
for name in a b c d; do clip lib/$name.mp4 2 -g 25 -bf 0; done
printf 'a.mp4\nb.mp4\nc.mp4\n' >lib/list.m3u
library() { find lib -name '*.mp4' -exec cksum {} + | sort; }
before=$(library)
nginx_starts

# What is wrong is said.
while read -r line wanted; do
	# shellcheck disable=SC2086 # words
	station "PLAYLIST=$T/lib/list.m3u" $line
	run stationctl check l
	like "refused: $line" "$rc:$err" "78:*$wanted*"
done <<X
WATCH_DIR=$T/lib a station with PLAYLIST has none
AFTER_PLAY=delete the clips of a list come again
MAX_LAG=300 no clip of a list is late
SOURCE_URL=rtsp://127.0.0.1/x the station has a SOURCE_URL
TZ=Europe/Madird there is no such time zone
PLAYLIST=$T/lib/none.m3u No such file or directory
X

station "PLAYLIST=$T/lib/list.m3u" TZ=Europe/Madrid
run stationctl check l
is "check" "$rc:$err" 0:
# A camera's station would delete the library.
printf '%s\n' "WATCH_DIR=$T/lib" "RTMP_URL=rtmp://127.0.0.1:$port/live/cam" >etc/streamhub/stations/cam.conf
chmod 600 etc/streamhub/stations/cam.conf
run stationctl check l cam
like "check: it is another's drop folder" "$rc:$err" \
	"0:*/l.conf': the library '$T/lib' is the drop folder of station 'cam', which*may delete it*"
like "check: it is another's library" "$err" \
	"*/cam.conf': WATCH_DIR '$T/lib' is the library of station 'l': what is played is taken from it"
rm etc/streamhub/stations/cam.conf
run stationctl --backend process start l
is "start" "$rc" 0
[ "$rc" -eq 0 ] || show "$err"
beats() { [ "$(value run/streamhub.d/l/heartbeat count 2>/dev/null)" -ge "$1" ] 2>/dev/null; }
ok "it plays" wait_for 30 beats 3
shows() {
	status | grep -q '"state":"playing".*"entry":[123],"entries":3,"round":[12],"missing":0,"next":".*4"'
}
ok "status: which entry plays, and the next one" wait_for 20 shows
run stalecheck l
like "stalecheck" "$rc:$out" "0:l*ok*"
is "its tools" "$(ls run/streamhub.d/l)" "heartbeat
playlist
rtmppush
segcheck
stationrun"
if can_mount; then
	mkdir view
	"$plain/streamhubfs" -f view 2>view.err &
	view=$!
	mine $view
	ok "the view" wait_for 20 test -e view/version
	like "the view: the next entry" "$(cat view/stations/l/next)" "$T/lib/?.mp4"
	like "the view: the fact" "$(cat view/stations/l/tools/playlist)" "*entries: 3*"
	like "metrics" "$(cat view/metrics)" '*streamhub_list_entries{station="l"} 3*'
	is "no quarantine" "$(ls view/stations/l/failed 2>/dev/null)" ""
	kill $view
	reap $view
	is "the view ends: $(cat view.err)" $? 0
else
	skip "the view" "$no_view"
fi

# An edit, while it plays.
printf 'd.mp4\n' >>lib/list.m3u
knows() { status | grep -q '"entries":4,'; }
ok "an entry is added" wait_for 20 knows
on_air() { status | grep -q "\"now\":\"$T/lib/d.mp4\""; }
ok "and is on the air" wait_for 30 on_air

# Killed: all is started again, and goes on.
plays() { status | grep -q '"state":"playing".*"entries":4'; }
for tool in playlist segcheck rtmppush hbwrite; do
	old=$(value run/streamhub.d/l/rtmppush pid)
	rm -f run/streamhub.d/l/backoff.*
	pid=$(pgrep -o -f "^$tool .*$T/")
	ok "$tool is killed" kill -9 "${pid:-none}"
	is_new() { plays && [ "$(value run/streamhub.d/l/rtmppush pid)" != "$old" ]; }
	ok "$tool is killed: it goes on" wait_for 60 is_new
done
run stationctl --backend process stop l
is "stop" "$rc" 0
like "the place is kept" "$(head -n 1 var/lib/streamhub/l/list/place | cut -f 5)" "$T/lib/?.mp4"
cursor=$(cut -f 2 var/lib/streamhub/l/player/cursor)
run stationctl --backend process start l
goes_on() { [ "$(status | sed 's/.*"now":"\([^"]*\)".*/\1/')" = "$cursor" ]; }
ok "started: with the clip that played" wait_for 20 goes_on

# Nothing is deleted, whoever asks.
run stationctl --backend process stop l
run stationctl clean played -y l
like "clean" "$rc:$err" "0:*the clips of a list are nobody's to remove*"
is "nothing of the library has changed" "$(library)" "$before"
# All of it is bad: a person must look.
for name in a b c d; do head -c 2000 lib/$name.mp4 >part && cat part >lib/$name.mp4; done
run stationctl --backend process start l
in_error() { status | grep -q '"state":"error"'; }
ok "all of it is bad: it is in error" wait_for 60 in_error
run stationctl --backend process stop l
nginx_ends
finish
