#!/bin/sh
# make run STATION=FILE: a real station, in its own place if it has one; and what is refused.
. "$(dirname "$0")/../demo.sh"

# A real station, by its file; in its own place if it has one.
mkdir -p clips own/etc/streamhub/stations
cp "$top/test/fixtures/good-mp4.mp4" clips
port=$(free_port)
rtmpsink "rtmp://127.0.0.1:$port/live/x" >/dev/null 2>&1 &
sink=$!
mine $sink
printf '%s\n' NAME=Real "WATCH_DIR=$T/clips" \
	"RTMP_URL=rtmp://127.0.0.1:$port/live/x" MIN_FILE_AGE=0 HOLD_NEWEST=never >cam.conf
chmod 644 cam.conf
ok "a real one: it starts" demo_starts cam.conf
gone() { [ ! -e clips/good-mp4.mp4 ]; }
ok "a real one: it plays" wait_for 30 gone
is "a real one: its settings are private" "$(stat -c %a demo/demo-cam/etc/streamhub/stations/cam.conf)" 600
run "$top/contrib/demo" cam.conf
like "a real one: not twice" "$rc:$err" "1:*station 'cam' runs already*"
ok "and it goes on" kill -0 $demo
demo_ends INT
is "a real one: it ends" "$rc" 0
cp cam.conf own/etc/streamhub/stations
ok "in its own place" demo_starts own/etc/streamhub/stations/cam.conf
ok "in its own place: that is where it is" [ -e own/run/streamhub.d/cam/stationrun ]
demo_ends INT
is "in its own place: it ends" "$rc:$(cat own/var/lib/streamhub/cam/desired)" 0:down
run env -u MAKEFLAGS -u MAKELEVEL STREAMHUB_ROOT="$T/own" make -s -C \
	"$top" BUILD="$plain" test-stream STATION=cam
like "make test-stream STATION=ID" "$rc:$out" "0:cam	accepted"
run env -u MAKEFLAGS -u MAKELEVEL RTMP_URL="rtmp://127.0.0.1:$port/live/x" make -s -C \
	"$top" BUILD="$plain" test-stream
like "make test-stream" "$rc:$out" "0:tools/stationctl/pattern.mp4"
kill $sink
reap $sink
sed "s|^WATCH_DIR=.*|WATCH_DIR=$T/other|" cam.conf >other.conf
mkdir -p another other
mv other.conf another/cam.conf
run "$top/contrib/demo" another/cam.conf
like "not with the cursor of another folder" "$rc:$err" "1:*of another WATCH_DIR: remove it"
mkdir -p demo/etc/streamhub/stations
echo NAME=Mine >demo/etc/streamhub/stations/1.conf
run "$top/contrib/demo"
like "settings of somebody are left alone" "$rc:$err:$(cat demo/etc/streamhub/stations/1.conf)" \
	"1:*1.conf' is not of the demo: it is left alone:NAME=Mine"
run "$top/contrib/demo" nothing.conf
like "no such file" "$rc:$err" "1:*nothing.conf*"
run "$top/contrib/demo" demo.out
like "no settings" "$rc:$err" "1:*demo.out': the settings of a station are called ID.conf"
printf 'WATCH_DIR=x\n' >bad.conf
run "$top/contrib/demo" bad.conf
like "bad settings" "$rc:$err" "78:*WATCH_DIR*"
ok "nothing is left at the end" wait_for 10 nothing_left
finish
