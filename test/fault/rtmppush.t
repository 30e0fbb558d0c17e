#!/bin/sh
# rtmppush -t delete -c: by the ledger of what was received nothing is lost, whatever happens to it.
. "$(dirname "$0")/every.sh"
ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=160x90:r=25:d=1.6" \
	-f lavfi -i "aevalsrc='0.5*sin(2*PI*(200+40*t)*t)+0.05*random(0)':d=1.6" \
	-c:v libx264 -preset ultrafast -qp 40 -g 10 -sc_threshold 0 -pix_fmt yuv420p -c:a aac \
	-f segment -segment_time 0.8 -reset_timestamps 1 %d.mp4
ls ./*.mp4 >list
as_flv
port=$(free_port)
export RTMP_URL="rtmp://127.0.0.1:$port/live/x"
mkdir rec
# Each session goes to a file of its own; the number of the next one is in the file "at".
(
	session=100
	while :; do
		session=$((session + 1))
		echo "$session" >./at
		rtmpsink -1 -o rec/$session.flv "$RTMP_URL" >/dev/null 2>&1
	done
) &
mine $!
cleanup_hook="$cleanup_hook"'; kill $(pgrep -f "^rtmpsink.*$RTMP_URL") 2>/dev/null'
prepare() {
	rm -rf d s cursor
	mkdir d s
	for n in 0 1; do
		cp $n.mp4 d
		touch -d "2026-01-02 10:0$n" d/$n.mp4
	done
	wait_for 20 listens "$port"
	from=$(cat at)
}
push() { "$@" "$plain/rtmppush" -t delete -c cursor -d d -s s --lead 10000 --retries 3; }
act() { ls d/* | push "$@"; }
# left: what is still there must have been said.
left() {
	for clip in d/*; do
		[ ! -e "$clip" ] || grep -q "$clip" err || echo "$clip is left; "
	done
}
amiss() {
	fact_ok s/rtmppush error
	wait_for 20 listens "$port" || echo "the receiver hangs; "
	"$plain/camwatch" -1 -a 0 -n never -c cursor d 2>err3 | push timeout 30 >out2 2>err2
	again=$?
	left
	[ $again -eq 0 ] || [ -n "$(ls d)" ] || echo "again: $again $(cat err2); "
	[ "$(cut -f 2 cursor)" = 1.mp4 ] || grep -q "cursor 'cursor': 'd/1.mp4' cannot be noted" err || echo "cursor: $(cat cursor); "
	tmp s .
	wait_for 20 listens "$port" || echo "the receiver hangs; "
	for kind in video audio; do
		# shellcheck disable=SC2046 # numbers
		told=$(perl "$top/test/ledger.pl" $kind flv.list $(seq -f rec/%g.flv "$from" $(($(cat at) - 1))))
		case $(ls d):$told in :"0 of "[1-9]*" missing, 0 strange, 0 shifted, 0 holes, 0 back;"* | ?*:*) ;; *) echo "$told; " ;; esac
	done
}
every "rtmppush -t delete -c" 30
finish
