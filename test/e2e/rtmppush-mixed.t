#!/bin/sh
# rtmppush with clips that differ in all that encoders and recorders differ in, one after the
# other in one session: each packet arrives, and what is decoded is what is in the clips, to
# the picture, with times that grow. What needs a session of its own gets it.
# Longer than 150 lines, for all of it needs the same clips.
# Takes long.
. "$(dirname "$0")/../rtmp.sh"
need_nginx

# One second, no two packets the same. size, fps, sound and channels may be others.
mkdir d
n=0
clip() { # FILE [OPTION...]
	file=d/$1
	shift
	n=$((n + 1))
	tone="aevalsrc='0.5*sin(2*PI*(${n}50+90*t)*t)+.05*random($n)'"
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=${size-64x48}:r=${fps-10}:d=1,hue=h=$((n * 15))" \
		-f lavfi -i "$tone:d=1:s=${sound-44100}:c=${channels-stereo}" \
		-c:v libx264 -preset ultrafast -threads 1 -g 5 -pix_fmt yuv420p -c:a aac "$@" "$file" ||
		exit 99
}
clip 01-plain.mp4
size=96x64 fps=15 clip 02-size-and-rate.mp4
clip 03-high.mp4 -preset medium -profile:v high
sound=48000 clip 04-48000.mp4
channels=mono clip 05-mono.mp4
clip 06-quiet.mp4 -an
clip 07-bframes.mp4 -preset medium -bf 2
clip 08-bframes.mkv -preset medium -bf 2
clip 10-index-first.mp4 -movflags +faststart
clip 11-fragments.mp4 -movflags +frag_keyframe+empty_moov
clip 12-annexb.ts
clip 13-annexb.avi -bsf:v h264_mp4toannexb -tag:v H264
clip 14-bframes.ts -preset medium -bf 2
clip 15.flv
size=96x64 fps=30000/1001 sound=22050 channels=mono clip 16-all-other.mov -preset medium -bf 2
clip 17.mkv
clip 18-back-to.mp4
ls d/* >alike
clip 20-mp3.mp4 -c:a libmp3lame
clip 21-mp3.mkv -c:a libmp3lame
sound=8000 channels=mono clip 22-alaw.mov -c:a pcm_alaw
clip 23-aac.mp4
clip 30-opus.mkv -c:a libopus
clip 31-hevc.mp4 -c:v libx265 -x265-params log-level=none
clip 32-ac3.ts -c:a ac3

# pictures FILE...: the hash of each, as decoded, and what decoding has to say of it. The
# parser is left out: it does not learn of a new header, and complains. ffmpeg gives all the size of
# the first one; enlarged this way to the largest, none loses a pixel, wherever it stands.
pictures() {
	for pictures_of; do
		ffmpeg -v error -nostdin -fflags noparse -i \
			"$pictures_of" -map 0:v -fps_mode drop -vf scale=96:64:flags=neighbor \
			-c:v rawvideo -f framehash -hash md5 - 2>&1 | awk -F ', *' \
			'!/^#/ { print $6 ? $6 : $0 }'
	done
}

# pushed RC: what has arrived of the clips in "list".
pushed() {
	saw rc "$1"
	saw out "$(cmp out list && echo all)"
	ledger 0
	# shellcheck disable=SC2046 # words
	pictures $(cat list) >want
	pictures rec/* >got
	saw pictures "$(cmp got want && wc -l <got)"
	for recording in rec/*; do
		saw complaint \
			"$(ffmpeg -v error -nostdin -fflags noparse -i "$recording" -map 0:a -f null - 2>&1)"
	done
}

in_order() {
	sed 's|^|../|' ../alike >list
	nginx_starts
	rtmppush --lead 10000 --retries 3 <list >out 2>err
	rc=$?
	nginx_ends
	saw connections "$(wc -l <access.log)"
	pushed $rc
}

# The other way round, and into rtmpsink.
in_reverse() {
	sed 's|^|../|' ../alike | sort -r >list
	mkdir rec
	port=$(free_port)
	export RTMP_URL="rtmp://127.0.0.1:$port/live/secretkey"
	rtmpsink -1 -o rec/got.flv "$RTMP_URL" >sink.out 2>sink.err &
	sink=$!
	mine $sink
	wait_for 20 listens "$port"
	rtmppush --lead 10000 --retries 3 <list >out 2>err
	rc=$?
	reap $sink
	saw connections "$(grep -c begins sink.out)"
	saw wrong "$(tail -n 1 sink.out | grep -o 'back [0-9]*')"
	pushed $rc
}

# These need a session of their own, or cannot be sent; the sessions begin in other seconds,
# as nginx names its recordings by them.
of_their_own() {
	ls ../d/3* ../d/2* >in
	ls ../d/2* >list
	nginx_starts
	rtmppush --lead 0 --retries 3 <in >out 2>err
	rc=$?
	nginx_ends
	saw connections "$(wc -l <access.log)"
	saw refused "$(sed -n 's/.*\(..-.*\). cannot be played, \(.*\): left where it is/\1 \2/p' err |
		tr '\n' ' ')"
	pushed $rc
}

# One of each container begins a session; and another, from its middle.
first_of_all() {
	grep -E 'plain|quiet|bframes|fragments|annexb|flv' ../alike | sed 's|^|../|' >list
	nginx_starts
	url=$RTMP_URL n=100
	while read -r clip; do # by its key each has a recording of its own
		n=$((n + 1))
		echo "$clip" | RTMP_URL=$url$n rtmppush --lead 10000 --retries 1 >>out 2>>err
		printf '%s\t%s\t600\n' "$(stat -c %.9Y "$clip" | tr -d .)" "${clip##*/}" >cursor
		echo "$clip" |
			RTMP_URL=${url}middle$n rtmppush --lead 10000 --retries 1 -c cursor -d ../d \
				>>out.middle 2>>err
	done <list
	nginx_ends
	saw middle "$(cmp out.middle list && echo all)"
	saw whole "$(for recording in rec/*middle*; do pictures "$recording"; done | grep -c '[^0-9a-f]')"
	rm rec/*middle*
	pushed 0
}

scenarios in_order in_reverse of_their_own first_of_all
check in_order rc 0
check in_order out all
check in_order connections 1
check in_order pictures 195
check in_order complaint ""
whole in_order 195
check in_reverse rc 0
check in_reverse out all
check in_reverse connections 1
check in_reverse pictures 195
check in_reverse complaint ""
check in_reverse wrong "back 0"
whole in_reverse 195
check of_their_own rc 1
check of_their_own out all
check of_their_own refused "30-opus.mkv opus 31-hevc.mp4 hevc 32-ac3.ts ac3 "
check of_their_own connections 3
check of_their_own pictures 40
check of_their_own complaint ""
whole of_their_own 40
check first_of_all out all
check first_of_all middle all
check first_of_all whole 0
check first_of_all pictures 90
whole first_of_all 90
[ $failures -eq 0 ] || show "$(cat ./*/err)"
[ -z "${KEEP-}" ] || cp -rp "$T" "$KEEP"
finish
