#!/bin/sh
# orchestrate: what should run is started, what should not is stopped, what is stale is restarted,
# at once when something changes; never twice at a time, never what is only silent.
. "$(dirname "$0")/../rtmp.sh"
conf=$T/etc/streamhub/stations
mkdir -p "$conf"
port=$(free_port)
tab=$(printf '\t')
cleanup_hook="stationctl stop-all --pause 0 2>/dev/null; $cleanup_hook"

wish() { # ID up|down
	mkdir -p "var/lib/streamhub/$1"
	echo "$2" >"var/lib/streamhub/$1/desired"
}
fact() { value "run/streamhub.d/$1/stationrun" "$2" 2>/dev/null; }
runs() { stationctl status "$1" 2>/dev/null | grep -q 'running pid'; }
rests() { ! runs "$1" && [ ! -e "run/streamhub.d/$1/stationrun" ]; }
tools_of() { pgrep -c -f "^(camwatch|rtmppush|hbwrite) (.* )?$T/run/streamhub\.d/$1( |/|\$)"; }

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
up${tab}start${tab}it is wanted up"
ok "-n: nothing was done" [ ! -e run/streamhub.d/up ]
orchestrate -n >/dev/full 2>err
is "-n: standard output is full" "$?:$(grep -c 'No space left' err)" 74:1

# One round.
stationctl start off 2>/dev/null
run orchestrate -1 --backend process
is "-1: exit code" "$rc" 0
like "-1: says what is to be done" "$err" "*[[]INFO] [[]orchestrate] 4 stations: 1 to start, 1 to stop, 0 to restart, 2 to keep*"
like "-1: and why" "$err" "*station 'off': stop, as it is not active*station 'up': start, as it is wanted up*"
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

# ends: orchestrate, and what it had begun.
ends() {
	kill $pid
	reap $pid
	ends_code=$?
	wait_for 10 flock -n run/streamhub.d/.stalecheck true
}

# acts NAME COMMAND...: it is so in time; how long it took is worth seeing.
acts() {
	acts_name=$1
	shift
	ok "$acts_name" wait_for 20 "$@"
	note "$acts_name: after $(($(now) - began)) ms"
}

# As a service: changes are acted on at once.
orchestrate -i 3600 2>log &
pid=$!
mine $pid
waits() { [ -s run/streamhub.d/.stalecheck ] && grep -q 'SigBlk:.*4...$' "/proc/$pid/status"; }
wait_for 10 waits
run orchestrate -1
like "two of them: one acts" "$rc:$err" "75:*another process acts on stations already"
mkdir run/streamhub.d/old
heartbeat 1000 >run/streamhub.d/old/heartbeat
run stalecheck -x true old
rm -r run/streamhub.d/old
like "nor stalecheck -x beside it" "$err" "*another process is acting: left alone*"
began=$(now)
settings added
wish added up
acts "a station is added" runs added
began=$(now)
wish down up
touch "$conf/down.conf"
acts "one is wanted up" runs down
began=$(now)
settings up ACTIVE=no
acts "one is made inactive" rests up
is "made inactive: its wish stays" "$(cat var/lib/streamhub/up/desired)" up
began=$(now)
settings up
acts "and active again" runs up
before=$(fact added pid)
since=$(fact down pid)
began=$(now)
settings added NAME=changed
another() { [ -n "$(fact added pid)" ] && [ "$(fact added pid)" != "$before" ]; }
acts "settings are changed: it is restarted" another
like "settings are changed: said" "$(cat log)" "*station 'added': restart, as its settings have changed*"
began=$(now)
rm "$conf/added.conf"
acts "one is removed" rests added
is "the others run on" "$(fact down pid)" "$since"
is "the others were left alone" "$(grep -c "station 'down'" log)" 2
stationctl stop down 2>/dev/null
ok "stopped by hand: it stays so" rests down
# The folder of settings is replaced by another.
cp -a "$conf" settings.copy
mv "$conf" settings.old && mv settings.copy "$conf"
began=$(now)
settings late
wish late up
acts "the folder of settings is replaced: it is seen" runs late
began=$(now)
settings late ACTIVE=no
acts "and what changes in the new one" rests late
ends

