#!/bin/sh
# A camera that pauses for three minutes (PAUSE seconds) between two clips, as a viewer of nginx and of
# node-media-server 4 sees it: rtmppush --idle still, --idle nothing, and one ffmpeg a file.
. "$(dirname "$0")/../rtmp.sh"
need_nginx
PATH=$plain:$PATH
pause=${PAUSE:-180}
ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=320x180:r=25:d=10,noise=alls=20:allf=t" -f lavfi -i sine=d=10 \
	-c:v libx264 -preset ultrafast -g 25 -sc_threshold 0 -pix_fmt yuv420p -c:a aac clip.mp4 || exit 99
camera() { # when a clip comes
	echo "$T/clip.mp4"
	goes_on $((pause + 10))
	echo "$T/clip.mp4"
}

pauses() { # SERVER SENDER
	mkdir rec
	port=$(free_port)
	case $1 in
	nginx) nginx_starts ;;
	nms4)
		export RTMP_URL="rtmp://127.0.0.1:$port/live/secretkey"
		media_server_starts 4 || return
		;;
	esac
	case $2 in
	ffmpeg)
		camera | while read -r clip; do
			ffmpeg -v error -nostdin -re -i "$clip" -c copy -f flv "$RTMP_URL"
			echo connected >>err
		done &
		;;
	*) camera | rtmppush --idle "$2" >printed 2>err & ;;
	esac
	sender=$!
	mine $sender
	perl "$top/test/soak/viewer.pl" "$RTMP_URL" >viewed 2>viewer.err &
	viewer=$!
	mine $viewer
	reap $sender
	saw rc $?
	goes_on 2
	kill $viewer
	reap $viewer
	kill -9 $server
	reap $server
	# A stamp that goes back, or none of the viewer's: its player has to begin anew.
	awk -v sessions="$(grep -c connected err)" 'NR > 1 && $1 - t > most { most = $1 - t }
		NR > 1 && $2 <= ms { back++ } { t = $1; ms = $2 } END {
		printf "%d sessions; %d pictures seen; longest wait %.1f s; stamps went back %d times\n",
			sessions, NR, most, back }' viewed >figures
	saw sessions "$(grep -c connected err)"
}
for server in nginx nms4; do
	for sender in still nothing ffmpeg; do
		eval "${server}_$sender() { pauses $server $sender; }"
		all="${all-} ${server}_$sender"
	done
done
# shellcheck disable=SC2086 # several
scenarios $all
for scenario in $all; do
	note "$scenario: $(cat "$scenario/figures" 2>/dev/null || sed -n 's/^skip //p' "$scenario/seen")"
done
for server in nginx nms4; do
	if grep -q '^skip' "${server}_still/seen"; then
		skip "$server: the filler" "$(sed -n 's/^skip //p' "${server}_still/seen")"
	else
		check "${server}_still" sessions 1
	fi
done
finish
