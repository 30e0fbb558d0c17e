#!/bin/sh
# rtmppush --idle with what no filler can be made of: a prepared clip of more pictures than milliseconds, and
# key frames of 20, 12 and 8 million bytes, in clips and in a prepared clip.
. "$(dirname "$0")/../idle.sh"
# fat FILE BYTES: with so much of nothing in its first key frame, in a unit that decoders pass over.
fat() {
	clip plain.h264 1 -g 25 -bf 0 -an
	perl -0777 -pe 'BEGIN { $unit = "\0\0\x01\x0c" . "\xff" x shift . "\x80" }
		s/(\0\0\x01\x65.*?)(?=\0\0\0?\x01)/$1$unit/s' "$2" plain.h264 |
		ffmpeg -v error -nostdin -f h264 -framerate 25 -i - -c copy "$1" || exit 99
	rm plain.h264
}
clip one.mp4 1 -g 25 -bf 0 -an
clip dense.mp4 2 -r 2000 -preset ultrafast -g 500 -bf 0 -an
fat 20.mp4 20000000
fat 12.mp4 12000000
fat 8.mp4 8000000

# begins OPTION...: rtmppush, to a receiver that takes large messages.
begins() {
	port=$(free_port)
	address=rtmp://127.0.0.1:$port/live/secretkey
	rm -f got.flv
	rtmpsink -1 -o got.flv "$address" >sink.out 2>sink.err &
	sink=$!
	mine $sink
	wait_for 20 listens "$port"
	plays "$@" "$address"
}
# ends: rtmppush, as its input does; whatever was received is whole.
ends() {
	exec 9>&-
	reap $pid
	code=$?
	reap $sink
	is "$1: the receiver finds nothing wrong" "$?:$(cat sink.err)" 0:
	decode got.flv
	is "$1: decoded without a complaint" "$rc:$err" 0:
	is "$1: no picture is late" "$(steps got.flv v 130)" ""
}
# keys: the sizes of the key frames, each once, in thousands of bytes.
keys() {
	ffprobe -v error -select_streams v -show_entries packet=flags,size -of csv=p=0 got.flv |
		awk -F , '/K/ { size = int($1 / 1000); if (!seen[size]++) printf "%d ", size }'
}
# often MILLIONS: how often a packet of so many bytes came.
often() {
	ffprobe -v error -select_streams v -show_entries packet=size -of csv=p=0 got.flv |
		awk -v wanted="$1" 'int($1 / 1e6) == wanted { n++ }
			END { print (n > 1 ? "many" : n == 1 ? "once" : "never") }'
}
# small: its memory is that of a few such packets, where the sanitizers do not keep what was freed.
ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=16
peak() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status"; }
small() { [ "$(peak)" -lt 200000 ]; }

# Refused after 200 ms of it, and no sooner tried again than after the next clip.
begins --idle ./dense.mp4
echo one.mp4 >&9
told() { grep -q "filler './dense.mp4': it has more packets than milliseconds; the last picture" err; }
ok "dense: refused" wait_for 20 told
before=$(fact filler)
ok "dense: the last picture comes instead" wait_for 20 filled $((before + 3))
is "dense: said once" "$(grep -c dense err)" 1
echo one.mp4 >&9
ends dense
is "dense: the clips are played" "$code:$(tr '\n' ' ' <printed)" "0:one.mp4 one.mp4 "

# as_clip FILE: it follows on another clip, and is followed by filler and that clip again.
as_clip() {
	begins --idle still
	echo one.mp4 >&9
	ok "$1: a clip" wait_for 20 played 1
	before=$(fact filler)
	echo "$1" >&9
	ok "$1: filler follows" wait_for 60 filled $((before + 3))
	ok "$1: little memory: $(peak) KiB" small
	echo one.mp4 >&9
	ends "$1"
	is "$1: one session" "$(grep -c connected err)" 1
}
as_clip 8.mp4
is "8.mp4: it is played" "$code:$(tr '\n' ' ' <printed)" "0:one.mp4 8.mp4 one.mp4 "
is "8.mp4: its picture is the filler" "$(keys):$(often 8)" "3 8003 :many"
as_clip 12.mp4
is "12.mp4: it is played" "$code:$(tr '\n' ' ' <printed)" "0:one.mp4 12.mp4 one.mp4 "
is "12.mp4: the picture before it is the filler" "$(keys):$(often 12)" "3 12003 :once"
as_clip 20.mp4
is "20.mp4: it is not" "$code:$(tr '\n' ' ' <printed)" "1:one.mp4 one.mp4 "
like "20.mp4: said" "$(cat err)" "*'20.mp4' cannot be played, it has a packet that is too large for FLV: *"
is "20.mp4: the picture before it is the filler" "$(keys)" "3 "

# As prepared clips.
as_filler() {
	begins --idle "./$1"
	echo one.mp4 >&9
	ok "$1 as filler: it goes on" wait_for 60 filled 4
	ok "$1 as filler: little memory: $(peak) KiB" small
	echo one.mp4 >&9
	ends "$1 as filler"
	is "$1 as filler: the clips are played" "$code:$(tr '\n' ' ' <printed)" "0:one.mp4 one.mp4 "
	is "$1 as filler: one session" "$(grep -c connected err)" 1
}
as_filler 12.mp4
is "12.mp4 as filler: it is looped" "$(often 12)" many
as_filler 20.mp4
like "20.mp4 as filler: said" "$(cat err)" \
	"*filler './20.mp4': it has a packet that is too large for FLV; the last picture comes instead*"
finish
