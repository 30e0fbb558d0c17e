#!/bin/sh
# stalecheck and the facts of the tools: a station is stale only if something waits, silent if nothing
# comes, and left alone while it starts.
. "$(dirname "$0")/../verdicts.sh"
mkdir -p $live $etc $lib
station s 200
tool s camwatch 1 'started: 0' 'waiting: 0' 'quiet: 30'
run stalecheck s
is "old heartbeat, nothing to play: ok" "$rc:$(echo "$out" | cut -f 2,4)" "0:ok${tab}180"
tool s camwatch 1 'started: 0' 'waiting: 2' 'quiet: 30'
run stalecheck s
is "old heartbeat, clips wait: stale" "$rc:$(echo "$out" | cut -f 2)" 1:stale
tool s camwatch 1 'started: 0' 'waiting: 0' 'quiet: 600'
judge s
about "no clip for 601 s: silent" 1 silent 601 600 s
echo SILENT_AFTER=700 >$etc/s.conf
run stalecheck s
is "SILENT_AFTER" "$rc:$(echo "$out" | cut -f 2)" 0:ok
tool s rtmppush 1 'started: 0' 'queue: 1'
run stalecheck s
is "old heartbeat, clips queue: stale" "$rc:$(echo "$out" | cut -f 2)" 1:stale
tool s rtmppush 1 'started: 0' 'queue: 0'
tool s segcheck 91 'started: 0'
run stalecheck -j s
like "a pulse is missing: stale" "$rc:$out" \
	'1:{"id":"s","verdict":"stale","age":[91][0-9]*,"limit":90,"reason":"no pulse of segcheck"}'
rm $live/s/segcheck
for queue in 'queue: -3' 'queue: many' 'other: 1'; do
	tool s rtmppush 1 'started: 0' "$queue"
	run stalecheck -j s
	like "$queue: corrupt" "$rc:$out" '1:{"id":"s","verdict":"corrupt",*"reason":"fact of rtmppush"}'
done
tool s rtmppush 1 'started: 0' 'queue: 0'
echo half >$live/s/segcheck
run stalecheck s
is "a tool's fact is corrupt" "$rc:$(echo "$out" | cut -f 2)" 1:corrupt
rm $live/s/segcheck $live/s/rtmppush $live/s/heartbeat
read -r up _ </proc/uptime
tool s camwatch 1 "started: $(awk -v u="$up" 'BEGIN { printf "%.2f", u - 60 }')" 'waiting: 1' 'quiet: 1'
run stalecheck s
is "just started, no heartbeat yet: ok" "$rc:$(echo "$out" | cut -f 2)" 0:ok
tool s camwatch 1 "started: $(awk -v u="$up" 'BEGIN { printf "%.2f", u - 300 }')" 'waiting: 1' 'quiet: 1'
run stalecheck s
is "started long ago, clips wait, no heartbeat: stale" "$rc:$(echo "$out" | cut -f 2)" 1:stale
finish
