#!/bin/sh
# ssecat and redirects: what is kept, what is refused, and that no secret goes to another origin.
# shellcheck disable=SC2154 # by sse_places
. "$(dirname "$0")/../sse.sh"
echo tok.en-1 >token
# authorized NAME N...: what these requests carried.
authorized() {
	of=$1
	shift
	for n; do printf '%s;' "$(header "$of" "$n" Authorization)"; done
}
# moved STATUS ADDRESS: a step.
moved() { printf '%s' "say HTTP/1.1 $1 Moved\\r\\nLocation: $2\\r\\n\\r\\n"; }
paths() { cut -d ' ' -f 2 "$1.log" | paste -s -d ' '; }
sse_places near far
data() { jq -r .data out | paste -s -d ' '; }

# Another port is another origin: the token stays behind, also on the way back to the first.
sse_starts near "$(moved 307 '$far_url')" 'ok retry: 100\ndata: a\n\n' "$(moved 303 '$far_url?second')" \
	'ok data: b\n\n | hang'
sse_starts far "$(moved 302 '$near_url?back')"
cat_starts -t token "$near_url"
wait_for 10 printed 2
cat_ends
is "302, 303 and 307 are followed" "$rc:$(data)" "0:a b"
is "and not kept" "$(paths near):$(paths far)" \
	"/events /events?back /events /events?back:/events /events?second"
is "the token: to the first origin alone" "$(authorized near 1 2 3 4):$(authorized far 1 2)" \
	"Bearer tok.en-1;;Bearer tok.en-1;;:;;"

# Where 301 and 308 lead to is asked the next time, until it gives no stream.
sse_places perm third
sse_starts perm "$(moved 301 /moved?x=1)" "$(moved 308 '$third_url')"
sse_starts third 'ok retry: 100\ndata: a\n\n' 'ok data: b\n\n' 'say HTTP/1.1 500 Oh\r\n\r\n' \
	'ok data: c\n\n | hang'
cat_starts -t token "$perm_url"
wait_for 10 printed 3
cat_ends
is "301 and 308 are followed" "$rc:$(data)" "0:a b c"
is "and kept while they work" "$(paths perm):$(wc -l <third.log)" "/events /moved?x=1 /events:4"
is "the token: not to another origin that is kept, either" \
	"$(authorized perm 1 2 3):$(authorized third 1 2 3 4)" \
	"Bearer tok.en-1;Bearer tok.en-1;Bearer tok.en-1;:;;;;"
sse_places mixed fourth
sse_starts mixed "$(moved 302 '$fourth_url')" "$(moved 302 '$fourth_url')"
sse_starts fourth "$(moved 301 /end)" 'ok retry: 100\ndata: a\n\n' "$(moved 301 /end)" 'ok data: b\n\n | hang'
cat_starts "$mixed_url"
wait_for 10 printed 2
cat_ends
is "301 behind 302 is not kept" "$(wc -l <mixed.log):$(paths fourth)" "2:/events /end /events /end"

# Name and password of the address are secrets, too; those of a redirect are not taken.
sse_places named other
sse_starts named "$(moved 307 '/same')" "$(moved 307 'http://evil:x@127.0.0.1:$other_port/y')"
sse_starts other 'ok data: a\n\n'
SSE_ENDPOINT=http://me:pa%20ss@127.0.0.1:$named_port/events run ssecat --retries 1
is "name and password: to the same origin" "$rc:$out:$(authorized named 1 2)" \
	'69:{"id":"","event":"message","data":"a"}:Basic bWU6cGEgc3M=;Basic bWU6cGEgc3M=;'
is "name and password: to no other" "$(authorized other 1):$(cut -d ' ' -f 2 other.log)" ";:/y"
is "and in no message" "$(echo "$err" | grep -c 'pa%20ss\|evil\|same')" 0

# What is not followed.
sse_starts loop "$(moved 302 /loop)"
run ssecat --retries 1 "$loop_url"
like "a loop" "$rc:$out:$(wc -l <loop.log):$err" "69::11:*: more than 10 redirects; giving up*"
sse_starts odd "$(moved 301 'ftp://127.0.0.1/x')"
run ssecat --retries 1 "$odd_url"
like "to another scheme" "$rc:$out:$err" "69::*: a redirect's address is neither http nor https; giving up*"
sse_starts bad "$(moved 301 'http://[x')"
run ssecat --retries 1 "$bad_url"
like "to no address" "$rc:$out:$err" "69::*: a redirect's address is no address; giving up*"
sse_starts nowhere 'say HTTP/1.1 301 Moved\r\n\r\n'
run ssecat --retries 1 "$nowhere_url"
like "to nowhere" "$rc:$out:$err" "69::*'127.0.0.1:$nowhere_port': HTTP 301; giving up*"
finish
