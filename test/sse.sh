# shellcheck shell=sh disable=SC2034,SC2154
# sse.sh: lib.sh, and what the tests of ssecat share: servers that follow a script, and ssecat beside them.
. "${0%/*}/../lib.sh"
unset http_proxy https_proxy all_proxy no_proxy HTTPS_PROXY ALL_PROXY NO_PROXY SSE_ENDPOINT SSE_TOKEN
servers=
cat=
cleanup_hook='sse_ends'
sse_ends() {
	# shellcheck disable=SC2086 # numbers
	kill $servers $cat 2>/dev/null
}

# sse_places NAME...: the ports and addresses of servers that name each other, as $NAME_port and $NAME_url.
sse_places() {
	for sse_name; do
		port=$(free_port)
		url=http://127.0.0.1:$port/events
		eval "export ${sse_name}_port=$port ${sse_name}_url=$url"
	done
}

# sse_starts NAME LINE...: a server with this script (see sse-server.pl). Leaves its port in $port and its
# address in $url, as sse_places does, which may have been called before. Its requests are in NAME.log.
sse_starts() {
	eval "port=\${$1_port-}"
	[ -n "$port" ] || sse_places "$1"
	sse_name=$1
	url=http://127.0.0.1:$port/events
	shift
	printf '%s\n' "$@" >"$sse_name.script"
	: >"$sse_name.log"
	perl "$top/test/sse-server.pl" "$port" "$sse_name.script" "$sse_name.log" 2>"$sse_name.err" &
	servers="$servers $!"
	wait_for 10 listens "$port" || show "$(cat "$sse_name.err")"
}

# cat_starts ARGUMENT...: ssecat, its output in the file out and its messages in err. $cat is its pid.
# Nobody may take what the one before said for its own: a signal before it has started is lost.
cat_starts() {
	: >out
	: >err
	ssecat "$@" >out 2>err &
	cat=$!
}

# cat_ends: ends it. Leaves its exit code in $rc.
cat_ends() {
	kill "$cat"
	wait "$cat"
	rc=$?
}

printed() { [ "$(wc -l <out)" -ge "$1" ]; }
asked() { [ "$(wc -l <"$1.log")" -ge "$2" ]; }
said() { grep -q "$1" err; }
# header FILE N NAME: a header of the Nth request.
header() { sed -n "$2p" "$1.log" | tr '|' '\n' | sed -n "s/^ $3: //p" | sed 's/ $//'; }
