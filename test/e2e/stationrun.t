#!/bin/sh
# stationrun: a whole pipeline, and what becomes of it when its parts, its settings or
# stationrun itself fail.
. "$(dirname "$0")/../rtmp.sh"
good=$top/test/fixtures/good-mp4.mp4
mkdir -p etc/streamhub/stations
port=$(free_port)

# settings ID [LINE...]: of a station that plays at once; later lines count.
settings() {
	mkdir -p "drop/$1"
	settings_of=etc/streamhub/stations/$1.conf
	{
		printf '%s\n' "WATCH_DIR=$T/drop/$1" "RTMP_URL=rtmp://127.0.0.1:$port/live/secretkey" \
			MIN_FILE_AGE=0 HOLD_NEWEST=never
		shift
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$settings_of"
}

# starts ID [OPTION...]: leaves its process id in $pid.
starts() {
	stationrun "$@" 2>"err.$1" &
	pid=$!
	mine $pid
}

fact() { value "run/streamhub.d/$1/stationrun" "$2" 2>/dev/null; }
says() { [ "$(fact "$1" "$2")" = "$3" ]; }
error_is() { # ID PATTERN
	# shellcheck disable=SC2254 # it is a pattern
	case $(fact "$1" error) in $2) ;; *) return 1 ;; esac
}
# tool ID NAME: its process id.
tool() { pgrep -o -f "^$2 (.* )?$T/run/streamhub\.d/$1( |/|\$)"; }
all_run() {
	for one_of in camwatch segcheck rtmppush hbwrite; do
		tool "$1" $one_of >/dev/null || return
	done
}
none_runs() { ! pgrep -f "$T/run/streamhub\.d/$1( |/|\$)" >/dev/null; }
is_free() { flock -n "run/streamhub.d/$1/.lock" true; }

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
like "-n: camwatch" "$out" "camwatch -a 0 -i 5 -n never -l 300 -L keep -A no -c $T/var/lib/streamhub/a.b/cursor -s $T/run/streamhub.d/a.b -- $T/drop/a.b |*"
like "-n: rtmppush, quoted, without the secret" "$out" "*RTMP_URL=\*\*\* rtmppush -t 'move:$T/it'\\\\''s' *"
ok "-n: nothing is made" [ ! -e run ]
settings bad "MAX_LAG=1h"
run stationrun --dry-run bad
like "-n: bad settings" "$rc:$err" "78:*station 'bad': settings: line 5: MAX_LAG: expected seconds, 0 to 31622400"
run stationrun -n nothing
like "-n: no settings" "$rc:$err" "78:*station 'nothing': settings: No such file or directory"

run env STREAMHUB_ROOT="/$(printf %04090d 0)" stationrun 1
like "too long a STREAMHUB_ROOT" "$rc:$err" "78:*station '1': STREAMHUB_ROOT is too long"

# These go on side by side: one of whose tools each is killed; one whose settings are broken
# meanwhile; and those that cannot begin.
kills=
for name in camwatch segcheck rtmppush hbwrite; do
	settings $name
	starts $name -v
	kills="$kills $pid"
done
settings broken
starts broken
settings late "SCAN_INTERVAL=0"
starts late
settings gone "WATCH_DIR=$T/drop/not there"
starts gone
starts none
mkdir bin
cp "$(command -v stationrun)" bin
settings toolless
PATH=$T/bin stationrun toolless 2>err.toolless &
mine $!
kills="$kills $!"

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
all_played() { [ -z "$(ls drop/1)" ] || [ "$(ls drop/1)" = _failed ]; }
ok "a pipeline: the clip is played" wait_for 60 all_played
ok "a pipeline: there is a heartbeat" wait_for 10 [ -e run/streamhub.d/1/heartbeat ]
like "a pipeline: the heartbeat names the clip" "$(value run/streamhub.d/1/heartbeat last)" "*20260102_100000.mp4"
run stationrun 1
like "a second one: refused" "$rc:$err" "75:*station '1': it runs already"
ok "a second one: the first goes on" all_run 1

kill -TERM $sink
reap $sink
is "a pipeline: every packet arrived" "$(packets got.flv | sort)" "$(packets "$good" | sort)"

