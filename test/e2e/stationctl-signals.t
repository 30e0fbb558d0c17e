#!/bin/sh
# stationctl signals nobody but the station's own processes, starts no station twice, and ends what hangs.
. "$(dirname "$0")/../control.sh"
mkdir other
settings 1
settings 2 "NAME=Back	door"
settings off ACTIVE=no

# Two at the same time: it runs once.
for n in 1 2 3; do
	stationctl start 2 2>err.$n &
	mine $!
	eval "start$n=$!"
done
# shellcheck disable=SC2154 # by eval
for n in $start1 $start2 $start3; do
	reap "$n"
	is "three starts at once: exit code" $? 0
done
is "three starts at once: no error" "$(cat err.? | grep -c 'ERROR. .stationctl')" 0
is "three starts at once: one runs" "$(tools_of 2):$(fact 2 restarts)" "3:0"

# Killed: what is left is told, nothing is doubled, and it can be stopped.
kill -9 "$(fact 2 pid)"
dead() { stationctl status 2 | grep -q 'not running'; }
wait_for 10 dead
run stationctl status 2
like "killed: status" "$rc:$out" "1:✗ Back*door (2) not running · desired up*"
run stationctl start 2
is "killed: started again" "$rc" 0
is "killed: one of each" "$(tools_of 2)" 3
kill -9 "$(fact 2 pid)"
ok "killed again: the tools end" wait_for 10 none_runs 2
run stationctl stop 2
like "killed again: stop tells what was left" "$rc:$err" \
	"0:*[[]WARN]*station '2': was not stopped in order: [1-4] facts removed*station '2': does not run"

# Whoever the fact does not mean is not signalled.
stranger() { # NAME SED-SCRIPT
	sed "$2" other/fact >run/streamhub.d/2/stationrun
	run stationctl stop 2
	is "$1: stop" "$rc" 0
	ok "$1: lives" kill -0 $sleeper
	ok "$1: the fact is gone" [ ! -e run/streamhub.d/2/stationrun ]
	sed "$2" other/fact >run/streamhub.d/2/stationrun
	like "$1: status" "$(stationctl status 2)" "*not running*"
	run stationctl start 2
	is "$1: does not keep it from running" "$rc:$(tools_of 2)" "0:3"
	stationctl stop 2 2>/dev/null
	ok "$1: lives on" kill -0 $sleeper
}
sleep 1000 &
sleeper=$!
mine $sleeper
{
	fact_head | sed "s/^pid: .*/pid: $sleeper/"
	echo "ticks: $(cut -d ' ' -f 22 /proc/$sleeper/stat)"
} >other/fact
stranger "a number that was given again" 's/^ticks: .*/ticks: 17/'
stranger "a fact of an earlier boot" 's/^boot: ......../boot: 00000000/'
stranger "no start time" '/^ticks:/d'
stranger "noise" 's/^/\x01/'
stranger "half a fact" '/^pid:/q; s/^boot: .*/boot: /'
cp other/fact run/streamhub.d/2/stationrun
ok "the one it means is found" sh -c 'stationctl status 2 | grep -q "running pid '$sleeper'"'
rm run/streamhub.d/2/stationrun

# One that does not listen is killed after a while; meanwhile the -all verbs.
settings slow
stationctl start slow 2>/dev/null
kill -STOP "$(fact slow pid)"
began=$(now)
stationctl stop slow 2>slow.err &
slow=$!
mine $slow
settings slow ACTIVE=no
run stationctl start-all --pause 0
is "start-all: exit code" "$rc" 0
is "start-all: the active ones" "$(tools_of 1) $(tools_of 2) $(tools_of off)" "3 3 0"
is "start-all: the wishes" "$(wish 1) $(wish 2) $(wish off)" "up up "
stationctl start off 2>/dev/null
stops=$(now)
run stationctl stop-all
took=$(($(now) - stops))
is "stop-all: exit code" "$rc" 0
is "stop-all: the active ones" "$(tools_of 1) $(tools_of 2) $(tools_of off)" "0 0 3"
is "stop-all: the wishes" "$(wish 1) $(wish 2) $(wish off)" "down down up"
ok "stop-all: $took ms, a pause between two" [ $took -ge 1000 ]
stationctl stop off 2>/dev/null
reap $slow
is "one that hangs: stopped" $? 0
took=$(($(now) - began))
ok "one that hangs: $took ms, 12 s, and in time" [ $took -ge 11500 -a $took -le 60000 ]
like "one that hangs: said" "$(cat slow.err)" \
	"*station 'slow': did not end in 12 s: killed*station 'slow': stopped"
ok "one that hangs: nothing is left" none_runs slow
finish
