#!/bin/sh
# rtmppush --audio silence: clips without sound, or with another than AAC, get silence. The sound of the
# session never pauses, and nothing that a clip has or lacks costs a session.
. "$(dirname "$0")/../idle.sh"
clip mute.mp4 1 -g 25 -an
clip stereo.mp4 1 -g 25 -ac 2
clip mono.mp4 1 -g 25 -ac 1 -ar 16000
clip alaw.mov 1 -g 25 -ac 1 -ar 8000 -c:a pcm_alaw
clip pcm.mkv 1 -g 25 -c:a pcm_s16le
clip opus.mkv 1 -g 25 -ar 48000 -c:a libopus

# sends FILE...: to the server, with silence; leaves the recording.
sends() {
	rm -rf rec
	nginx_starts
	printf '%s\n' "$@" >list
	run rtmppush -s live --audio silence <list
	is "$1 and others: played" "$rc:$out" "0:$(cat list)"
	nginx_ends
	is "$1 and others: one session" "$(ls rec | wc -l):$(echo "$err" | grep -c connected)" 1:1
	recording=$(ls -d rec/*)
	decode "$recording"
	is "$1 and others: decoded without a complaint" "$rc:$err" 0:
	is "$1 and others: no picture is missing, nor late" "$(steps "$recording" v 65)" ""
}

# The first clip has none: AAC is announced all the same. 128 ms are two frames of 16 kHz.
sends mute.mp4 stereo.mp4 alaw.mov mono.mp4 pcm.mkv opus.mkv mute.mp4 stereo.mp4
is "the sound never pauses" "$(steps "$recording" a 130)" ""
heard=$(ffmpeg -v error -nostdin -i "$recording" -vn -af silencedetect=noise=-50dB:d=0.5 -f null - 2>&1 |
	grep -c .)
is "it can be decoded as one" "$heard" 0

# So it is from a clip's own form of sound.
sends stereo.mp4 mute.mp4 mute.mp4 mute.mp4 mute.mp4 mute.mp4 mute.mp4 mute.mp4 stereo.mp4
is "as one row of frames" "$(steps "$recording" a 45)" ""
ends() { # v|a: where the last packet of the middle clips is, by the receiver
	stamps "$recording" $1 | awk '$1 < 8000 { last = $1 } END { print last }'
}
ok "sound and picture stay together: $(ends a) $(ends v)" \
	[ $(($(ends v) - $(ends a))) -le 45 -a $(($(ends a) - $(ends v))) -le 45 ]
rate=$(ffprobe -v error -select_streams a -show_entries stream=sample_rate,channels -of csv=p=0 "$recording")
is "in the form of the clips" "$rate" 44100,2
# What is heard, by decoded samples: seven seconds of silence between two of a tone.
ffmpeg -v error -nostdin -i "$recording" -vn -f s16le -ac 1 -ar 44100 sound
gap=$(perl -e 'local $/; my @s = unpack "s<*", <STDIN>; my ($from, $most) = (0, 0);
	for (0 .. $#s) { next if abs $s[$_] < 200; $most = $_ - $from if $_ - $from > $most; $from = $_ }
	printf "%d\n", $most / 44.1' <sound)
ok "silence as long as the mute clips: $gap ms" [ "$gap" -gt 6900 -a "$gap" -lt 7150 ]

# A clip whose sound begins late follows a mute one: silence goes on to it at its own pace, not at once.
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=96x64:r=25:d=5 -itsoffset 3 -f lavfi -i sine=d=2 \
	-c:v libx264 -g 25 -pix_fmt yuv420p -c:a aac -output_ts_offset 36000 late.ts
sends mute.mp4 late.ts mute.mp4
is "late sound: the sound never pauses" "$(steps "$recording" a 130)" ""
is "late sound: none is sent far ahead" "$(ffprobe -v error -show_entries packet=codec_type,dts -of csv=p=0 \
	"$recording" | awk -F, '$1 == "video" { v = $2 } $1 == "audio" && $2 > v + 1000 { n++ }
		END { print n + 0 }')" 0

# keep, the default: a clip that cannot be sent is refused, as before; by profile it gets silence.
rm -rf rec
nginx_starts
for how in "" "--audio keep" "-p youtube" "-p rtmp --audio profile"; do
	echo opus.mkv >list
	# shellcheck disable=SC2086 # several words
	run rtmppush -s live $how <list
	like "${how:-no option}: not played" "$rc:$out:$err" \
		"1::*'opus.mkv' cannot be played, opus: left where it is"
done
for how in "-p youtube --audio profile" "-p twitch --audio profile" "-p any --audio silence"; do
	new_second
	# shellcheck disable=SC2086 # several words
	run rtmppush -s live $how <list
	is "$how: played" "$rc:$out" 0:opus.mkv
done
nginx_ends

run rtmppush --audio loud
like "another word" "$rc:$err" "64:*option --audio: 'loud' is none of keep silence aac profile*"
finish
