#!/bin/sh
# A mixed library in one session: three sizes, two frame rates, with and without sound, with B-frames. Time
# stamps grow, ffmpeg and openh264 decode all of it, and each picture of each clip is there.
. "$(dirname "$0")/../idle.sh"
mkdir lib
clip lib/a.mp4 1 -g 25 -bf 0
clip lib/b.mp4 1 -g 12 -bf 2 -s 128x96
clip lib/c.mp4 1 -g 30 -bf 0 -s 64x48 -r 30 -an
clip lib/d.mp4 1 -g 25 -bf 3 -ac 2 -ar 48000
hashes() { # FILE
	ffmpeg -v error -nostdin -i "$1" -map 0:v -fps_mode passthrough -autoscale 0 -f framemd5 - |
		grep -v '^#' | awk -F', *' '{ print $6 }'
}
nginx_starts
playlist -n 8 lib | segcheck -o given -p youtube --audio silence 2>segcheck.err |
	rtmppush -o given --audio silence >printed 2>err
is "two rounds" "$(sed 's|.*/||; s|.mp4||' printed | tr '\n' ' ')" "a b c d a b c d "
nginx_ends
is "one session" "$(find rec -type f | wc -l):$(grep -c 'new session' err)" 1:0
recording=$(ls -d rec/*)
decode "$recording"
is "decoded without a complaint" "$rc:$err" 0:
is "no picture is late" "$(steps "$recording" v 130)" ""
is "nor sound" "$(steps "$recording" a 130)" ""
for name in a b c d a b c d; do hashes lib/$name.mp4; done >wanted
hashes "$recording" >got
ok "each picture is there, in order: $(wc -l <got)" cmp wanted got
ffmpeg -v error -nostdin -i "$recording" -map 0:v -c copy -bsf:v h264_mp4toannexb -f h264 all.h264 2>h264.err
run "$plain/openh264" all.h264
like "openh264 decodes all of them" "$rc:$out" "0:*$(wc -l <wanted)*"
finish
