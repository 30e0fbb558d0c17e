#!/bin/sh
# stalecheck over 1,000 heartbeats beside find -mmin over the same files.
. "$(dirname "$0")/../lib.sh"
compare=$top/test/bench/compare
export STREAMHUB_ROOT="$T"
live=run/streamhub.d
mkdir -p $live
heartbeat 10 >hb
for id in $(seq 1000); do
	mkdir "$live/$id"
	cp hb "$live/$id/heartbeat"
done
find="find $live -name heartbeat -mmin -3"
$compare "stalecheck of 1000 heartbeat files, beside find -mmin" 2 "'$plain/stalecheck' $live/*/heartbeat" "$find" 31
$compare "stalecheck of 1000 stations, beside find -mmin" 2 "'$plain/stalecheck'" "$find" 31
