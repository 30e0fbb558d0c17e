#!/bin/sh
# rtmppush between two sessions: where the stamps go on, what is said of a server that hangs up at once, and
# how much is sent in one go.
. "$(dirname "$0")/../rtmp.sh"
port=$(free_port)
url=rtmp://127.0.0.1:$port/live/secretkey
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=64x48:r=30:d=40 -f lavfi -i sine=d=40 \
	-c:v libx264 -preset ultrafast -threads 1 -g 15 -pix_fmt yuv420p -c:a aac clip.mp4
echo "$T/clip.mp4" >list
sink() { # FILE: a server of the port
	rtmpsink -1 -o "$1" "$url" >sink.out 2>sink.err &
	sink=$!
	mine $sink
	wait_for 20 listens "$port"
}
# stamps FILE: of its packets, in milliseconds.
stamps() {
	ffmpeg -v error -nostdin -copyts -i "$1" -map 0 -c copy -f framecrc - |
		awk -F , '!/^#/ { print $2 + 0 }' | sort -n
}
has() { [ "$(wc -c <"$1" 2>/dev/null || echo 0)" -gt "$2" ]; }

# Lost after a second, and back: five seconds later.
session_goes_on() { # restart|continue
	port=$(free_port)
	url=rtmp://127.0.0.1:$port/live/secretkey
	sink one.flv
	rtmppush --retries 9 --stamps "$1" "$url" <../list >out 2>err &
	push=$!
	mine $push
	wait_for 20 has one.flv 20000
	kill -9 $sink
	reap $sink
	sink two.flv
	wait_for 30 has two.flv 20000
	kill $push
	reap $push
	reap $sink
	saw first "$(stamps two.flv | head -n 1 | awk -v last="$(stamps one.flv | tail -n 1)" \
		'$1 > last + 3500 && $1 < last + 9000 { print "later"; next }
		{ print $1 == 0 ? "at 0" : $1 " after " last }')"
	saw again "$(grep -c 'the session is lost: .*; again in [456]\.[0-9] s' err)"
}
restarted() { session_goes_on restart; }
continued() { session_goes_on continue; }

# Takes the session and hangs up.
hangs_up() {
	port=$(free_port)
	url=rtmp://127.0.0.1:$port/live/secretkey
	sink one.flv
	rtmppush --retries 1 "$url" <../list >out 2>err &
	push=$!
	mine $push
	wait_for 20 grep -q begins sink.out
	kill -9 $sink
	reap $sink
	reap $push
	saw rc $?
	saw said "$(grep -c 'closed the connection at once: it may refuse the key; giving up' err)"
}

scenarios restarted continued hangs_up
check restarted first "at 0"
check restarted again 1
check continued first later
check continued again 1
check hangs_up rc 69
check hangs_up said 1
[ $failures -eq 0 ] || show "$(cat ./*/err)"

# Messages between two waits: a burst makes some servers hold up their viewers.
sink got.flv
# shellcheck disable=SC2154 # lib.sh's
timeout 4 strace -qq -f -e trace=poll,ppoll,setsockopt -o calls "$plain/rtmppush" --retries 1 \
	"$url" <list >out 2>err
reap $sink
ffmpeg -v error -nostdin -i got.flv -c copy -f framecrc - | grep -vc "^#" >packets
flushes=$(grep -c 'TCP_CORK, \[0\]' calls)
ok "a burst has few messages: $(cat packets) in $flushes" [ "$(cat packets)" -le $((flushes * 5)) ]
ok "there are some" [ "$(cat packets)" -gt 100 ]
finish
