# shellcheck shell=sh disable=SC2034,SC2154
# events.sh: control.sh for the tests of reconcile: the events of a server, and what they come to.
. "$(dirname "$0")/../control.sh"
list=var/lib/streamhub/.control/expected

# settings ID [LINE...]: of a station with a folder of its own.
settings() {
	settings_id=$1
	shift
	mkdir -p "drop/$settings_id"
	printf '%s\n' "WATCH_DIR=$T/drop/$settings_id" "RTMP_URL=rtmp://127.0.0.1:$port/live/$settings_id" \
		MIN_FILE_AGE=0 HOLD_NEWEST=never "$@" >"$conf/$settings_id.conf"
	chmod 600 "$conf/$settings_id.conf"
}

# event ID NAME DATA: as ssecat prints it.
event() { jq -nc --arg i "$1" --arg e "$2" --arg d "$3" '{id: $i, event: $e, data: $d}'; }

# hears [OPTION...]: reconcile, to the end of its input. Behind a pipe that is a shell of its own, so what
# comes of it is in files; heard: puts it where run does.
hears() {
	reconcile --backend process "$@" >"$T/.out" 2>"$T/.err"
	echo $? >"$T/.rc"
}
heard() { rc=$(cat "$T/.rc") out=$(cat "$T/.out") err=$(cat "$T/.err"); }

# all ID...: what is desired of each, and by whom: u or d, s or p.
all() {
	for all_id; do
		all_by=$(cut -c 1 "var/lib/streamhub/$all_id/desired.by" 2>/dev/null)
		printf '%s' "$all_id$(wish "$all_id" | cut -c 1)$all_by "
	done
}
