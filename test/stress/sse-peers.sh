#!/bin/sh
# ssecat beside Node's EventSource and the npm packages eventsource and undici, on the same cases. All of
# ssecat's must pass; what the others do is noted. Needs node and npm, and a network to install from.
. "$(dirname "$0")/../sse.sh"
command -v npm >/dev/null || {
	skip "peers" "no npm here"
	finish
}
mkdir modules
(cd modules && npm install --silent --no-audit --no-fund eventsource undici@6 >/dev/null 2>npm.err) || {
	skip "peers" "npm cannot install: $(head -n 1 modules/npm.err)"
	finish
}
flag=--experimental-eventsource
node $flag -e 0 2>/dev/null || flag=
run node ${flag:+$flag} --no-warnings "$top/test/stress/sse-peers.js" "$top/test/unit/net/sse.cases" \
	"$plain/ssecat" "$T/modules"
is "node: exit code" "$rc:$err" 0:
while read -r name passed of; do
	if [ "$name" = ssecat ]; then
		is "ssecat: all cases" "$passed" "$of"
		[ "$passed" -eq "$of" ] || show "$out"
	else
		note "$name passes $passed of $of cases"
	fi
done <<X
$(echo "$out" | grep '^[a-z]')
X
[ -z "${SHOW-}" ] || echo "$out"
finish
