#!/bin/sh
# stationctl test: a pattern is pushed to the server of a station, and what it says of that is told.
. "$(dirname "$0")/../control.sh"
mkdir drop tmp
export TMPDIR="$T/tmp"
nothing_left() { [ -z "$(ls "$TMPDIR")" ]; }
one_station

# test: nobody there, refused, accepted.
run stationctl test 1
like "test: nobody listens" "$rc:$out:$err" \
	"69:1${tab}failed:*rtmp://127.0.0.1:$port/live*cannot be reached*Connection refused*"
is "test: no secret" "$(echo "$err" | grep -c secretkey)" 0
given_up='giving up after 1 failures'
# One that hangs up when it has heard the key, and one that takes the broadcast before it does so.
for bytes in "" 1; do
	# shellcheck disable=SC2086 # none or one
	perl "$top/test/hostile-server.pl" "$port" leaving $bytes &
	leaves=$!
	mine $leaves
	wait_for 10 listens "$port"
	run stationctl test 1
	reap $leaves
	like "test: hangs up ${bytes:+later}: said" "$rc:$out:$err" \
		"69:1${tab}failed:*rtmp://127.0.0.1:$port/live/\*\*\*': *: it may refuse the key; $given_up"
done
if [ -e "$rtmp_module" ]; then
	nginx_starts
	for signal in INT TERM; do
		rm -f err # of the signal before
		env --default-signal=INT stationctl test 1 >out 2>err &
		pid=$!
		mine $pid
		wait_for 10 grep -q connected err
		kill -$signal $pid
		reap $pid
		is "test: ended by SIG$signal is not accepted" "$?:$(cat out)" "69:1${tab}failed"
		ok "test: ended by SIG$signal leaves nothing" nothing_left
	done
	nginx_ends
	rm -rf rec
	nginx_starts
	run stationctl test 1
	like "test: accepted" "$rc:$out:$err" \
		"0:1${tab}accepted:*[[]INFO]*'rtmp://127.0.0.1:$port/live/\\*\\*\\*': connected*"
	nginx_ends
	is "test: all of the pattern" "$(packets rec/*.flv video)" \
		"$(packets "$top/tools/stationctl/pattern.mp4" video)"
	is "test: and its sound" \
		"$(packets rec/*.flv audio | sort -u | wc -l)" \
		"$(packets "$top/tools/stationctl/pattern.mp4" audio | sort -u | wc -l)"
	ok "test: nothing is left" nothing_left
	nginx_starts 'application closed { live on; deny publish all; }'
	one_station "RTMP_URL=rtmp://127.0.0.1:$port/closed/secretkey"
	run stationctl test 1
	like "test: refused" "$rc:$out:$err" \
		"69:1${tab}failed:*rtmp://127.0.0.1:$port/closed/\*\*\*': *giving up after 1 failures"
	nginx_ends
	one_station AFTER_PLAY=keep MIN_FILE_AGE=0 HOLD_NEWEST=never
else
	skip "test: accepted" "no $rtmp_module"
fi
TMPDIR=$T/nowhere run stationctl test 1
like "test: no room for it" "$rc:$out:$err" \
	"74:1${tab}failed:*test pattern '$T/nowhere/streamhub-*': No such file*"
run_full env TMPDIR="$T/drop" stationctl test 1
like "test: a full disk" "$rc:$out" "74:*test pattern '$T/drop/streamhub-*': File too large*1${tab}failed"
is "test: a full disk: nothing is left" "$(find drop -name 'streamhub-*')" ""
run env PATH=/nowhere "$BIN/stationctl" test 1
like "test: found beside it" "$rc:$out" "69:*"
mkdir bin
cp "$(command -v stationctl)" bin
run env PATH=/nowhere bin/stationctl test 1
like "test: no rtmppush" "$rc:$out:$err" "71:1${tab}failed:*'rtmppush' cannot be run:*"
finish
