#!/bin/sh
# orchestrate beside five stations for ten minutes, STALE_AFTER at its default: clips of five minutes
# among short ones, and one server that is away for longer than that. Nobody asks for a restart, so
# there is none.
. "$(dirname "$0")/../stations.sh"
need_nginx
export STREAMHUB_ROOT="$PWD"
record=off
nginx_starts
relay_starts
cleanup_hook="stationctl stop-all --pause 0 2>/dev/null; $cleanup_hook"
ffmpeg -v error -nostdin -stream_loop -1 -i "$good" -t 300 -c copy long.mp4
ffmpeg -v error -nostdin -stream_loop -1 -i "$good" -t 60 -c copy minute.mp4
minutes=${MINUTES:-10}

# clips ID FILE...: uploaded at once, a second apart by their times.
clips() {
	clips_of=$1 n=0
	shift
	for clip; do
		n=$((n + 1))
		cp "$clip" "drop/$clips_of/.$n"
		touch -d "$((600 - n)) seconds ago" "drop/$clips_of/.$n"
		mv "drop/$clips_of/.$n" "drop/$clips_of/$n.mp4"
	done
}
for id in long longer mixed short away; do station $id MAX_LAG=0; done
sed -i "s|:$port/|:$relay_port/|" etc/streamhub/stations/away.conf
clips long long.mp4 long.mp4 long.mp4
clips longer minute.mp4 long.mp4 long.mp4
clips mixed long.mp4 minute.mp4 minute.mp4 long.mp4
clips short minute.mp4 minute.mp4 minute.mp4 minute.mp4 minute.mp4 minute.mp4 minute.mp4 minute.mp4 minute.mp4 minute.mp4 minute.mp4 minute.mp4
clips away long.mp4 long.mp4 long.mp4
stationctl start-all --pause 0 2>start.err
pids() { for id in long longer mixed short away; do fact $id pid; done | tr '\n' ' '; }
first=$(pids)
orchestrate 2>log &
pid=$!
mine $pid

# The states that were seen, once each.
seen_states() {
	stationctl status 2>/dev/null | sed 's/^[^ ]* \([a-z]*\) .* · \([a-z]*\).*/\1 \2/' >>states
}
began=$(now)
passed() { echo $((($(now) - began) / 1000)); }
outage=no
until [ "$(passed)" -ge $((minutes * 60)) ]; do
	goes_on 5
	seen_states
	if [ $outage = no ] && [ "$(passed)" -ge 30 ]; then
		kill $relay
		reap $relay
		outage=is
	fi
	if [ $outage = is ] && [ "$(passed)" -ge 250 ]; then
		relay_starts
		outage=was
	fi
done
note "states seen: $(sort states | uniq -c | awk '{ printf "%s %s %s, ", $2, $3, $1 }')"
for id in long longer mixed short away; do
	push=run/streamhub.d/$id/rtmppush
	note "$id: $(value $push played) played, $(value $push reconnects) reconnects, $(value $push position) ms into '$(value $push now)'"
done
is "orchestrate restarted none" "$(grep -c 'restart, as' log)" 0
is "nobody else did" "$(pids)" "$first"
is "the sessions of the four whose server stayed were never cut" \
	"$(for id in long longer mixed short; do value run/streamhub.d/$id/rtmppush reconnects; done | tr '\n' ' ')" "0 0 0 0 "
is "and the server came back to the fifth" "$(value run/streamhub.d/away/rtmppush stream)" connected
kill $pid
reap $pid
stationctl stop-all --pause 0 2>err
finish
