#!/bin/sh
# reconcile: whatever fails or kills it, what the server has said is true after the next start and the server's next
# word, and a station that a person has stopped stays so.
. "$(dirname "$0")/every.sh"
mkdir -p etc/streamhub/stations
for id in 1 2 3 4; do
	mkdir -p "drop/$id"
	printf 'WATCH_DIR=%s\nRTMP_URL=rtmp://127.0.0.1/live/%s\n' "$T/drop/$id" $id >etc/streamhub/stations/$id.conf
	chmod 600 etc/streamhub/stations/$id.conf
done
event() { jq -nc --arg i "$1" --arg e "$2" --arg d "$3" '{id: $i, event: $e, data: $d}'; }
{ event 2 state '["1","3","4"]' && event 3 stop 4; } >events
list=var/lib/streamhub/.control/expected
desired() { for d in 1 2 3 4; do printf '%s' "$(cut -c 1 var/lib/streamhub/$d/desired)$(cut -c 1 var/lib/streamhub/$d/desired.by)"; done; }
prepare() {
	rm -rf var
	event 1 state '["1","2","4"]' | reconcile --backend process
	mkdir -p var/lib/streamhub/3
	echo person >var/lib/streamhub/3/desired.by
	echo down >var/lib/streamhub/3/desired
}
act() { "$@" "$plain/reconcile" --backend process <events; }
# The server sends again what was not kept as applied.
amiss() {
	case $(value $list id) in
	1) from=1 ;;
	2) from=2 ;;
	3) from=3 ;;
	*) echo "the list: $(head -c 200 $list)"; from=1 ;;
	esac
	tail -n +$from events | reconcile --backend process 2>err2 || echo "again: $? $(cat err2); "
	[ "$(desired)" = usdsdpds ] || echo "desired: $(desired); "
	[ "$(value $list id)" = 3 ] || echo "id: $(value $list id); "
	tmp var/lib/streamhub/.control var/lib/streamhub/1 var/lib/streamhub/2 var/lib/streamhub/4
}
every "reconcile, a list and a stop" 40
finish