# The secret is where it must be, and nowhere else.
told=$(cat /proc/"$one"/cmdline "/proc/$one/environ" run/streamhub.d/1/* var/lib/streamhub/1/* err.1 "run/streamhub.d/1/.lock"
	for name in camwatch segcheck rtmppush hbwrite; do
		cat "/proc/$(tool 1 $name)/cmdline" "/proc/$(tool 1 $name)/environ"
	done | tr '\0' '\n')
like "the secret: it was looked at" "$told" "*LOG_LEVEL=DEBUG*"
is "the secret: nowhere" "$(echo "$told" | grep -a -c secretkey)" 0
ok "the log: the old one is put aside" [ "$(stat -c %s var/lib/streamhub/1/log.1)" -ge 1000000 ]
ok "the log: the new one is short" [ "$(stat -c %s var/lib/streamhub/1/log)" -lt 100000 ]
like "the log: what the tools said" "$(cat var/lib/streamhub/1/log)" "*[[]rtmppush] 'rtmp://127.0.0.1:$port/live/[*][*][*]': connected*"
is "the log: not on standard error" "$(cat err.1)" ""

# One of the tools is killed: all are back.
for name in camwatch segcheck rtmppush hbwrite; do
	ok "kill -9 $name: all run before" wait_for 30 all_run $name
	kill -9 "$(tool $name $name)"
done
ok "settings broken: all run before" wait_for 30 all_run broken
echo ACTIVE=perhaps >>etc/streamhub/stations/broken.conf
kill -9 "$(tool broken camwatch)"
for name in camwatch segcheck rtmppush hbwrite; do
	back() { says $name restarts 1 && says $name state running && all_run $name; }
	ok "kill -9 $name: all are back" wait_for 30 back
	like "kill -9 $name: said" "$(cat err.$name)" "*station '$name': $name was ended by signal 9; all again in [456] s*"
done
ok "settings broken: the reason is in the fact" wait_for 30 error_is broken "settings: line 5: ACTIVE: expected yes or no"
like "settings broken: it waits" "$(fact broken state):$(fact broken next)" "waiting:[1-9]*"
ok "settings broken: nothing runs" none_runs broken
settings broken
ok "settings mended: all run at once" wait_for 5 says broken state running
is "settings mended: the reason is gone" "$(fact broken error)" ""

# What could not begin.
ok "bad settings: the reason" error_is late "settings: line 5: SCAN_INTERVAL: expected seconds, 1 to 3600"
settings late
ok "bad settings, mended: it runs" wait_for 5 says late state running
ok "no drop folder: the reason" error_is gone "WATCH_DIR '$T/drop/not there': No such file or directory"
ok "no settings: the reason" error_is none "settings: No such file or directory"
settings none
ok "no settings, written: it runs" wait_for 5 says none state running

ok "no tools: the reason" error_is toolless "'camwatch' cannot be run: No such file or directory"
is "no tools: none runs" "$(fact toolless state)" waiting
for name in camwatch segcheck rtmppush hbwrite; do
	ln -s "$(command -v $name)" bin
done
ok "no tools, installed: it runs" wait_for 30 says toolless state running

# stationrun is killed: nothing is left, and another one takes over.
kill -9 "$one"
reap "$one"
starts 1
ok "kill -9 stationrun: the next one runs" wait_for 10 says 1 pid $pid
ok "kill -9 stationrun: all run" wait_for 10 all_run 1
like "kill -9 stationrun: what was left is told" "$(cat err.1)" "*station '1': was not stopped in order: 4 facts removed*"
is "kill -9 stationrun: one of each" "$(pgrep -c -f "^(camwatch|rtmppush|hbwrite) (.* )?$T/run/streamhub\.d/1( |/|\$)")" 3
kill -9 $pid
reap $pid
ok "kill -9 again: nothing is left" wait_for 10 none_runs 1
ok "kill -9 again: the lock is free" is_free 1
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
is "SIGTERM: only the heartbeat stays" "$(ls run/streamhub.d/1)" heartbeat

# One that does not listen is ended after a while.
kill -STOP "$(tool none segcheck)"
none=$(fact none pid)
began=$(now)
kill -INT "$none"
reap "$none"
is "SIGINT with a tool that hangs: exit code" $? 0
took=$(($(now) - began))
ok "SIGINT with a tool that hangs: $took ms, 5 s and a little" [ $took -ge 4500 -a $took -le 9000 ]
ok "SIGINT with a tool that hangs: nothing is left" none_runs none

# No place for the log.
ln -s elsewhere var/lib/streamhub/none/log
run stationrun -l none
like "the log is a link: refused" "$rc:$err" "74:*log '$T/var/lib/streamhub/none/log':*"
ok "the log is a link: it leads nowhere" [ ! -e var/lib/streamhub/none/elsewhere ]

# shellcheck disable=SC2086 # words
kill -TERM $kills
for pid in $kills; do
	reap "$pid"
	is "SIGTERM to all: exit code" $? 0
done
finish
