#!/bin/sh
# stationctl: what each verb does, and that nobody else is ever signalled.
. "$(dirname "$0")/../rtmp.sh"
good=$top/test/fixtures/good-mp4.mp4
conf=$T/etc/streamhub/stations
mkdir -p "$conf" other
port=$(free_port)
tab=$(printf '\t')
cleanup_hook="stationctl stop-all --pause 0 2>/dev/null; $cleanup_hook"

fact() { value "run/streamhub.d/$1/stationrun" "$2" 2>/dev/null; }
wish() { cat "var/lib/streamhub/$1/desired" 2>/dev/null; }
tools_of() { pgrep -c -f "^(camwatch|rtmppush|hbwrite) (.* )?$T/run/streamhub\.d/$1( |/|\$)"; }
none_runs() { ! pgrep -f "$T/run/streamhub\.d/$1( |/|\$)" >/dev/null; }

# How it is called.
run stationctl --help
like "--help names the verbs" "$rc:$out" "0:usage: stationctl *  start  *  stop-all  *  new  *"
run stationctl --version
like "--version" "$rc:$out" "0:stationctl [0-9]*"
while read -r args; do
	# shellcheck disable=SC2086 # words
	run stationctl $args
	is "refused: $args" "$rc:$out" "64:"
done <<X

nothing 1
start
stop
restart
new
new 1 2
logs
logs 1 2
start-all 1
start ../1
start .1
status -f
status --pause 1
start -j 1
logs -j 1
list --follow
start-all --pause 3601
start-all --pause x
list --backend sysv
X

