#!/bin/sh
# rtmppush and clips with other parameter sets: what copies the broadcast on, and what decodes it
# then, loses no picture; a header that did not change is sent once only.
. "$(dirname "$0")/../rtmp.sh"
port=$(free_port)
export RTMP_URL="rtmp://127.0.0.1:$port/live/secretkey"
# shellcheck disable=SC2154 # lib.sh's
decoder=$plain/openh264
made=0
make_clip() { # FILE [OPTION...]: 3 seconds, no two pictures the same
	made=$((made + 1)) file=$1
	shift
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=$size:r=10:d=3,hue=h=$made*9" \
		-f lavfi -i "sine=f=$((made * 50 + 100)):d=3" -c:v libx264 -threads 1 -g 10 -pix_fmt yuv420p \
		-c:a aac "$@" "$file"
}
size=320x180
make_clip a.mp4 -profile:v high -preset fast -bf 0
make_clip a.ts -profile:v high -preset fast -bf 0
size=160x90
make_clip d.mp4 -profile:v baseline -preset fast
make_clip d.flv -profile:v baseline -preset fast
make_clip d.avi -profile:v baseline -preset fast -bsf:v h264_mp4toannexb -tag:v H264

play() { # CLIP...: into got.flv
	rtmpsink -1 -o got.flv --strict "$RTMP_URL" >sink.out 2>sink.err &
	sink=$!
	mine $sink
	wait_for 20 listens "$port"
	printf '%s\n' "$@" >list
	run rtmppush --lead 10000 --retries 3 <list
	reap $sink
	is "$*: played, one session, nothing wrong" "$?:$rc:$(cat sink.err):$(grep -c begins sink.out)" \
		"0:0::1"
}
# headers FILE: how many codec headers of the picture an FLV holds.
headers() {
	perl -e 'local $/; open F, "<:raw", shift or die; $_ = <F>; my ($at, $n) = (13, 0);
		while ($at + 11 < length) {
			my $size = unpack "N", "\0" . substr $_, $at + 1, 3;
			$n++ if substr($_, $at, 1) eq "\x09" && substr($_, $at + 12, 1) eq "\0";
			$at += 11 + $size + 4;
		}
		print $n' "$1"
}
# relayed: what a relay built on FFmpeg makes of it, as decoders see it.
relayed() {
	ffmpeg -v error -nostdin -y -i got.flv -c copy -f mpegts relayed.ts >relay.err 2>&1
	ffmpeg -v error -nostdin -y -i relayed.ts -map 0:v -c copy -f h264 relayed.h264 >>relay.err 2>&1
	ffmpeg -v error -nostdin -i relayed.ts -map 0:v -fps_mode passthrough -c:v rawvideo -f framehash \
		-hash md5 - 2>decode.err |
		awk -F ', *' '!/^#/ { print $6 }' >pictures
}
for clips in "a.mp4 d.mp4 a.mp4" "a.ts d.flv a.mp4" "a.mp4 d.avi a.ts"; do
	# shellcheck disable=SC2086 # words
	play $clips
	relayed
	is "$clips: a relay's copy: what FFmpeg says of it" "$(cat relay.err decode.err)" ""
	is "$clips: a relay's copy: pictures" "$(wc -l <pictures)" 90
	is "$clips: a relay's copy: by another decoder" "$("$decoder" relayed.h264)" "pictures 90 refused 0"
	is "$clips: headers" "$(headers got.flv)" 3
done

# The same header again, from each container.
play a.mp4 a.mp4 a.mp4
is "an unchanged header: sent once" "$(headers got.flv)" 1
play a.ts a.ts
is "an unchanged header, of a transport stream: sent once" "$(headers got.flv)" 1
ffmpeg -v error -nostdin -i a.mp4 -c copy b.mkv
play a.mp4 b.mkv a.mp4
is "an unchanged header, in another container: sent once" "$(headers got.flv)" 1
finish
