#!/bin/sh
# ssecat: prints events, comes back with the last id, and ends as it should.
. "$(dirname "$0")/../sse.sh"

# What events become.
sse_starts one "$(printf %s 'ok : hi\n\ndata: a\n\nid: 7\nevent: start\ndata: {"id":"1"}\ndata: two\n\n' \
	'data: "\x00\xc3\xa9\xff\n\n | hang')"
cat_starts "$url"
wait_for 10 printed 3
cat_ends
is "events as JSON, and SIGTERM" "$rc:$(cat out)" '0:{"id":"","event":"message","data":"a"}
{"id":"7","event":"start","data":"{\"id\":\"1\"}\ntwo"}
{"id":"7","event":"message","data":"\"\u0000é�"}'
like "and it says where" "$(cat err)" "*[[]INFO[]] [[]ssecat[]] '127.0.0.1:$port': connected"
is "one line of it" "$(wc -l <err)" 1
is "its request" "$(sed 's/ | User-Agent: [^|]* / /; s/127.0.0.1:[0-9]*/HOST/' one.log)" \
	"GET /events HTTP/1.1 | Host: HOST | Accept: text/event-stream | Cache-Control: no-cache"
cat_starts -d "$url"
wait_for 10 printed 3
kill -INT "$cat"
wait "$cat"
is "-d, and SIGINT" "$?:$(tr '\0' 0 <out)" '0:a
{"id":"1"}
two
"0é�'

# Drops: it comes back with the last id, and nothing is lost or half printed.
sse_starts drops 'ok retry: 100\nid: 1\ndata: a\n\nid: 2\ndata: half' \
	'ok id: 2\ndata: b\n\nid: 3\n\nid: 4\ndata:' \
	'ok data: c\n\nid\n\nda' 'ok data: d\n\n | hang'
cat_starts -s . "$url"
wait_for 20 printed 4
wait_for 10 grep -q 'reconnects: 3' ssecat
is "its fact" "$(values ssecat state server id events dropped reconnects error)" \
	"connected 127.0.0.1:$port  4 0 3 "
like "error of it" "$(cat ssecat)" "time: *
boot: *
mono: *
pid: *
started: *
state: connected*
error: "
cat_ends
is "each event once" "$rc:$(jq -r '.id + ":" + .data' out | paste -s -d ' ')" "0:1:a 2:b 3:c :d"
ids=
for n in 1 2 3 4; do ids="$ids,$(header drops $n Last-Event-ID)"; done
is "the last ids that were sent" "$ids" ",,1,3,"
like "said once" "$(cat err)" "*connected
*[[]WARN[]] [[]ssecat[]] '127.0.0.1:$port': the server has ended the stream; again in 0.[12] s
*connected again"
is "and no more" "$(wc -l <err)" 3

# --retries: failures in a row, and an event begins a new row.
dead=$(free_port)
run ssecat --retries 1 "http://127.0.0.1:$dead/secret?key=1"
is "nobody there: exit code and output" "$rc:$out" 69:
like "nobody there: said" "$err" "*the address stood in the list of processes*
*[[]ERROR[]] [[]ssecat[]] '127.0.0.1:$dead': Connection refused; giving up after 1 failures"
is "and no secret of the address" "$(echo "$err" | grep -c 'secret\|key')" 0
sse_starts rows 'ok retry: 100\n\n' 'ok :' 'ok data: a\n\n' 'ok :' 'ok :' 'ok data: never\n\n'
run ssecat --retries 3 "$url"
is "three failures in a row" "$rc:$out:$(wc -l <rows.log)" '69:{"id":"","event":"message","data":"a"}:5'
like "three: said" "$err" "*giving up after 3 failures"

# Pauses grow, each by chance, and retry: bounds them from below.
sse_starts grow 'say HTTP/1.1 500 Oh\r\n\r\n'
run ssecat --delay 1 --retries 3 "$url"
is "a server in trouble: exit code" "$rc:$out:$(wc -l <grow.log)" 69::3
like "a server in trouble: said once" "$err" "*'127.0.0.1:$port': HTTP 500; again in [01].[0-9] s
*HTTP 500; giving up after 3 failures"
finish
