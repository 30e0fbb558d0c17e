#!/bin/sh
# stationrun when a tool is killed, settings break, and when it cannot begin: it waits, says why, and all
# run again.
. "$(dirname "$0")/../control.sh"
error_is() { # ID PATTERN
	# shellcheck disable=SC2254 # it is a pattern
	case $(fact "$1" error) in $2) ;; *) return 1 ;; esac
}

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

# One of the tools is killed: all are back.
for name in camwatch segcheck rtmppush hbwrite; do
	ok "kill -9 $name: all run before" wait_for 30 all_run $name
	kill -9 "$(tool $name $name)"
done
ok "settings broken: all run before" wait_for 30 all_run broken
echo ACTIVE=perhaps >>"$conf/broken.conf"
kill -9 "$(tool broken camwatch)"
for name in camwatch segcheck rtmppush hbwrite; do
	back() { says $name restarts 1 && says $name state running && all_run $name; }
	ok "kill -9 $name: all are back" wait_for 30 back
	like "kill -9 $name: said" "$(cat err.$name)" \
		"*station '$name': $name was ended by signal 9; all again in [456] s*"
done
ok "settings broken: the reason is in the fact" wait_for 30 error_is broken \
	"settings: line 5: ACTIVE: expected yes or no"
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

# One that does not listen is ended after a while.
kill -STOP "$(tool none segcheck)"
none=$(fact none pid)
began=$(now)
kill -INT "$none"
reap "$none"
is "SIGINT with a tool that hangs: exit code" $? 0
took=$(($(now) - began))
ok "SIGINT with a tool that hangs: $took ms, 5 s, and in time" [ $took -ge 4500 -a $took -le 60000 ]
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
