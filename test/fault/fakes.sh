# shellcheck shell=sh disable=SC2154,SC2034
# fakes.sh: every.sh for what runs stations, with tools that do nothing, and at once.
. "$(dirname "$0")/every.sh"
mkdir bin
for tool in camwatch segcheck rtmppush hbwrite; do
	printf '#!/bin/sh\nexec tail -f /dev/null\n' >bin/$tool
	chmod +x bin/$tool
done
# What runs them looks for them beside itself first.
cp "$plain/stationctl" "$plain/orchestrate" "$plain/stationrun" bin
plain=$T/bin PATH=$T/bin:$PATH
cleanup_hook="stationctl stop-all --pause 0 2>/dev/null; $cleanup_hook"
# settings ID...: of stations that can be run.
settings() {
	mkdir -p etc/streamhub/stations
	for id; do
		mkdir -p "drop/$id"
		printf '%s\n' "WATCH_DIR=$T/drop/$id" "RTMP_URL=rtmp://127.0.0.1:1/live/key" >"etc/streamhub/stations/$id.conf"
		chmod 600 "etc/streamhub/stations/$id.conf"
	done
}
wish() { # ID up|down
	mkdir -p "var/lib/streamhub/$1"
	echo "$2" >"var/lib/streamhub/$1/desired"
}
# alive COMMAND|...: how many of their processes there are below this root.
tools="tail|camwatch|segcheck|rtmppush|hbwrite"
alive() {
	grep -lsazFx "STREAMHUB_ROOT=$T" /proc/[0-9]*/environ | cut -d / -f 3 | while read -r pid; do
		grep -sxE "$1" "/proc/$pid/comm"
	done | wc -l
}
is_free() { [ ! -e "run/streamhub.d/$1/.lock" ] || flock -n "run/streamhub.d/$1/.lock" true; }
all_free() { for lock in run/streamhub.d/*; do is_free "${lock##*/}" || return; done; }
