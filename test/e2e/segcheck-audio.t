#!/bin/sh
# segcheck --audio: nothing is found about the sound of a clip that is to be played with silence.
. "$(dirname "$0")/../lib.sh"
clip() { # FILE OPTION...
	file=$1
	shift
	ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=96x64:r=25:d=1 -f lavfi -i sine=d=1 \
		-c:v libx264 -g 25 -pix_fmt yuv420p "$@" "$file" || exit 99
}
clip alaw.mov -ac 1 -ar 8000 -c:a pcm_alaw
clip opus.mkv -ar 48000 -c:a libopus
clip mute.mp4 -an
all="alaw.mov
opus.mkv
mute.mp4"
# passed OPTION...: which clips.
passed() { run segcheck "$@" alaw.mov opus.mkv mute.mp4; }

passed -p youtube
is "youtube refuses what it cannot play" "$rc:$out" 1:mute.mp4
passed -p youtube --audio keep
is "--audio keep: as without" "$rc:$out" 1:mute.mp4
passed -p youtube --audio profile
is "--audio profile: silence for youtube" "$rc:$out:$err" "0:$all:"
passed -p twitch --audio profile
is "--audio profile: and for twitch" "$rc:$out" "0:$all"
passed -p rtmp --audio profile
is "--audio profile: rtmp keeps the sound" "$rc:$out" "1:alaw.mov
mute.mp4"
passed -p rtmp --audio silence
is "--audio silence" "$rc:$out" "0:$all"
run segcheck -j -p youtube mute.mp4
like "a warning without it" "$out" '*no-audio*'
run segcheck -j -p youtube --audio silence mute.mp4 opus.mkv
is "and none with it" "$rc:$(echo "$out" | grep -c -e no-audio -e audio-codec)" 0:0
run segcheck --audio loud mute.mp4
like "another word" "$rc:$err" "64:*option --audio: 'loud' is none of keep silence aac profile*"
finish
