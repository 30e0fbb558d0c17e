#!/bin/sh
# ssecat in a storm of events from a server that cuts the connection in the middle of one again and again:
# nothing is lost, nothing comes twice. test/stress/ssecat.sh goes on for longer.
# shellcheck disable=SC2154 # by sse_places
. "$(dirname "$0")/../sse.sh"
last=40000
sse_starts storm "storm $last 10000 5000"
cat_starts "$storm_url"
wait_for 100 printed $last
cat_ends
is "$last events, each once and in order" "$rc:$(jq -r .id out | cksum)" "0:$(seq $last | cksum)"
is "and whole" "$(jq -r '.data | fromjson | select(.n % 97 != (.text | length))' out | wc -l)" 0
cuts=$(($(wc -l <storm.log) - 1))
ok "among $cuts cuts" [ $cuts -ge 3 ]
like "which are said once" "$(cat err)" "*connected
*the server has ended the stream; again in *connected again"
is "and no more" "$(wc -l <err)" 3
finish
