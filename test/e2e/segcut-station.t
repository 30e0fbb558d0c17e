#!/bin/sh
# A station with SOURCE_URL: its live source is recorded, or recorded and relayed; killed and lost.
. "$(dirname "$0")/../segcut.sh"
mkdir -p etc/streamhub/stations drop
conf=etc/streamhub/stations/r.conf
cleanup_hook="stationctl --backend process stop r 2>/dev/null; $cleanup_hook"
fact() { value "run/streamhub.d/r/$1" "$2" 2>/dev/null; }
# station KEY=VALUE...: its settings.
station() {
	printf '%s\n' "WATCH_DIR=$T/drop" "$@" >$conf
	chmod 600 $conf
}
clips() { find drop -name '*Z.mp4' | sort; }
has_clips() { [ "$(clips | wc -l)" -ge "$1" ]; }
status() { stationctl status -j r; }
source_file source.flv 40 -c:a aac -f flv
nginx_starts

# push: the source, for as long as it lasts.
push() {
	ffmpeg -v error -nostdin -re -i source.flv -c copy -f flv "$RTMP_URL-in" 2>sender.err &
	sender=$!
	mine $sender
	wait_for 20 grep -q "publish: name='key-in'" error.log
}
RTMP_URL=rtmp://127.0.0.1:$port/live/key
push
station "SOURCE_URL=$RTMP_URL-in" SEGMENT_TIME=2 MIN_FILE_AGE=0
run stationctl check r
is "check" "$rc:$err" 0:
run stationctl test r
like "test: what the source sends" "$rc:$out" \
	"0:r*h264 160x120, 25 pictures/s, aac 44100 Hz 1 channels, * kbit/s"
run stationctl --backend process start r
is "start" "$rc" 0
ok "clips come" wait_for 30 has_clips 2
ok "the heartbeat beats" [ -s run/streamhub.d/r/heartbeat ]
is "nothing is sent, nothing watches" "$(ls run/streamhub.d/r)" "heartbeat
segcut
stationrun"
like "status: recording" "$(status)" \
	'*"state":"recording","stream":"disconnected"*"source":"connected","clip":"*Z.mp4"*"lost":*'
run stalecheck r
like "stalecheck" "$rc:$out" "0:r*ok*"
if can_mount; then
	mkdir view
	"$plain/streamhubfs" -f view 2>view.err &
	view=$!
	mine $view
	ok "the view" wait_for 20 test -e view/version
	is "the view: its state" "$(cat view/stations/r/state)" recording
	like "the view: the fact" "$(cat view/stations/r/tools/segcut)" "*state: recording*"
	like "the view: no address" "$(cat view/stations/r/config)" "*SOURCE_URL=[*][*][*]*"
	like "metrics" "$(cat view/metrics)" '*streamhub_source_connected{station="r"} 1*'
	kill $view
	reap $view
	is "the view ends: $(cat view.err)" $? 0
else
	skip "the view" "$no_view"
fi
is "no address in argv or a log" \
	"$(pgrep -af "$T/drop" | grep -c key-in):$(grep -rc key-in run var | grep -vc ':0$')" 0:0

# Killed: stationrun starts all again, and the part is kept.
kill -9 "$(fact segcut pid)"
before=$(clips | wc -l)
ok "killed: it records again" wait_for 40 has_clips $((before + 2))
is "no part is left but one" "$(find drop -name '.*.part' | wc -l)" 1
# Lost: it says so, and is well until it is silent.
kill $sender
is_away() { status | grep -q '"state":"reconnecting".*"error":"[^"]'; }
ok "the source is lost: reconnecting, and why" wait_for 30 is_away
run stationctl --backend process stop r
is "stop" "$rc" 0
is "all parts are clips" "$(find drop -name '.*.part' | wc -l)" 0

# Relayed: the clips are checked, sent by their names, and stay.
rm -rf drop/* run var
push
station "SOURCE_URL=$RTMP_URL-in" "RTMP_URL=$RTMP_URL-out" SEGMENT_TIME=2
run stationrun -n r
like "relayed: its pipeline" "$(echo "$out" | tr '\n' ' ')" \
	"*segcut *-c */player/cursor *segcheck *rtmppush -t keep *-L keep *-o name *hbwrite *"
run stationctl unit r
is "relayed: its units delete nothing, and go by names" \
	"$(echo "$out" | grep -c '^Environment="STREAMHUB_MORE=-t keep .*-L keep -o name"$')" 1
stationctl --backend process start r 2>/dev/null
plays() { [ "$(fact rtmppush played)" -ge 2 ] 2>/dev/null; }
ok "relayed: clips are played" wait_for 40 plays
is "they stay" "$(clips | head -n 2 | xargs ls | wc -l)" 2
like "relayed: playing" "$(status)" '*"state":"playing","stream":"connected"*"source":"connected"*'
like "the cursor goes by names" "$(cat var/lib/streamhub/r/player/cursor)" "*/*Z.mp4*"
stationctl --backend process stop r 2>/dev/null
kill $sender

station SOURCE_URL=rtmp://u:secret@127.0.0.1:1/live/x
run stationctl test r
like "test: nobody there" "$rc:$out:$err" \
	"69:r*source failed:*segcut*'rtmp://127.0.0.1:1': Connection refused"
is "test: no secret" "$(grep -c secret .err)" 0

# Settings that would lose clips, or name no source.
while IFS='|' read -r line message; do
	station "SOURCE_URL=rtsp://127.0.0.1/x" "$line"
	run stationctl check r
	like "$line" "$rc:$err" "78:*$message*"
done <<X
AFTER_PLAY=delete|AFTER_PLAY: expected keep: of a source's clips only KEEP_FOR and KEEP_BYTES delete
SOURCE_URL=file:///etc/passwd|SOURCE_URL: expected an address of rtmp, rtsp, http, srt, tcp or udp
SEGMENT_TIME=0|SEGMENT_TIME: expected seconds, 1 to 3600
KEEP_BYTES=1G|KEEP_BYTES: expected bytes, 0 to
X
is "no address is said" "$(grep -c passwd .err)" 0
station "SOURCE_URL=rtsp://127.0.0.1/x"
chmod 644 $conf
run stationctl check r
like "an address that all may read" "$rc:$err" "0:*everybody can read it, and SOURCE_URL is a secret*"
nginx_ends
finish
