#!/bin/sh
# stationrun: wrong use, what it would run, a whole pipeline, and what becomes of it when stationrun itself
# is killed or told to end.
. "$(dirname "$0")/../control.sh"
run stationrun --help
like "--help" "$rc:$out" "0:usage: stationrun [[]-ln] ID*"
run stationrun --version
like "--version" "$rc:$out" "0:stationrun [0-9]*"

# What is refused.
run stationrun
is "no ID: refused" "$rc" 64
run stationrun 1 2
is "two IDs: refused" "$rc" 64
run stationrun ../1
is "no ID of a station: refused" "$rc" 64

# What would be run.
settings 'a.b' "AFTER_PLAY=move:$T/it's" "LATE=keep"
run stationrun -n a.b
is "-n: exit code" "$rc:$err" "0:"
like "-n: camwatch" "$out" \
	"$(echo camwatch -a 0 -i 5 -n never -l 300 -L keep -A no -c "$T/var/lib/streamhub/a.b/player/cursor" \
		-s "$T/run/streamhub.d/a.b" -- "$T/drop/a.b") |*"
like "-n: rtmppush, quoted, without the secret" "$out" "*RTMP_URL=\*\*\* rtmppush -t 'move:$T/it'\\\\''s' *"
like "-n: rtmppush, what lasts too long" "$out" \
	"* -L keep -q $T/drop/a.b/_failed --max-clip 3600 -p rtmp --audio profile --idle still *"
ok "-n: nothing is made" [ ! -e run ]
settings bad "MAX_LAG=1h"
run stationrun --dry-run bad
like "-n: bad settings" "$rc:$err" \
	"78:*station 'bad': settings: line 5: MAX_LAG: expected seconds, 0 to 31622400"
run stationrun -n nothing
like "-n: no settings" "$rc:$err" "78:*station 'nothing': settings: No such file or directory"

run env STREAMHUB_ROOT="/$(printf %04090d 0)" stationrun 1
like "too long a STREAMHUB_ROOT" "$rc:$err" "78:*station '1': STREAMHUB_ROOT is too long"

# A whole pipeline, with its log in a file that is full.
settings 1 "LOG_LEVEL=DEBUG"
mkdir -p var/lib/streamhub/1
yes "an old line" | head -c 1200000 >var/lib/streamhub/1/log
cp "$good" drop/1/20260102_100000.mp4
rtmpsink -o got.flv "rtmp://127.0.0.1:$port/live/secretkey" >sink.out 2>sink.err &
sink=$!
mine $sink
starts 1 -l
one=$pid
ok "a pipeline: it runs" wait_for 30 says 1 state running
is "a pipeline: the fact names it" "$(fact 1 pid)" "$one"
is "a pipeline: and when it began" "$(fact 1 ticks)" "$(cut -d ' ' -f 22 /proc/$one/stat)"
is "a pipeline: nothing is wrong" "$(fact 1 restarts):$(fact 1 next):$(fact 1 error)" "0:0:"
ok "a pipeline: the clip is played" wait_for 60 all_played 1
ok "a pipeline: there is a heartbeat" wait_for 10 [ -e run/streamhub.d/1/heartbeat ]
like "a pipeline: the heartbeat names the clip" "$(value run/streamhub.d/1/heartbeat last)" \
	"*20260102_100000.mp4"
run stationrun 1
like "a second one: refused" "$rc:$err" "75:*station '1': it runs already"
ok "a second one: the first goes on" all_run 1
run stationrun --free 1
is "--free: it runs" "$rc:$out:$err" "1::"

kill -TERM $sink
reap $sink
packets got.flv | sort >got
is "a pipeline: every packet arrived" "$(packets "$good" | sort | comm -23 - got)" ""

# The secret is where it must be, and nowhere else.
told=$(cat "/proc/$one/cmdline" "/proc/$one/environ" run/streamhub.d/1/* run/streamhub.d/1/.lock \
		var/lib/streamhub/1/* err.1
	for name in camwatch segcheck rtmppush hbwrite; do
		cat "/proc/$(tool 1 $name)/cmdline" "/proc/$(tool 1 $name)/environ"
	done | tr '\0' '\n')
like "the secret: it was looked at" "$told" "*LOG_LEVEL=DEBUG*"
is "the secret: nowhere" "$(echo "$told" | grep -a -c secretkey)" 0
ok "the log: the old one is put aside" [ "$(stat -c %s var/lib/streamhub/1/log.1)" -ge 1000000 ]
ok "the log: the new one is short" [ "$(stat -c %s var/lib/streamhub/1/log)" -lt 100000 ]
like "the log: what the tools said" "$(cat var/lib/streamhub/1/log)" \
	"*[[]rtmppush] 'rtmp://127.0.0.1:$port/live/[*][*][*]': connected*"
is "the log: not on standard error" "$(cat err.1)" ""

is_free() { flock -n "run/streamhub.d/$1/.lock" true; }

# stationrun is killed: nothing is left, and another one takes over.
kill -9 "$one"
reap "$one"
starts 1
ok "kill -9 stationrun: the next one runs" wait_for 10 says 1 pid $pid
ok "kill -9 stationrun: all run" wait_for 10 all_run 1
like "kill -9 stationrun: what was left is told" "$(cat err.1)" \
	"*station '1': was not stopped in order: 4 facts removed*"
is "kill -9 stationrun: one of each" \
	"$(pgrep -c -f "^(camwatch|rtmppush|hbwrite) (.* )?$T/run/streamhub\.d/1( |/|\$)")" 3
kill -9 $pid
reap $pid
ok "kill -9 again: nothing is left" wait_for 10 none_runs 1
ok "kill -9 again: the lock is free" wait_for 10 is_free 1
ok "kill -9 again: the fact is" [ -e run/streamhub.d/1/stationrun ]

# A fact of somebody else, or noise, keeps nobody from running.
sed -i "s/^pid: .*/pid: $$/" run/streamhub.d/1/stationrun
starts 1
ok "the number is somebody's: it runs" wait_for 10 says 1 pid $pid
# shellcheck disable=SC2086 # words
kill -TERM $pid
reap $pid
is "SIGTERM: exit code" $? 0
ok "SIGTERM: nothing is left" none_runs 1
run stationrun --free 1
is "--free: nothing runs" "$rc:$out:$err" "0::"
for stage in camwatch:0 segcut:1 hbwrite:0; do
	run stationrun --free --stage "${stage%:*}" 1
	is "--stage: a camera's station, and $stage" "$rc:$out:$err" "${stage#*:}::"
done
run stationrun --free --stage nonsense 1
like "--stage: none" "$rc:$err" "64:*option --stage: 'nonsense' is no stage*"

# --free asks as root in a folder of somebody else's: it makes, follows and awaits nothing.
mkdir -p run/streamhub.d/odd elsewhere
for put in "true" "ln -s $T/made run/streamhub.d/odd/.lock" "mkfifo run/streamhub.d/odd/.lock" \
	"ln -s $T/elsewhere run/streamhub.d/way"; do
	$put
	run timeout 10 stationrun --free odd
	is "--free: after '${put%% *}'" "$rc:$(ls elsewhere):$([ -e made ] && echo made)" "0::"
	rm -f run/streamhub.d/odd/.lock
done
run stationrun --free way
is "--free: the station is a link" "$rc" 0
run stationrun --free nowhere
is "--free: no such station" "$rc:$([ -e run/streamhub.d/nowhere ] && echo made)" "0:"
rm -rf run/streamhub.d/odd run/streamhub.d/way
is "SIGTERM: only the heartbeat stays" "$(ls run/streamhub.d/1)" heartbeat
finish
