#!/bin/sh
# ssecat and answers that are no stream of events: what each means, and when it asks again.
. "$(dirname "$0")/../sse.sh"
out_a='{"id":"","event":"message","data":"a"}'
a='ok data: a\n\n | hang'

# What an answer is, and how long the pause is then, by the only message: name@answer (=: HTTP/1.1)@message
# (empty: another type)@seconds.
while IFS='@' read -r name answer what pause; do
	sse_starts "$name" "$(printf '%s\n' "$answer" | sed 's/^=/say HTTP\/1.1 /')"
	cat_starts --delay 1 "$url"
	wait_for 10 said again
	cat_ends
	[ -n "$what" ] || what="the answer is no stream of events, but '*'"
	case $pause in 0) pause='[01]' ;; *0) pause="${pause%0}[01]" ;; esac
	like "$name" "$rc:$(cat out):$(cat err)" \
		"0::*[[]WARN[]] [[]ssecat[]] '127.0.0.1:$port': $what; again in $pause.[0-9] s"
	is "$name: once" "$(wc -l <err):$(wc -l <"$name.log")" 1:1
done <<'X'
html@=200 OK\r\nContent-Type: text/html\r\n\r\ndata: a\n\n@*but 'text/html'@60
untyped@=200 OK\r\n\r\ndata: a\n\n@the answer is no stream of events, but ''@60
alike@=200 OK\r\nContent-Type: text/event-streams\r\n\r\n@@60
created@=201 Created\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\n@HTTP 201@60
forbidden@=403 No\r\nContent-Encoding: gzip\r\n\r\n@HTTP 403@60
gone@=410 Gone\r\n\r\n@HTTP 410@60
slow@=408 Slow\r\n\r\n@HTTP 408@0
busy@=429 Busy\r\nRetry-After: 20\r\n\r\n@HTTP 429@20
busier@=503 Busy\r\nRetry-After: 99999999999999999999\r\n\r\n@HTTP 503@600
negative@=503 Busy\r\nRetry-After: -1\r\n\r\n@HTTP 503@0
nonsense@=503 Busy\r\nRetry-After: soon\r\n\r\n@HTTP 503@0
past@=503 Busy\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n@HTTP 503@0
future@=503 Busy\r\nRetry-After: Sun, 06 Nov 2094 08:49:37 GMT\r\n\r\n@HTTP 503@600
broken@=502 Bad\r\nRetry-After: 20\r\n\r\n@HTTP 502@0
none@=204 No\r\n\r\n@the server has no events, and asks not to be asked again (HTTP 204)@600
gzip@=200 OK\r\nContent-Encoding: gzip\r\n\r\n@the answer is compressed, which was not asked for@60
teapot@say SSH-2.0-x\r\n\r\n@*HTTP*@60
silent@say @the connection was closed without an answer@0
heads@=200 OK\r\n | repeat 9000 X: 123456\r\n | hang@the answer has more than 64 KiB of headers@60
X

# Capitals and parameters do not matter, an early answer is passed over, and chunks may be split anywhere.
sse_starts fine "$(printf '%s' 'say HTTP/1.1 103 Early\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n' \
	'content-type: Text/Event-Stream;charset=x\r\nContent-Encoding: identity\r\n' \
	'Transfer-Encoding: chunked\r\n\r\n2\r\nda\r\n5;x=y\r\nta: a\r\n1\r\n\n\r\n1\r\n\n\r\n | hang')"
cat_starts "$url"
wait_for 10 printed 1
cat_ends
is "capitals, parameters, chunks, an early answer" "$rc:$(cat out)" "0:$out_a"

# Badly chunked: what was whole is printed, and it goes on.
head='HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n'
sse_starts chunks "say ${head}9\r\ndata: a\n\n\r\n" "say ${head}9\r\ndata: a\n\n\r\nzz\r\nx" \
	"say ${head}9\r\ndata: a\n\n\r\n0\r\n\r\n" "say ${head}FFFFFFFFFFFFFFFFFF\r\ndata: b\n\n" "$a"
cat_starts --delay 1 "$url"
wait_for 20 printed 4
cat_ends
is "badly chunked: all whole events" "$rc:$(sort -u out):$(wc -l <out)" "0:$out_a:4"
like "badly chunked: said" "$(cat err)" "*: the connection was closed in the middle of the answer; again*
*connected again
*; again in *: the server has ended the stream; again*"

# The clock runs faster: 204 and 404 are asked again when their time has come, and 204 is said each time.
lib=$(faketime -f +0 sh -c 'echo "$LD_PRELOAD"')
fast() {
	: >out
	: >err
	LD_PRELOAD=$lib FAKETIME='+0 x200' "$plain/ssecat" "$@" >out 2>err &
	cat=$!
}
sse_starts later 'say HTTP/1.1 204 No\r\n\r\n' 'say HTTP/1.1 204 No\r\n\r\n' \
	'say HTTP/1.1 404 No\r\n\r\n' 'say HTTP/1.1 404 No\r\n\r\n' "$a"
fast --silence 10000 "$url"
wait_for 60 printed 1
cat_ends
is "204 and 404: asked again" "$rc:$(cat out):$(wc -l <later.log)" "0:$out_a:5"
is "204: said each time, 404 once" "$(grep -c 'HTTP 204' err):$(grep -c 'HTTP 404' err)" 2:1

# Two failures, a connection that lasts a minute, and the count begins again.
oh='say HTTP/1.1 500 Oh\r\n\r\n'
sse_starts minute "$oh" "$oh" 'ok | wait good' "$oh"
fast --retries 3 --silence 10000 "$url"
wait_for 60 said "connected"
late() { [ "$(($(date +%s%N) - from))" -gt 500000000 ]; } # 100 s of its clock
from=$(date +%s%N)
wait_for 10 late
touch good
wait "$cat"
is "a connection that lasts a minute" "$?:$(wc -l <minute.log)" 69:5
sse_starts short "$oh" "$oh" 'ok'
fast --retries 3 --silence 10000 "$url"
wait "$cat"
is "one that does not" "$?:$(wc -l <short.log)" 69:3
finish
