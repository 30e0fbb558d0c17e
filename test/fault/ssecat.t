#!/bin/sh
# ssecat: whatever fails, what it printed are the first events of the server, each once and whole; killed, it
# goes on behind the event that was applied last.
. "$(dirname "$0")/every.sh"
echo "storm 300 100000 100000 close" >script
: >log
port=$(free_port)
perl "$top/test/sse-server.pl" "$port" script log 2>server.err &
server=$!
cleanup_hook="kill $server"
wait_for 10 listens "$port"
url=http://127.0.0.1:$port/events
unset http_proxy all_proxy ALL_PROXY
prepare() {
	rm -rf live applied
	mkdir live
}
# The server closes the first stream, and the second one has no event: two failures in a row.
act() { "$@" "$plain/ssecat" --delay 1 --retries 2 -i applied -s live "$url"; }
peace=69
amiss() {
	lines_of out | jq -r .id >ids || echo "a line is no JSON; "
	n=$(wc -l <ids)
	[ "$(seq "$n" | cksum)" = "$(cksum <ids)" ] || echo "not the first $n events; "
	[ "$1" -ne 69 ] || [ "$n" -eq 300 ] || grep -q 'giving up' err || echo "it gave up after $n events; "
	[ "$1" -ne 0 ] || echo "exit code 0 without a signal; "
	tail -n 1 ids >applied
	"$plain/ssecat" --delay 1 --retries 2 -i applied -s live "$url" 2>err2 | jq -r .id >behind
	[ "$(cat ids behind | cksum)" = "$(seq 300 | cksum)" ] || echo "again: $(wc -l <behind) behind $n; "
	fact_ok live/ssecat error
	tmp live
}
every "ssecat" 30
finish
