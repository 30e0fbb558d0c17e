#!/bin/sh
# make run: the demo shows what it should, also without the view, and leaves nothing behind; and a
# real station by its file.
. "$(dirname "$0")/../rtmp.sh"
export BUILD="$BIN"
export STREAMHUB_ROOT="$T/demo"
# A killed demo leaves what the next one ends.
cleanup_hook='kill $demo 2>/dev/null; stationctl stop-all --pause 0 2>/dev/null
	kill ${left-} 2>/dev/null; '"$cleanup_hook"

# shellcheck disable=SC2120 # sometimes
demo_starts() { # [FILE]
	rm -f demo.out # of the one before
	env --default-signal=INT "$top/contrib/demo" "$@" >demo.out 2>demo.err &
	demo=$!
	wait_for 30 grep -q 'Ctrl-C ends it' demo.out
}
# demo_ends SIGNAL
demo_ends() {
	kill "-$1" $demo
	wait $demo
	rc=$?
}
# The server's address names no folder: it is known by the port.
nothing_left() {
	! pgrep -f "$T/" >/dev/null && ! grep -q "$T/" /proc/self/mounts &&
		! pgrep -f "^rtmpsink rtmp://127.0.0.1:$(cat port)/live/demo$" >/dev/null
}
clip() { value "$STREAMHUB_ROOT/run/streamhub.d/1/rtmppush" played; }
played() { [ "$(clip)" -ge "$1" ] 2>/dev/null; }
told_late() { grep -q "late.mp4' is late, .*: deleted" "$STREAMHUB_ROOT/var/lib/streamhub/1/log"; }
broken() { [ -e "$(echo "$STREAMHUB_ROOT"/drop/_failed/*-broken.mp4.reason)" ]; }

ok "it starts" demo_starts
sed -n 's/^RTMP_URL=.*:\([0-9]*\)\/.*/\1/p' demo/etc/streamhub/stations/1.conf >port
like "it says what to look at" "$(cat demo.out)" "*demo/run/streamhub*/1/status*make status*"
if can_mount; then
	ok "the view shows it" wait_for 20 grep -q '^state: playing' demo/run/streamhub/stations/1/status
else
	skip "the view shows it" "$no_view"
fi
ok "clips are played" wait_for 30 played 2
ok "a broken clip is put away" wait_for 30 broken
ok "a late one is told" wait_for 60 told_late
run env -u MAKEFLAGS -u MAKELEVEL make -s -C "$top" BUILD="$plain" status
like "make status" "$rc:$out" "0:* Demo (1) running pid *"
run env -u MAKEFLAGS -u MAKELEVEL make -s -C "$top" BUILD="$plain" test-stream STATION=1
like "make test-stream: not while it runs" "$rc:$err" "2:*station '1': it runs, or somebody is at it: stop it first*"
ok "rows of the summary follow" grep -q '^1 .*up.*Demo' demo.out
run "$top/contrib/demo"
like "another one beside it: refused" "$rc:$err" "1:demo: a demo runs below '*/demo' already"
demo_ends INT
is "Ctrl-C ends it" "$rc:$(tail -n 1 demo.out)" "0:demo: ended; nothing runs any more, and demo/ stays to be looked at"
like "nothing odd was said" "$(grep -v INFO demo.err)" ""
ok "nothing is left" nothing_left

# Its server ends: said, and the end.
demo_starts
kill "$(pgrep -P $demo rtmpsink)"
wait $demo
like "the server has ended: said" "$?:$(cat demo.err)" "1:*the server has ended: *"

# Killed, and started again; while the usual port is somebody else's; with no way to mount.
demo_starts
left=$(pgrep -P $demo rtmpsink)
kill -9 $demo
wait $demo 2>/dev/null
all_gone() { for pid in $left; do ! kill -0 "$pid" 2>/dev/null || return; done; }
ok "killed: its server goes with it" wait_for 10 all_gone
perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die; sleep 600' "$(cat port)" &
squatter=$!
mine $squatter
ok "somebody else has the port" wait_for 10 listens "$(cat port)"
mkdir bin
printf '#!/bin/sh\necho "fuse: device not found" >&2\nexit 69\n' >bin/streamhubfs
chmod +x bin/streamhubfs
for tool in "$BIN"/*; do
	[ -d "$tool" ] || [ -e "bin/${tool##*/}" ] || ln -s "$tool" bin/
done
BUILD=$T/bin
ok "killed: it starts again" demo_starts
like "without FUSE: said" "$(cat demo.out)" "*no view, as FUSE is not permitted here: fuse: device not found*"
ok "without FUSE: a line of the status" wait_for 20 grep -q 'Demo (1) running pid' demo.out
ok "the server has another port" [ "$(sed -n 's/^RTMP_URL=.*:\([0-9]*\)\/.*/\1/p' demo/etc/streamhub/stations/1.conf)" -gt "$(cat port)" ]
demo_ends TERM
is "SIGTERM ends it" "$rc" 0
kill $squatter
reap $squatter
BUILD=$BIN
ok "nothing is left of both" wait_for 10 nothing_left

# A real station, by its file; in its own place if it has one.
mkdir -p clips own/etc/streamhub/stations
cp "$top/test/fixtures/good-mp4.mp4" clips
port=$(free_port)
rtmpsink "rtmp://127.0.0.1:$port/live/x" >/dev/null 2>&1 &
sink=$!
mine $sink
printf '%s\n' NAME=Real "WATCH_DIR=$T/clips" "RTMP_URL=rtmp://127.0.0.1:$port/live/x" MIN_FILE_AGE=0 HOLD_NEWEST=never >cam.conf
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
run env -u MAKEFLAGS -u MAKELEVEL STREAMHUB_ROOT="$T/own" make -s -C "$top" BUILD="$plain" test-stream STATION=cam
like "make test-stream STATION=ID" "$rc:$out" "0:cam	accepted"
run env -u MAKEFLAGS -u MAKELEVEL RTMP_URL="rtmp://127.0.0.1:$port/live/x" make -s -C "$top" BUILD="$plain" test-stream
like "make test-stream" "$rc:$out" "0:libcommon/pattern.mp4"
kill $sink
reap $sink
sed "s|^WATCH_DIR=.*|WATCH_DIR=$T/other|" cam.conf >other.conf
mkdir -p another other
mv other.conf another/cam.conf
run "$top/contrib/demo" another/cam.conf
like "not with the cursor of another folder" "$rc:$err" "1:*of another WATCH_DIR: remove it"
echo NAME=Mine >demo/etc/streamhub/stations/1.conf
run "$top/contrib/demo"
like "settings of somebody are left alone" "$rc:$err:$(cat demo/etc/streamhub/stations/1.conf)" "1:*1.conf' is not of the demo: it is left alone:NAME=Mine"
run "$top/contrib/demo" nothing.conf
like "no such file" "$rc:$err" "1:*nothing.conf*"
run "$top/contrib/demo" demo.out
like "no settings" "$rc:$err" "1:*demo.out': the settings of a station are called ID.conf"
printf 'WATCH_DIR=x\n' >bad.conf
run "$top/contrib/demo" bad.conf
like "bad settings" "$rc:$err" "78:*WATCH_DIR*"
ok "nothing is left at the end" wait_for 10 nothing_left
finish
