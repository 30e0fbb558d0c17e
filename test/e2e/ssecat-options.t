#!/bin/sh
# ssecat: wrong use, bad settings, and where the address and the token come from.
# shellcheck disable=SC2154 # by sse_places
. "$(dirname "$0")/../sse.sh"
sse_starts here 'ok data: a\n\n'
a='{"id":"","event":"message","data":"a"}'
dead=http://127.0.0.1:$(free_port)/

run ssecat --help
like "help" "$rc:$out" "0:usage: ssecat *--silence SEC*"
run ssecat -V
like "version" "$rc:$out" "0:ssecat [0-9]*"
sse_starts oh 'say HTTP/1.1 500 Oh\r\n\r\n'
run ssecat -v --delay 1 --retries 3 "$oh_url"
like "verbose" "$rc:$out:$err" "69::*[[]WARN[]]*HTTP 500; again*[[]DEBUG[]]*HTTP 500; again*giving up*"

# Wrong use.
refused "no address" 64 "*no address: give *SSE_ENDPOINT, -u FILE or URL*" ssecat
refused "two addresses" 64 "*more than one address*" ssecat "$dead" "$dead"
refused "an address twice" 64 "*option -u and an address exclude each other*" ssecat -u file "$dead"
for wrong in ftp://h/ /events h:80/x http:// 'http://[x/' 'http://h:99999/' 'http://a b/' ''; do
	refused "not '$wrong'" 64 "*address*" ssecat --retries 1 "$wrong"
done
refused "a long address" 64 "*longer than 8191 bytes*" ssecat "http://h/$(head -c 8200 /dev/zero | tr '\0' x)"
while read -r option value; do
	refused "$option $value" 64 "*option $option*" ssecat $option "$value" "$dead"
done <<X
--delay 0
--delay 61
--delay 5s
--retries -1
--silence 0
--silence 86401
--timeout 0
--timeout 601
X

# Bad settings.
export SSE_ENDPOINT=here
refused "the environment's address" 78 "*[[]ERROR[]] [[]ssecat[]] the address *" ssecat
SSE_ENDPOINT=$dead
echo ftp://h/ >file
refused "a file's address" 78 "*the address is neither http nor https*" ssecat -u file
refused "no such file" 66 "*address file 'none': No such*" ssecat -u none
refused "no token file" 66 "*token file 'none': No such*" ssecat -t none
refused "no folder" 66 "*status folder 'none': No such*" ssecat -s none
refused "no certificates" 66 "*option --ca: 'none': No such*" ssecat --ca none
printf 'to\tken\n' >token
refused "a token with a tab" 78 "*the token has control bytes*" ssecat -t token
head -c 5000 /dev/zero | tr '\0' x >token
refused "a long token" 66 "*token file 'token': File too large*" ssecat -t token

# Where the address comes from: the operand, a file, a file of settings, the environment.
authorization() { header here 1 Authorization; }
: >here.log
export SSE_TOKEN=from-environment
run ssecat --retries 1 "$here_url"
is "an operand goes first" "$rc:$out:$(authorization)" "69:$a:Bearer from-environment"
is "one without a query is no secret" "$(echo "$err" | grep -c 'list of processes')" 0
: >here.log
printf '# ours\nSSE_ENDPOINT="%s"\nSSE_TOKEN=from-settings\n' "$here_url" >settings
run ssecat --retries 1 -u settings -t settings
is "a file of settings, for both" "$rc:$out:$(authorization)" "69:$a:Bearer from-settings"
: >here.log
echo "$here_url" >file
echo from-file >token
run ssecat --retries 1 -u file -t token
is "a file, for both" "$rc:$out:$(authorization)" "69:$a:Bearer from-file"
SSE_ENDPOINT=$here_url
run ssecat --retries 1
is "the environment" "$rc:$out" "69:$a"
sse_starts seen 'ok | hang'
SSE_ENDPOINT=$(echo "$seen_url" | sed 's|//|//u:secret@|')
cat_starts "$SSE_ENDPOINT?key=secret"
wait_for 10 said connected
is "no secret in sight" "$(tr '\0' '\n' <"/proc/$cat/cmdline" | grep -c secret):$(grep -c secret err)" 0:0
like "but a warning" "$(cat err)" "*the address stood in the list of processes*"
cat_ends

# A supervisor hears of it.
cat >notify.pl <<'X'
use Socket;
socket my $s, PF_UNIX, SOCK_DGRAM, 0 or die;
bind $s, sockaddr_un('notify') or die;
while (defined recv $s, my $text, 4096, 0) { syswrite STDOUT, "$text\n" }
X
perl notify.pl >notified &
servers="$servers $!"
wait_for 10 [ -S notify ]
NOTIFY_SOCKET=$T/notify WATCHDOG_USEC=200000 ssecat "$dead" >out 2>err &
cat=$!
notified() { [ "$(grep -c WATCHDOG notified)" -ge 2 ]; }
wait_for 10 notified
cat_ends
is "ready, while nobody answers; and stopping" "$rc:$(grep -v WATCHDOG notified | paste -s -d ' ')" \
	"0:READY=1 STOPPING=1"
finish
