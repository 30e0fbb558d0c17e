# shellcheck shell=sh disable=SC2034,SC2154
# control.sh: rtmp.sh for the tests of what starts and stops stations: their settings in $conf, what
# stationrun says of them, and which of their tools run.
. "$(dirname "$0")/../rtmp.sh"
good=$top/test/fixtures/good-mp4.mp4
conf=$T/etc/streamhub/stations
mkdir -p "$conf"
port=$(free_port)
tab=$(printf '\t')
cleanup_hook="stationctl stop-all --pause 0 2>/dev/null; $cleanup_hook"

# fact ID KEY: of stationrun.
fact() { value "run/streamhub.d/$1/stationrun" "$2" 2>/dev/null; }

# wish ID [up|down]: what is wanted of it, or makes that so.
wish() {
	if [ $# -eq 1 ]; then
		cat "var/lib/streamhub/$1/desired" 2>/dev/null
	else
		mkdir -p "var/lib/streamhub/$1"
		echo "$2" >"var/lib/streamhub/$1/desired"
	fi
}

# tools_of ID: how many of three run; none_runs ID: not even stationrun does.
tools_of() { pgrep -c -f "^(camwatch|rtmppush|hbwrite) (.* )?$T/run/streamhub\.d/$1( |/|\$)"; }
none_runs() { ! pgrep -f "$T/run/streamhub\.d/$1( |/|\$)" >/dev/null; }

# runs ID, rests ID: as stationctl shows it.
runs() { stationctl status "$1" 2>/dev/null | grep -q 'running pid'; }
rests() { ! runs "$1" && [ ! -e "run/streamhub.d/$1/stationrun" ]; }

# all_played ID: nothing is left in its folder.
all_played() { [ -z "$(ls "drop/$1")" ] || [ "$(ls "drop/$1")" = _failed ]; }

# orchestrates [OPTION...]: in the background, its process id in $pid, its messages in the file log.
orchestrates() {
	orchestrate -i 3600 "$@" 2>log &
	pid=$!
	mine $pid
	wait_for 10 waits
}
waits() { [ -s run/streamhub.d/.stalecheck ] && grep -q 'SigBlk:.*4...$' "/proc/$pid/status"; }

# ends: orchestrate, and what it had begun.
ends() {
	kill "$pid"
	reap "$pid"
	wait_for 10 flock -n run/streamhub.d/.stalecheck true
}

# one_station [LINE...]: settings of station 1, whose folder is drop, and nothing else than what is given.
one_station() {
	printf '%s\n' "WATCH_DIR=$T/drop" "RTMP_URL=rtmp://127.0.0.1:$port/live/secretkey" \
		"$@" >"$conf/1.conf"
	chmod 600 "$conf/1.conf"
}

# starts ID [OPTION...]: stationrun, its process id in $pid, its messages in err.ID.
starts() {
	stationrun "$@" 2>"err.$1" &
	pid=$!
	mine $pid
}

# says ID KEY VALUE: of the fact of stationrun; tool ID NAME: its process id; all_run ID: all four tools do.
says() { [ "$(fact "$1" "$2")" = "$3" ]; }
tool() { pgrep -o -f "^$2 (.* )?$T/run/streamhub\.d/$1( |/|\$)"; }
all_run() {
	for one_of in camwatch segcheck rtmppush hbwrite; do
		tool "$1" $one_of >/dev/null || return
	done
}
