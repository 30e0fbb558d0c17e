#!/bin/sh
# orchestrate: wrong use, the plan, and one round: what should run is started, what should not is stopped.
. "$(dirname "$0")/../control.sh"

# How it is called.
run orchestrate --help
like "--help" "$rc:$out" "0:usage: orchestrate *--at-once*"
run orchestrate --version
like "--version" "$rc:$out" "0:orchestrate [0-9]*"
for args in "x" "-i 0" "-i x" "--at-once 0" "--at-once 65" "--budget 0" "--backend sysv" "-x"; do
	# shellcheck disable=SC2086 # words
	run orchestrate $args
	is "refused: $args" "$rc:$out" 64:
done
ORCHESTRATOR_INTERVAL=x run orchestrate -n
like "refused: ORCHESTRATOR_INTERVAL" "$rc:$err" "64:*ORCHESTRATOR_INTERVAL*"
run orchestrate -n
is "-n: no stations" "$rc:$out" "0:"
ok "-n: nothing was made" [ ! -e run ]

# What would be done.
settings up
wish up up
settings down
wish down down
settings off ACTIVE=no
wish off up
settings new
run orchestrate --dry-run -v
is "-n: the plan" "$rc:$out" "0:down${tab}keep${tab}stopped
new${tab}keep${tab}stopped
off${tab}keep${tab}no heartbeat
up${tab}start${tab}its desired state is up"
ok "-n: nothing was done" [ ! -e run/streamhub.d/up ]
orchestrate -n >/dev/full 2>err
is "-n: standard output is full" "$?:$(grep -c 'No space left' err)" 74:1

# One round.
stationctl start off 2>/dev/null
run orchestrate -1 --backend process
is "-1: exit code" "$rc" 0
like "-1: says what is to be done" "$err" \
	"*[[]INFO] [[]orchestrate] 4 stations: 1 to start, 1 to stop, 0 to restart, 2 to keep*"
like "-1: and why" "$err" \
	"*station 'off': stop, as it is not active*station 'up': start, as its desired state is up*"
is "-1: what should run, runs" "$(tools_of up) $(tools_of down) $(tools_of off) $(tools_of new)" "3 0 0 0"
is "-1: the wishes are as they were" "$(cat var/lib/streamhub/*/desired | tr '\n' ' ')" "down up up "
run orchestrate --once --at-once 1
is "-1 again: nothing to do, nothing said" "$rc:$err" "0:"
kill -9 "$(fact up pid)"
dead() { ! runs up; }
wait_for 10 dead
run orchestrate -1
like "-1: a supervisor that was killed" "$rc:$err" "0:*station 'up': start*"
is "-1: it runs once" "$(tools_of up)" 3
rm -r drop/new
wish new up
run orchestrate -1
like "-1: one without its folder" "$rc:$err" "0:*station 'new': pid *, but WATCH_DIR*"
run orchestrate -1
is "-1: what tries again by itself is left alone" "$rc:$err" "0:"
stationctl stop new 2>/dev/null
echo MAX_LAG=x >>"$conf/down.conf"
wish down up
run orchestrate -1
like "-1: broken settings" "$rc:$err" "78:*MAX_LAG*station 'down': start failed, exit code 78"
settings down
wish down down

# A plan that cannot be made is none.
run setpriv --reuid 65534 --regid 65534 --clear-groups env STREAMHUB_ROOT="$T" true
if [ "$(id -u)" -eq 0 ] && [ "$rc" -eq 0 ]; then
	chmod 755 "$T"
	chmod 700 "$conf"
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$BIN/orchestrate" -n
	like "-n: settings that cannot be read" "$rc:$out:$err" "74::*stations*Permission denied*"
else
	skip "-n: settings that cannot be read" "needs root"
fi
finish
