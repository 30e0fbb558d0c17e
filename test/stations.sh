# shellcheck shell=sh
# stations.sh: rtmp.sh for tests with many stations, and with the tools as they are installed.
. "$(dirname "$0")/../rtmp.sh"
# shellcheck disable=SC2154,SC2034 # lib.sh sets them, and tests use them
PATH=$plain:$PATH good=$top/tools/stationctl/pattern.mp4

# station ID [LINE...]: its settings and folder, in this folder.
station() {
	station_id=$1
	shift
	mkdir -p etc/streamhub/stations "drop/$station_id"
	# shellcheck disable=SC2154 # nginx_starts sets it
	printf '%s\n' "WATCH_DIR=$PWD/drop/$station_id" "RTMP_URL=rtmp://127.0.0.1:$port/live/$station_id" \
		MIN_FILE_AGE=0 HOLD_NEWEST=never "$@" >"etc/streamhub/stations/$station_id.conf"
	chmod 600 "etc/streamhub/stations/$station_id.conf"
}
fact() { value "run/streamhub.d/$1/stationrun" "$2" 2>/dev/null; }
# processes [NAMES]: those of the stations below this folder, or of that name, by the environment that they
# all have.
processes() {
	grep -lsazFx "STREAMHUB_ROOT=$PWD" /proc/[0-9]*/environ | cut -d / -f 3 |
		while read -r pid; do
			grep -qsE "^(${1-stationrun|camwatch|segcheck|rtmppush|hbwrite})\$" \
				"/proc/$pid/comm" &&
				echo "$pid"
		done
}
# ticks PID...: of the processor, that they have used.
ticks() {
	for pid; do cut -d ' ' -f 14,15 "/proc/$pid/stat"; done 2>/dev/null |
		awk '{ n += $1 + $2 } END { print n + 0 }'
}
zombies() { ps -eo stat=,comm= | grep -cE '^Z.* (camwatch|segcheck|rtmppush|hbwrite)'; }
