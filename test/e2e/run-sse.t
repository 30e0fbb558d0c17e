#!/bin/sh
# make run-sse: what its buttons send stops and starts the station; hostile requests send nothing; the server
# of events remembers what it sent; Ctrl-C ends all of it. Longer than others: one demo serves all of it.
. "$(dirname "$0")/../demo.sh"
unset http_proxy https_proxy all_proxy no_proxy HTTPS_PROXY ALL_PROXY NO_PROXY SSE_ENDPOINT SSE_TOKEN
wish() { cat "$STREAMHUB_ROOT/var/lib/streamhub/1/desired"; }
pid_of() { stationctl status -j 1 | jq -r '.pid // .[0].pid // empty' 2>/dev/null; }
stopped() { [ "$(wish)" = down ] && ! pgrep -f "^rtmppush .*$T/demo/run/streamhub\.d/1" >/dev/null; }
plays() { [ "$(wish)" = up ] && pgrep -f "^rtmppush .*$T/demo/run/streamhub\.d/1" >/dev/null; }
by() { cat "$STREAMHUB_ROOT/var/lib/streamhub/1/desired.by"; }
post() { # PATH [ARGUMENT...]: leaves the answer in $out and its status in $rc.
	post_to=$1
	shift
	run curl -sS -m 20 -o body -w '%{http_code}' -H 'X-Streamhub: 1' -X POST "$@" "$page$post_to"
	rc=$out out=$(cat body)
}
# hears AFTER ENOUGH: what is sent to a client that has come so far, until a line is as ENOUGH.
hears() {
	curl -sSN -m 30 ${1:+-H "Last-Event-ID: $1"} "$page/events" >stream 2>/dev/null &
	wait_for 20 grep -q "$2" stream
	kill $!
	wait $! 2>/dev/null
	grep -v '^$' stream
}

# The port of the page is somebody else's, so it is the next one.
perl -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1:3000", ReuseAddr => 1) or exit;
	sleep 600' &
mine $!
ok "port 3000 is taken" wait_for 10 listens 3000
ok "it starts" demo_starts --events
demo_port >port
page=$(sed -n 's|^The page with the buttons: \(http://.*\)/$|\1|p' demo.out)
ok "it says where the page is, at another port" [ "${page#http://127.0.0.1:}" -gt 3000 ]
like "it says what to type" "$(cat demo.out)" "*curl -H 'X-Streamhub: 1' -X POST '$page/stop?id=1'*"
like "the page" "$(curl -sS "$page/")" "*<script src=\"page.js\" defer></script>*id=\"streams\"*"
run curl -sS "$page/streams"
is "its streams" "$out" '{"first":0,"streams":[{"id":"1","up":true}]}'
heard() { grep -q "$1" demo.err; }
ok "the whole list comes first" wait_for 20 heard "\[SSE\] event '0': state, streams: 1"
ok "the station plays" wait_for 20 plays

# Each button. What curl is told to do is what the demo says.
run sh -c "$(sed -n 's/^ *\(curl .*\)$/\1/p' demo.out)"
is "stop: the id of the event" "$out" 1
ok "stop: it stops" wait_for 30 stopped
is "stop: the server desires it" "$(by)" server
post "/start?id=1"
is "start: the id of the event" "$rc:$out" 200:2
ok "start: it plays" wait_for 30 plays
before=$(pid_of)
post "/state?"
is "state, empty: the id" "$rc:$out" 200:3
ok "state, empty: once is not enough" wait_for 20 heard "event '3': state, streams: 0"
post "/stop?id=1"
ok "stop: again" wait_for 30 stopped
post "/state?id=1&id=1"
is "state: the id" "$rc:$out" 200:5
ok "state: it plays" wait_for 30 plays
ok "state: a new process" [ "$(pid_of)" != "$before" ]

# What a stream begins with.
is "without an id: the whole state" "$(hears '' '^data')" 'retry: 1000
id: 5
event: state
data: [{"id":"1"}]'
is "an unknown id: the same" "$(hears 77 '^data' | tail -n 2)" 'event: state
data: [{"id":"1"}]'
is "a known one: what came after" "$(hears 3 '^data: \[' | grep -v retry)" 'id: 4
event: stop
data: {"id":"1"}
id: 5
event: state
data: [{"id":"1"}]'
printf 'id: 4\n' >applied
run timeout 20 sh -c 'ssecat -i applied "$0/events" | head -n 1' "$page"
is "ssecat gets what came after its id" "$out" '{"id":"5","event":"state","data":"[{\"id\":\"1\"}]"}'

