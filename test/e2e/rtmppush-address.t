#!/bin/sh
# rtmppush and its address: in a file, as an operand, or wrong; it stays out of all messages. While nothing
# is to be played, the end of a session is no failure.
. "$(dirname "$0")/../sink.sh"
clips 1 2
mkdir s

# The address.
echo "$url" >address
sink -1
unset RTMP_URL
push d/1.mp4 -u address
reap $sink
is "-u FILE" "$rc:$out" "0:d/1.mp4"
sink -1
mkfifo in
rtmppush --lead 1000 --retries 3 -s s "$url" <in >printed 2>err &
pid=$!
exec 9>in
echo d/1.mp4 >&9
printed() { [ -s printed ]; }
ok "operand: played, and waits for more" wait_for 20 printed
between() { [ "$(sed -n 's/^\(state\|now\|queue\): //p' s/rtmppush | tr '\n' ' ')" = "playing d/1.mp4 0 " ]; }
ok "between two clips: it plays on" wait_for 20 between
waits() { [ "$(value s/rtmppush state)" = waiting ]; }
ok "with none for long: it waits" wait_for 20 waits
like "a line for each clip that was on the air" "$(cat err)" \
	"*[[]INFO[]]*'d/1.mp4' was on the air to 0.9 s: kept*"
is "operand: no key in the list of processes" "$(tr '\0' ' ' </proc/$pid/cmdline | grep -c secretkey)" 0
like "operand: warned of" "$(cat err)" "*better give it by \$RTMP_URL*"

# Idle, and the server ends the session: that is no failure, and the next clip plays.
ended() { grep -q 'while nothing was to be played' err; }
told() { [ "$(wc -l <printed)" -ge 2 ]; }
kill $sink
reap $sink
ok "idle: the end of the session is seen" wait_for 20 ended
is "idle: it is no failure" "$(grep -c 'again in' err)" 0
sink -1
echo d/2.mp4 >&9
ok "idle: the next clip is played" wait_for 20 told
kill -TERM $pid
wait $pid
is "SIGTERM while it waits" $? 0
exec 9>&-
reap $sink

# Addresses.
run rtmppush -u rtmp://127.0.0.1/live/secretkey </dev/null
is "-u with an address: exit code" "$rc" 66
is "-u with an address: no key" "$(echo "$err" | grep -c secretkey)" 0
like "-u with an address: said" "$err" "*the address was given where a file is wanted*"
echo d/1.mp4 >one
run env RTMP_URL=rtmp://a..b/live/secretkey rtmppush --retries 1 <one
is "no such host: exit code" "$rc" 69
like "no such host: said" "$err" "*cannot be reached: no address is known for a..b*"
for url in rtmp:// rtmp:/// rtmp://127.0.0.1/live rtmp://127.0.0.1; do
	run env RTMP_URL=$url rtmppush </dev/null
	is "no application or key: $url" "$rc" 64
done
finish
