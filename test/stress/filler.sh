#!/bin/sh
# rtmppush --idle still, at length, by a clock twenty times as fast: a thousand times a clip and filler
# (CLIPS=N: so often), of kinds that follow each other; a day of filler; and SIGKILL in the filler. Decoded
# by ffmpeg and by openh264; sound and picture are compared by what was decoded.
. "$(dirname "$0")/../idle.sh"
PATH=$plain:$PATH
clips=${CLIPS:-1000}
clip 0.mp4 1 -g 10 -x264-params cabac=1:bframes=2
clip 1.mp4 1 -g 25 -x264-params cabac=0:bframes=0
clip 2.mp4 1 -g 25 -ac 1 -ar 16000
clip 3.mp4 1 -g 25 -an
clip 4.mp4 1 -g 25 -s 128x96 -bf 1

# Each clip comes as soon as filler was sent behind the one before it.
rm -f paths
port=$(free_port)
address=rtmp://127.0.0.1:$port/live/x
rtmpsink -o got.flv -1 "$address" >sink.out 2>sink.err &
sink=$!
mine $sink
wait_for 20 listens "$port"
mkfifo paths
faketime -f '+0 x20' rtmppush --idle still --audio silence --lead 500 "$address" <paths >printed 2>err &
push=$!
mine $push
began=$(now)
perl -e 'use Time::HiRes "sleep"; $| = 1;
	for (0 .. $ARGV[0] - 1) { printf "%d.mp4\n", $_ % 5; sleep 0.06 + 0.04 * rand }' "$clips" >paths
reap $push
is "all are played, in one session" "$? $(wc -l <printed) $(grep -c connected err)" "0 $clips 1"
note "$clips clips and fillers in $((($(now) - began) / 1000)) s"
reap $sink
is "the receiver finds nothing wrong" "$?" 0
note "$(tail -n 1 sink.out)"
for kind in v a; do
	stamps got.flv $kind >$kind.dts
	is "$kind: stamps grow, by no more than 1 s at once" "$(steps got.flv $kind 1000)" ""
done
decode got.flv
is "ffmpeg decodes it without a complaint" "$rc:$err" 0:

# Each filler is one picture: pictures of the clips differ, those that come again are the filler's.
ffmpeg -v error -nostdin -i got.flv -map 0:v -fps_mode passthrough -s 96x64 -f framemd5 - |
	grep -v '^#' | awk -F', *' '{ print $6 }' >pictures
distinct=$(sort -u pictures | wc -l)
note "$(wc -l <pictures) pictures, $distinct of them different"
ok "fillers show nothing but pictures of the clips" [ "$distinct" -le 125 ]

# By another decoder, of the streams that it knows.
ffmpeg -v error -nostdin -i got.flv -map 0:v -c copy -f h264 got.h264
run openh264 got.h264
is "openh264 decodes it without a complaint" "$rc:$err" 0:
note "openh264: $out"

# By decoded samples and pictures, where the last picture and the last sound are.
ffmpeg -v error -nostdin -i got.flv -vn -f s16le -ac 1 -ar 48000 sound
heard=$(($(stat -c %s sound) / 96))
shown=$(($(tail -n 1 v.dts) - $(head -n 1 v.dts)))
note "$shown ms of pictures, $heard ms of sound by samples"
finish
