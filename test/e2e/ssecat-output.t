#!/bin/sh
# ssecat between a server and a reader: silence, back-pressure, large events, ends in the middle.
# shellcheck disable=SC2154 # by sse_places
. "$(dirname "$0")/../sse.sh"
nl='
'

# Silence: a comment is a sign of life; without one the connection is dead.
sse_starts quiet 'ok data: a\n\n | hang' 'ok : alive\n | hang' 'ok data: b\n\n | hang'
cat_starts --silence 1 --delay 1 "$url"
wait_for 20 printed 2
cat_ends
is "silence: asked again" "$rc:$(jq -r .data out | paste -s -d ' '):$(wc -l <quiet.log)" "0:a b:3"
like "silence: said once" "$(cat err)" "*: connected${nl}*: nothing came for 1 s; again in *connected again"
sse_starts mute 'hang'
run ssecat --silence 1 --retries 1 "$url"
like "no answer at all" "$rc:$out:$err" "69::*[[]ERROR[]]*: nothing came for 1 s; giving up*"
sse_starts alive 'ok : 1\n | wait one | say : 2\n | wait two | say data: a\n\n | hang'
cat_starts --silence 2 "$url"
wait_for 10 said connected
now() { date +%s%N; }
is_past() { [ "$(now)" -gt "$1" ]; }
from=$(now)
wait_for 10 is_past $((from + 1300000000))
touch one
wait_for 10 is_past $((from + 2600000000))
touch two
wait_for 10 printed 1
cat_ends
is "comments keep it alive" "$rc:$(wc -l <alive.log):$(wc -l <err)" 0:1:1

# A connection that is not accepted within the time.
cat >full.pl <<'X'
use IO::Socket::INET; # nobody accepts, and the queue is full: further connections are not answered
my $l = IO::Socket::INET->new(LocalAddr => "127.0.0.1:$ARGV[0]", Listen => 1, ReuseAddr => 1) or die;
my @c = map { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]", Blocking => 0) } 1 .. 8;
sleep 60;
X
full=$(free_port)
perl full.pl "$full" &
servers="$servers $!"
wait_for 10 listens "$full"
run ssecat --timeout 1 --retries 1 "http://127.0.0.1:$full/"
like "no connection" "$rc:$out:$err" "69::*: no connection within 1 s; giving up*"

# A reader that does not read: the server is not read either, and its silence does not count.
mkfifo pipe
# 400,000 events of 70 bytes are more than all buffers between here and there hold.
x70=$(perl -e 'print "0123456789" x 7')
sse_starts flood "ok | repeat 400000 data: $x70\n\n | say data: end\n\n | hang"
: >err
ssecat --silence 1 "$flood_url" >pipe 2>err &
cat=$!
exec 3<pipe
wait_for 10 said connected
moved() { cut -d ' ' -f 14,15 /proc/$cat/stat; }
still() {
	then=$(moved) from=$(now)
	wait_for 5 is_past $((from + 1200000000))
	[ "$(moved)" = "$then" ]
}
wait_for 20 still
is "a reader that stops: it waits too, and blames nobody" "$?:$(grep -c nothing err)" 0:0
is "then all of it comes" "$(head -n 400001 <&3 | cksum)" "$(perl -e '
	print qq({"id":"","event":"message","data":"$_"}\n) for ("0123456789" x 7) x 400000, "end"' | cksum)"
is "by one connection" "$(wc -l <flood.log)" 1
cat_ends
exec 3<&-
held=$(
	"$plain/ssecat" "$flood_url" >pipe 2>err &
	cat=$!
	exec 3<pipe
	wait_for 20 still
	awk '/VmRSS/ { print $2 }' "/proc/$cat/status"
	kill "$cat"
)
ok "meanwhile it does not hold the stream: $held kB" [ "$held" -lt 16000 ]

# SIGTERM while the reader does not read.
: >err
ssecat "$flood_url" >pipe 2>err &
cat=$!
exec 3<pipe
wait_for 10 said connected
wait_for 20 still
from=$(now)
cat_ends
like "SIGTERM then" "$rc:$(cat err)" "75:*bytes not taken by the reader of standard output"
took=$(($(now) - from))
ok "within a second" [ $took -lt 1500000000 ]
exec 3<&-

# The reader goes away.
sse_starts gone 'ok data: a\n\n | hang'
ssecat "$gone_url" 2>err >pipe &
cat=$!
head -n 1 pipe >first
wait "$cat"
like "the reader is gone" "$?:$(cat first err)" \
	"75:{*}${nl}*connected${nl}*[[]ERROR[]] [[]ssecat[]] the reader of standard output is gone"
run sh -c 'ssecat "$1" >/dev/full' sh "$gone_url"
like "a full disk" "$rc:$err" "74:*standard output: No space left on device"

# An event of 9 MiB comes whole, one of 11 MiB is dropped, and the next one is there.
sse_starts large "$(printf %s 'ok id: 1\ndata: | repeat 9437184 x | say \n\nid: 2\ndata: | ' \
	'repeat 11534336 y | say \n\nid: 3\ndata: z\n\n | hang')"
cat_starts -s . "$large_url"
wait_for 60 printed 2
wait_for 5 grep -q 'events: 2' ssecat
is "dropped: in the fact" "$(values ssecat id events dropped)" "3 2 1"
cat_ends
is "a large event" "$rc:$(jq -r '.id + ":" + (.data | length | tostring)' out | paste -s -d ' ')" \
	"0:1:9437184 3:1"
like "one too large: said" "$(cat err)" "*connected${nl}*[[]WARN[]]*: an event is dropped: Message too long"
sse_starts cut 'ok retry: 100\nid: 1\ndata: | repeat 3000000 x' 'ok id: 1\ndata: a\n\n | hang'
cat_starts -d "$cut_url"
wait_for 20 printed 1
cat_ends
is "a large event that is cut off is not printed" "$rc:$(cat out)" 0:a
finish
