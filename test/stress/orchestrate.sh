#!/bin/sh
# orchestrate over 200 stations: what a round takes, what it costs while nothing happens, and that
# it restarts all of them in steps when all are stale at once.
. "$(dirname "$0")/../stations.sh"
need_nginx
export STREAMHUB_ROOT="$PWD"
record=off
nginx_starts
cleanup_hook="stationctl stop-all --pause 0 2>/dev/null; $cleanup_hook"
for n in $(seq 200); do
	station "$n" STALE_AFTER=10
	mkdir -p "var/lib/streamhub/$n"
	echo up >"var/lib/streamhub/$n/desired"
done
began=$(now)
orchestrate -1 2>err
is "all are started" "$?:$(grep -c ': runs, pid' err)" 0:200
note "200 started by one round, 4 at once, in $(($(now) - began)) ms"
began=$(now)
for n in 1 2 3 4 5; do orchestrate -n >plan; done
took=$((($(now) - began) / 5))
is "then all are kept" "$(grep -c "	keep	" plan)" 200
note "a round: $took ms"
orchestrate -i 60 2>log &
pid=$!
mine $pid
goes_on 5
first=$(ticks $pid) since=$(now)
goes_on 60
note "idle, with a round a minute: $((($(ticks $pid) - first) * 1000 / $(getconf CLK_TCK))) ms of CPU in $(($(now) - since)) ms"
is "idle: nothing is done" "$(cat log)" ""
kill $pid
reap $pid

# All players hang in the middle of a clip.
for n in $(seq 200); do cp "$good" "drop/$n/1.mp4"; done
all_play() { [ "$(cat run/streamhub.d/*/rtmppush | grep -c '^state: playing')" -eq 200 ]; }
ok "all play" wait_for 60 all_play
cat run/streamhub.d/*/rtmppush | sed -n 's/^pid: //p' | xargs kill -STOP
all_stale() { stationctl status | grep -c ' stale ' | grep -q '^200$'; }
ok "all are stale" wait_for 60 all_stale
began=$(now)
orchestrate -i 1 2>log &
pid=$!
mine $pid
most=0
restarted() {
	children=$(pgrep -c -P $pid)
	[ "$children" -le "$most" ] || most=$children
	[ "$(grep -o "station '[0-9]*': restart, as" log | sort -u | wc -l)" -eq 200 ]
}
ok "all are restarted" wait_for 300 restarted
note "200 restarted in $(($(now) - began)) ms, at most $most at once"
ok "at most 4 at once: $most" [ "$most" -ge 1 -a "$most" -le 4 ]
kill $pid
reap $pid
stationctl stop-all --pause 0 2>err
is "all are stopped" "$(processes | wc -l)" 0
finish
