#!/bin/sh
# stationctl check, of a station with a filler of its own: what it is, and why it cannot be sent.
. "$(dirname "$0")/../lib.sh"
conf=etc/streamhub/stations
mkdir -p $conf drop
clip() { # FILE OPTION...
	file=$1
	shift
	ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=96x64:r=25:d=12 -f lavfi -i sine=d=12 \
		-pix_fmt yuv420p "$@" "$file" || exit 99
}
clip good.mp4 -c:v libx264 -g 50 -ac 1 -ar 48000
clip far.mp4 -c:v libx264 -g 150 -sc_threshold 0 -an
clip h265.mp4 -c:v libx265 -x265-params log-level=none -an
clip sound.m4a -vn
head -c 4000 good.mp4 >cut.mp4
mkfifo fifo.mp4

# checks FILE [PROFILE]
checks() {
	printf '%s\n' "WATCH_DIR=$T/drop" RTMP_URL=rtmp://127.0.0.1/live/x "IDLE=$T/$1" \
		"PROFILE=${2-rtmp}" >$conf/1.conf
	chmod 600 $conf/1.conf
	run stationctl check 1
}
checks good.mp4
like "a good one" "$rc:$out:$err" \
	"0:1*good:*filler '$T/good.mp4': h264 96x64, a keyframe at least every 2.0 s, aac 48000 Hz; 12.0 s"
checks far.mp4 youtube
like "keyframes far apart: said" "$rc:$out:$err" \
	"0:*good:*h264 96x64, a keyframe at least every 6.0 s, no sound*"
like "keyframes far apart: a warning" "$err" "*[[]WARN]*filler '$T/far.mp4': keyframes"
checks far.mp4 any
like "profile any: as for rtmp" "$rc:$out" 0:*good
while read -r file why; do
	checks "$file" any
	like "$file: said" "$rc:$out:$err" "78:*faulty:*station '1': IDLE '$T/$file' cannot be sent: $why*"
done <<'X'
h265.mp4 *hevc
sound.m4a *video
cut.mp4 *
fifo.mp4 there is no report
none.mp4 there is no report
drop there is no report
X
finish
