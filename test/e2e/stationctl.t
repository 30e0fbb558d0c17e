#!/bin/sh
# stationctl: start, status, list, logs, restart and stop of stations that are as they should be.
. "$(dirname "$0")/../control.sh"
settings 1 NAME=Door
settings 2 "NAME=Back	door"

# start, status, stop of one that plays.
settings off ACTIVE=no
rtmpsink -o got.flv "rtmp://127.0.0.1:$port/live/secretkey" >sink.out 2>sink.err &
mine $!
run stationctl status
is "status before: exit code" "$rc" 0
is "status before" "$out" "✗ Door (1) not running · not desired up
✗ Back\\x09door (2) not running · not desired up
✗ off (off) not running · not desired up"
run stationctl --backend process start 1
pid=$(fact 1 pid)
like "start: says who runs it" "$rc:$err" "0:*[[]INFO] [[]stationctl] station '1': runs, pid $pid"
is "start: the wish" "$(wish 1)" up
is "start: a session of its own" "$(ps -o sid= -p "$pid" | tr -d ' ')" "$pid"
first() { run stationctl status 1; case $out in *'first clip'*) ;; *) false ;; esac }
ok "before the first clip" wait_for 20 first
like "before the first clip: it waits, and nothing is on the air" "$rc:$out" \
	"0:○ Door (1) running pid $pid · waiting for the first clip*"
run stalecheck 1
like "before the first clip: it is well" "$rc:$out" "0:1${tab}ok${tab}*"
cp "$good" drop/1/20260102_100000.mp4
run stationctl start 1
like "start again: says so" "$rc:$err" "0:*station '1': runs already, pid $pid"
is "start again: the same" "$(fact 1 pid)" "$pid"
ok "it plays" wait_for 60 all_played 1
well() { run stationctl status 1; [ "$rc" -eq 0 ]; }
ok "status: well" wait_for 10 well
# After its last clip there may be a filler.
like "status: a line" "$(echo "$out" | sed 's/ · filler · silence//')" \
	"* Door (1) running pid $pid · [a-z]*ing · heartbeat [0-9]* s ago"
like "status: without UTF-8" "$(LC_ALL=C stationctl status 1 | sed 's/, filler, silence//')" \
	"[+o] Door (1) running pid $pid, [a-z]*ing, heartbeat [0-9]* s ago"
run stationctl status -j
is "status -j: a line each" "$rc:$(echo "$out" | wc -l)" 0:3
like "status -j: one that is well" "$(echo "$out" | head -n 1)" \
	'{"station":"1","name":"Door","desired":"up","state":*,"well":true,"pid":'"$pid}"
like "status -j: one that does not run" "$(echo "$out" | tail -n 1)" \
	'{"station":"off",*"well":false,"pid":null}'
ok "status -j: JSON" sh -c \
	'stationctl status -j | while read -r line; do printf "%s" "$line" | json_pp >/dev/null || exit; done'
run stationctl list
is "list" "$rc:$out" "0:$(printf '1\tDoor\tup\tactive\n2\tBack\\x09door\t-\tactive\noff\toff\t-\tinactive')"
run stationctl list --json 1 off
is "list -j" "$rc:$out" '0:{"id":"1","name":"Door","desired":"up","active":true}
{"id":"off","name":"off","desired":null,"active":false}'
for args in "list" "list -j" "status" "status -j" "check"; do
	# shellcheck disable=SC2086 # words
	stationctl $args >/dev/full 2>err
	is "standard output is full: $args" "$?:$(grep -c 'No space left' err)" 74:1
done
run stationctl logs 1
like "logs" "$rc:$out" "0:*[[]stationrun] station '1': its tools run*"
is "logs: all of it" "$out" "$(cat var/lib/streamhub/1/log)"
stationctl logs -f 1 >follow.out 2>&1 &
mine $!
follower=$!
followed() { grep -q "$1" follow.out; }
ok "logs -f: what is there" wait_for 10 followed 'its tools run'
mv var/lib/streamhub/1/log var/lib/streamhub/1/log.1
echo "a new file" >var/lib/streamhub/1/log
ok "logs --follow: goes on in the next file" wait_for 10 followed '^a new file'
kill $follower
run stationctl logs 2
like "logs: none" "$rc:$err" "66:*log '$T/var/lib/streamhub/2/log': No such file or directory"
run stationctl restart 1
like "restart" "$rc:$err" "0:*station '1': stopped*station '1': runs, pid *"
ok "restart: another one" [ "$(fact 1 pid)" != "$pid" ]
run stationctl stop 1 nothing
like "stop: one there is, one not" "$rc:$err" "66:*station '1': stopped*station 'nothing': there is none"
is "stop: the wish" "$(wish 1)" down
ok "stop: nothing runs" none_runs 1
is "stop: only the heartbeat is left" "$(ls run/streamhub.d/1)" heartbeat
run stationctl stop 1
like "stop again: says so" "$rc:$err" "0:*station '1': does not run"
run stationctl status 1
like "status: stopped by hand is as it should be" "$rc:$out" \
	"0:✗ Door (1) not running · not desired up · heartbeat *"
finish
