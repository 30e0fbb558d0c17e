#!/bin/sh
# rtmpsink: what it wrote of a session is whole to the last packet it took, and the next run has all.
. "$(dirname "$0")/every.sh"
good=$top/test/fixtures/good-mp4.mp4
packets "$good" | sort >wanted
ffmpeg -v error -nostdin -i "$good" -c copy good.flv
# push COMMAND...: a publisher as soon as somebody listens there; it gives up when nobody is left.
port=$(free_port)
url=rtmp://127.0.0.1:$port/live/x
gone() { ! kill -0 "$sink" 2>/dev/null; }
ready() { listens "$port" || gone; }
push() {
	"$@" &
	sink=$!
	wait_for 60 ready
	until gone || ! listens "$port"; do
		timeout 10 ffmpeg -v error -nostdin -i good.flv -c copy -f flv "$url" 2>/dev/null
	done
	wait $sink
}
prepare() { rm -f got.flv; }
act() { push "$@" "$plain/rtmpsink" -1 -o got.flv "$url"; }
amiss() {
	[ "$1" -ne 0 ] || [ ! -s got.flv ] || packets got.flv | sort | comm -13 wanted - | head -n 2
	push "$plain/rtmpsink" -1 -o got.flv "$url" >out2 2>err2 || echo "again: $? $(cat err2); "
	packets got.flv | sort | cmp - wanted
}
written=$(stat -c %s good.flv)
every "rtmpsink -1 -o" 24
finish