# new: a file to fill in, never over another.
run stationctl new 1
is "new: prints its name" "$rc:$out:$err" "0:$conf/1.conf:"
is "new: for its owner alone" "$(stat -c %a "$conf/1.conf")" 600
is "new: every key is in it" "$(grep -c '^#*[A-Z_]*=' "$conf/1.conf")" 17
echo mine >"$conf/1.conf"
run stationctl new 1
like "new: not over another" "$rc:$err" "73:*1.conf': File exists"
run_full stationctl new 3
like "new, a full disk: said" "$rc:$out" "74:*[[]stationctl] '$conf/3.conf': File too large"
ok "new, a full disk: nothing is left" [ ! -e "$conf/3.conf" ]
is "new: the other is as it was" "$(cat "$conf/1.conf")" mine
ln -s "$T/elsewhere" "$conf/2.conf"
run stationctl new 2
is "new: not by a link" "$rc:$(ls elsewhere 2>/dev/null)" 73:
rm "$conf"/*

# check.
settings 1 "NAME=Door"
run stationctl check
is "check: good" "$rc:$out:$err" "0:1${tab}good:"
settings 2 "MAX_LAG=1h" "WATCHDIR=/x" "OTHER=y" "ACTIVE=perhaps" "NAME=se$(printf '\361')al"
chmod 644 "$conf/2.conf"
run stationctl check
is "check: one is faulty" "$rc:$(echo "$out" | tr '\t\n' '= ')" "78:1=good 2=faulty "
for line in "*ERROR* '$conf/2.conf': line 5: MAX_LAG: expected seconds, 0 to 31622400*" \
	"*ERROR* '$conf/2.conf': line 8: ACTIVE: expected yes or no*" \
	"*ERROR* '$conf/2.conf': line 9: NAME: expected UTF-8*" \
	"*WARN* '$conf/2.conf': line 6: no tool knows WATCHDIR: is it WATCH_DIR?*" \
	"*WARN* '$conf/2.conf': line 7: no tool knows OTHER*" \
	"*WARN* '$conf/2.conf': everybody can read it, and RTMP_URL is a secret: chmod 600*"; do
	like "check: said" "$err" "$line"
done
is "check: said no more" "$(echo "$err" | wc -l)" 6
is "check: no secret" "$(echo "$err" | grep -c secretkey)" 0
run stationctl check 1
is "check ID: that one" "$rc:$err" 0:
echo NAME=x >"$conf/3.conf"
run stationctl check 3
like "check: what is missing" "$rc:$err" "78:*WATCH_DIR is not set: expected an absolute path*RTMP_URL is not set: *"
run stationctl check 1 4
like "check: no such station" "$rc:$err" "66:*station '4': there is none"
run stationctl start 2
like "start: faulty settings are refused" "$rc:$err" "78:*MAX_LAG*"
ok "start: nothing was made" [ ! -e run -a ! -e var ]
rm "$conf/3.conf"

# start, status, stop of one that plays.
settings 2 "NAME=Back	door"
settings off ACTIVE=no
cp "$good" drop/1/20260102_100000.mp4
rtmpsink -o got.flv "rtmp://127.0.0.1:$port/live/secretkey" >sink.out 2>sink.err &
mine $!
run stationctl status
is "status before: exit code" "$rc" 0
is "status before" "$out" "✗ Door (1) not running · not wanted
✗ Back\\x09door (2) not running · not wanted
✗ off (off) not running · not wanted"
run stationctl --backend process start 1
pid=$(fact 1 pid)
like "start: says who runs it" "$rc:$err" "0:*[[]INFO] [[]stationctl] station '1': runs, pid $pid"
is "start: the wish" "$(wish 1)" up
is "start: a session of its own" "$(ps -o sid= -p "$pid" | tr -d ' ')" "$pid"
run stationctl start 1
like "start again: says so" "$rc:$err" "0:*station '1': runs already, pid $pid"
is "start again: the same" "$(fact 1 pid)" "$pid"
all_played() { [ -z "$(ls drop/1)" ] || [ "$(ls drop/1)" = _failed ]; }
ok "it plays" wait_for 60 all_played
well() { run stationctl status 1; [ "$rc" -eq 0 ]; }
ok "status: well" wait_for 10 well
like "status: a line" "$out" "✓ Door (1) running pid $pid · [a-z]*ing · heartbeat [0-9]* s ago"
like "status: without UTF-8" "$(LC_ALL=C stationctl status 1)" "+ Door (1) running pid $pid, [a-z]*ing, heartbeat [0-9]* s ago"
run stationctl status -j
is "status -j: a line each" "$rc:$(echo "$out" | wc -l)" 0:3
like "status -j: one that is well" "$(echo "$out" | head -n 1)" '{"station":"1","name":"Door","desired":"up","state":*,"well":true,"pid":'"$pid}"
like "status -j: one that does not run" "$(echo "$out" | tail -n 1)" '{"station":"off",*"well":false,"pid":null}'
ok "status -j: JSON" sh -c 'stationctl status -j | while read -r line; do printf "%s" "$line" | json_pp >/dev/null || exit; done'
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
like "status: stopped by hand is as it should be" "$rc:$out" "0:✗ Door (1) not running · not wanted · heartbeat *"

# It does not begin.
mkdir -p var/lib/streamhub/2
ln -s elsewhere var/lib/streamhub/2/log
run stationctl start 2
like "start fails: said" "$rc:$err" "69:*[[]stationrun] log *station '2': did not start: exit code 74"
is "start fails: the wish was recorded first" "$(wish 2)" up
run stationctl status 2
like "start fails: status" "$rc:$out" "1:✗ Back*door (2) not running · wanted up*"
rm var/lib/streamhub/2/log
mkdir bin
cp "$(command -v stationctl)" bin
cat >bin/stationrun <<'X'
#!/bin/sh
{ seq -f 'filler %g' 300; printf 'first\nlast words\n'; } >>"$STREAMHUB_ROOT/var/lib/streamhub/2/log"
kill -9 $$
X
chmod +x bin/stationrun
run bin/stationctl start 2
like "start fails: the end of the log" "$rc:$err" "69:*station '2': did not start: signal 9*station '2': log: first*station '2': log: last words"
ok "start fails: not more of the log" [ "$(echo "$err" | grep -c "log: filler")" -lt 200 ]
run stationctl logs 2
is "logs: what is left of it" "$rc:$(echo "$out" | tail -n 2)" "0:first
last words"
mv drop/2 drop/gone
run stationctl start 2
like "started, but: the reason" "$rc:$err" "0:*[[]WARN]*station '2': pid *, but WATCH_DIR '$T/drop/2': No such file or directory"
run stationctl status 2
like "started, but: status" "$rc:$out" "1:✗ Back*door (2) running pid * · error · WATCH_DIR '$T/drop/2': No such file or directory"
mv drop/gone drop/2
stationctl stop 2 2>/dev/null

# Started by one who ignores SIGCHLD, and who holds a lock: the tools are looked after all the
# same, and nothing of the caller is kept.
perl -e '$SIG{CHLD} = "IGNORE"; exec "flock", "-n", "caller.lock", "stationctl", "start", "2"' 2>err
wait_for 10 test -s run/streamhub.d/2/segcheck
kill -9 "$(value run/streamhub.d/2/segcheck pid)"
restarted() { [ "$(fact 2 restarts)" = 1 ]; }
ok "SIGCHLD ignored: a tool that ends is seen" wait_for 10 restarted
ok "the caller's descriptors are not kept" flock -n caller.lock true
stationctl stop 2 2>/dev/null

# No room for its fact: it cannot be found by others, so it is not left running.
if [ "$(id -u)" -eq 0 ] && mkdir full && mount -t tmpfs -o size=16k none full 2>/dev/null; then
	mkdir -p full/root/etc/streamhub full/root/run/streamhub.d
	rm -r full/root/run
	mkdir full/root/run roomy
	cp -r "$conf" full/root/etc/streamhub
	ln -s "$T/roomy" full/root/var
	head -c 100000 /dev/zero >full/fill 2>/dev/null
	STREAMHUB_ROOT=$T/full/root run stationctl start 2
	ok "no room for its fact: start fails: $rc" [ "$rc" -gt 1 ]
	is "no room for its fact: nothing runs" "$(grep -lsazFx "STREAMHUB_ROOT=$T/full/root" /proc/[0-9]*/environ)" ""
	umount full
else
	skip "no room for its fact" "needs root and tmpfs"
fi

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
like "killed: status" "$rc:$out" "1:✗ Back*door (2) not running · wanted up*"
run stationctl start 2
is "killed: started again" "$rc" 0
is "killed: one of each" "$(tools_of 2)" 3
kill -9 "$(fact 2 pid)"
ok "killed again: the tools end" wait_for 10 none_runs 2
run stationctl stop 2
like "killed again: stop tells what was left" "$rc:$err" "0:*[[]WARN]*station '2': was not stopped in order: [1-4] facts removed*station '2': does not run"

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
ok "stop-all: $took ms, a pause between two" [ $took -ge 1000 -a $took -lt 6000 ]
stationctl stop off 2>/dev/null
reap $slow
is "one that hangs: stopped" $? 0
took=$(($(now) - began))
ok "one that hangs: $took ms, 12 s and a little" [ $took -ge 11500 -a $took -le 17000 ]
like "one that hangs: said" "$(cat slow.err)" "*station 'slow': did not end in 12 s: killed*station 'slow': stopped"
ok "one that hangs: nothing is left" none_runs slow
finish