# Hostile requests.
port=${page##*:}
refuses() { # NAME STATUS CURL...
	refuses_name=$1 refuses_code=$2
	shift 2
	run curl -sS -m 20 -o body -w '%{http_code}' "$@"
	is "refused: $refuses_name" "$out" "$refuses_code"
}
set -- -H 'X-Streamhub: 1' -X POST
refuses "another host" 403 "$@" -H "Host: evil.example:$port" "$page/stop?id=1"
refuses "another host, the page" 403 -H "Host: evil.example:$port" "$page/"
refuses "no host" 403 -H Host: "$page/events"
refuses "another origin" 403 "$@" -H 'Origin: http://evil.example' "$page/stop?id=1"
refuses "no origin" 403 "$@" -H 'Origin: null' "$page/stop?id=1"
refuses "of another site" 403 "$@" -H 'Sec-Fetch-Site: same-site' "$page/stop?id=1"
refuses "without the header" 403 -X POST "$page/stop?id=1"
refuses "GET" 405 -H 'X-Streamhub: 1' "$page/stop?id=1"
refuses "POST to the stream" 405 "$@" "$page/events"
refuses "a body" 413 "$@" -d x "$page/stop?id=1"
refuses "an id that is a path" 400 "$@" "$page/stop?id=../x"
refuses "an id with a line end" 400 "$@" "$page/stop?id=1%0a"
refuses "no id" 400 "$@" "$page/stop"
refuses "two ids" 400 "$@" "$page/stop?id=1&id=1&x=2"
refuses "a stream that is not there" 404 "$@" "$page/stop?id=2"
refuses "a file that is not the page's" 404 --path-as-is "$page/../server.pl"
raw() { # the first line of the answer to these bytes
	perl -MIO::Socket::INET -e 'alarm 30; my $s = IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or die;
		print $s <STDIN>; $s->flush; print scalar <$s>' "$port" | tr -d '\r'
}
host="Host: 127.0.0.1:$port\r\n"
{
	printf 'POST /stop?id=1 HTTP/1.1\r\n%bX-Streamhub: 1\r\n' "$host"
	seq 1 100000 | sed 's/.*/X-&: 0123456789\r/' | head -c 1000000
} >headers
is "1 MB of headers" "$(raw <headers)" "HTTP/1.1 431 Request Header Fields Too Large"
is "a host twice" "$(printf 'GET / HTTP/1.1\r\n%b%b\r\n' "$host" "$host" | raw)" "HTTP/1.1 400 Bad Request"
is "no request" "$(printf '\r\n\r\n' | raw)" "HTTP/1.1 400 Bad Request"
is "one that never ends" "$(printf 'GET / HTTP/1.1\n\n' | raw)" "HTTP/1.1 408 Request Timeout"
is "which sent no event" "$(tail -n 1 demo/events)" "5	state	1"
ok "and the station plays" plays

# A second server, as it goes on after a kill, with a file that was cut.
second() {
	rm -f url
	perl "$top/contrib/events/server.pl" events demo/etc/streamhub/stations "$port" >url 2>second.err &
	second=$!
	mine $second
	wait_for 10 test -s url && page=$(sed 's|/$||' url)
}
{ cat demo/events && printf '6\tsto'; } >events
second
is "after a restart it knows its events" "$(hears 4 '^data' | head -n 2)" 'retry: 1000
id: 5'
post "/stop?id=1"
is "and goes on" "$rc:$out:$(tail -n 1 events)" "200:6:6	stop	1"
kill -9 $second
reap $second 2>/dev/null
awk 'BEGIN {
	print "1\tstate\t1"
	for (i = 2; i <= 3000; i++) print i "\t" (i % 2 ? "start" : "stop") "\t1"
}' >events
second
is "old events become one state" "$(wc -l <events):$(head -n 1 events)" "1000:2001	state	1"
is "behind which is nothing known" "$(hears 2000 '^data' | tail -n 2)" 'event: state
data: []'
kill $second
reap $second

demo_ends INT
is "Ctrl-C ends it" "$rc:$(tail -n 1 demo.out)" \
	"0:demo: ended; nothing runs any more, and demo/ stays to be looked at"
like "nothing odd was said" "$(grep -v INFO demo.err)" \
	"*\[RECONCILE\] this list would stop 1 *: it must come again*"
ok "nothing is left" wait_for 10 nothing_left
is "the messages of the others" "$(cat demo/events.log; grep -v INFO demo/ssecat.log demo/orchestrate.log)" ""
refused "not with a real station" 1 "*--events is for the made-up station alone*" \
	"$top/contrib/demo" --events x.conf
finish
