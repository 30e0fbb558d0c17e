#!/bin/sh
# rtmppush and what cannot be sent as it is: other codecs, missing files, sound that was not announced,
# packets that are too large, and a stream of which nothing comes for long.
. "$(dirname "$0")/../sink.sh"
clips 1
make_clip quiet.mp4 1 -an

# What cannot be sent.
sink -1
printf '%s\n' "$top/test/fixtures/h265.mp4" d/1.mp4 nothing.mp4 \
	"$top/test/fixtures/truncated-moov-first.mp4" >odd
push "$(tr '\n' ' ' <odd)"
reap $sink
is "what cannot be sent: the others are" "$rc:$out" "66:d/1.mp4"
like "H.265: named" "$err" "*cannot be played, hevc: left where it is*"
like "a missing one: named" "$err" "*'nothing.mp4': cannot be played: No such file*"

# Sound that was not announced.
sink -o got.flv
push "quiet.mp4 d/1.mp4"
kill $sink
reap $sink
is "sound appears: both are played" "$rc:$(echo $out)" "0:quiet.mp4 d/1.mp4"
is "sound appears: a new session" "$(grep -c begins sink.out)" 2
like "sound appears: said" "$err" "*what is next needs a new session*"

# What libavformat will not send.
make_clip mp3.mp4 1 -c:a libmp3lame -ar 32000
ffmpeg -v error -nostdin -i d/1.mp4 -c copy -an -f h264 small.h264
perl -e 'local $/; open F, "<:raw", "small.h264"; $_ = <F>; my $n = 0;
	s/(\0\0\0\x01\x41)/$n++ ? $1 : "\0\0\0\x01\x0c" . "\xff" x 17_000_000 . "\x80$1"/seg;
	open G, ">:raw", "big.h264"; print G $_' &&
		ffmpeg -v error -nostdin -r 10 -f h264 -i big.h264 -c copy big.mp4
ok "there is a packet of 17 MB" [ "$(stat -c %s big.mp4)" -gt 17000000 ]
sink
push "mp3.mp4 big.mp4 d/1.mp4"
is "what cannot be sent: the other is" "$rc:$out" "1:d/1.mp4"
like "MP3 at 32000: named" "$err" "*'mp3.mp4' cannot be played, mp3: left where it is*"
like "17 MB: named" "$err" \
	"*'big.mp4' cannot be played, it has a packet that is too large for FLV: left where it is*"
kill $sink
reap $sink

# A stream of which nothing comes until long after the start.
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=64x48:r=100:d=4 -f lavfi -i sine=f=77:d=0.5 -c:v libx264 \
	-preset ultrafast \
	-g 50 -pix_fmt yuv420p -c:a aac early.mp4
ffmpeg -v error -nostdin -i early.mp4 -itsoffset 3.4 -i early.mp4 -map 0:v -map 1:a -c copy late.mp4
ffmpeg -v error -nostdin -i late.mp4 -c copy late.ts
for clip in late.mp4 late.ts; do
	sink -1 -o got.flv
	push $clip
	reap $sink
	is "late sound, $clip: played" "$rc:$out" "0:$clip"
	is "late sound, $clip: in one session" "$(grep -c begins sink.out)" 1
	is "late sound, $clip: the pictures" "$(packets got.flv video | cksum)" \
		"$(packets $clip video | cksum)"
	is "late sound, $clip: the sound" "$(packets got.flv audio | cksum)" "$(packets $clip audio | cksum)"
done
finish