# Facts of a station that was killed: no reason to look at it all the time.
mkdir -p run/streamhub.d/down
for file in heartbeat camwatch segcheck rtmppush; do
	{
		fact_head 100
		printf '%s\n' 'started: 0.5' 'waiting: 0' 'queue: 0' 'quiet: 0' 'last: '
	} >run/streamhub.d/down/$file
done
orchestrate -v -i 3600 2>log &
pid=$!
mine $pid
wait_for 10 waits
goes_on 1
ok "old facts: no round without end" [ "$(grep -c 'to keep' log)" -le 2 ]
rm -r run/streamhub.d/down

# Settings that are gone for a moment: nothing is stopped, and nothing is made in their place.
same=$(fact up pid)
mv "$conf" settings.away
wish late up
goes_on 1
is "no settings: they run on" "$(fact up pid)" "$same"
ok "no settings: none are made" [ ! -e "$conf" ]
mv settings.away "$conf"
: >"$conf/up.conf"
goes_on 1
is "an empty file of settings: it runs on" "$(fact up pid)" "$same"
settings up
touch "$conf/up.conf"
chmod 640 "$conf/up.conf"
goes_on 1
is "settings touched, but not changed: it runs on" "$(fact up pid)" "$same"

# The lock is removed under it: it takes another, and acts on.
rm run/streamhub.d/.stalecheck
wish late down
touch "$conf/up.conf"
relocked() { [ -e run/streamhub.d/.stalecheck ]; }
ok "its lock is removed: it takes another" wait_for 10 relocked
run orchestrate -1
is "and keeps others out" "$rc" 75
ends

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

# Stopped by hand while it is being started: its supervisor is slow.
mkdir slow
cp "$BIN/orchestrate" slow
cat >slow/stationrun <<X
#!/bin/sh
: >"$T/starting"
while [ ! -e "$T/go" ]; do perl -e 'select undef, undef, undef, .01'; done
exec "$BIN/stationrun" "\$@"
X
chmod +x slow/stationrun
settings late
wish late up
PATH=$T/slow:$PATH orchestrate -1 2>slow.err &
pid=$!
mine $pid
ok "it is being started" wait_for 10 [ -e starting ]
wish late down
: >go
reap $pid
ok "stopped by hand meanwhile: it is down in the end" rests late
orchestrate -i 3600 2>log &
pid=$!
mine $pid
wait_for 10 waits
is "all is well: nothing to do" "$(cat log)" ""
kill -9 "$(fact up pid)"
first=$(fact up pid)
back() { runs up && [ "$(fact up pid)" != "$first" ]; }
ok "a supervisor is killed: it is back" wait_for 30 back
kill -9 $pid
reap $pid
ok "orchestrate is killed: the stations run" runs up

# The round is far away: what will be stale is looked at when it is.
orchestrate -i 3600 2>log &
pid=$!
mine $pid
cp "$top/test/fixtures/good-mp4.mp4" drop/late/1.mp4
wish late up
settings late STALE_AFTER=2 SILENT_AFTER=2
went_stale() { grep -q "station 'late': restart, as heartbeat too old" log; }
ok "a stale one is restarted as soon as it is" wait_for 20 went_stale
stationctl stop late 2>/dev/null
ends

# Silent is left alone, stale is restarted; with a budget.
settings up SILENT_AFTER=1 STALE_AFTER=1
orchestrate -i 1 --budget 1 2>log &
pid=$!
mine $pid
restarted() { grep -q "station 'up': restart, as" log; }
wait_for 20 restarted
silent() { stationctl status up | grep -q silent; }
ok "a silent one" wait_for 30 silent
cp "$top/test/fixtures/good-mp4.mp4" drop/up/1.mp4
often() { grep -q "station 'up': restart: too often, left alone" log; }
ok "a stale one is restarted, but not without end" wait_for 60 often
is "never what is silent" "$(grep -c 'restart, as the camera' log)" 0
ends
is "SIGTERM ends it" $ends_code 0
finish
