#!/bin/sh
# rtmppush into rtmpsink: clips of all kinds in one session, every packet once and in order; and resumed by
# its cursor.
. "$(dirname "$0")/../sink.sh"
mkdir d s
make_clip d/1.mp4 1
make_clip d/2.mp4 1 -s 96x64 -r 15
make_clip d/3.ts 1
make_clip d/4.flv 1 -bf 2
make_clip d/5.mkv 1
make_clip d/6.mp4 1
make_clip d/7.mp4 1 -movflags frag_keyframe+empty_moov
for n in 1.mp4 2.mp4 3.ts 4.flv 5.mkv 6.mp4 7.mp4; do
	touch -d "2026-01-02 10:00:0${n%.*}" d/$n
done
ls d/* >list

sink -1 -o got.flv --strict
run rtmppush --lead 10000 --retries 3 -s s -c cursor -d d <list
reap $sink
is "all: the sink finds nothing wrong" "$?:$(cat sink.err)" "0:"
is "all: exit code and output" "$rc:$out" "0:$(cat list)"
is "all: one session" "$(grep -c begins sink.out)" 1
for file in $(cat list); do packets $file; done | sort >expected
packets got.flv | sort >arrived
is "all: every packet arrived, once" "$(comm -3 expected arrived | wc -l)" 0
for file in $(cat list); do packets $file video; done >expected
packets got.flv video >arrived
is "all: the pictures in order" "$(cmp expected arrived 2>&1)" ""
like "all: the cursor is at the end" "$(cut -f 2 cursor)" "7.mp4"
is "all: nothing was touched" "$(ls d/*)" "$(cat list)"
is "fact: keys" "$(sed 's/:.*//' s/rtmppush | tr '\n' ' ')" \
	"$(echo time boot mono pid started state stream server picture sound now position duration lag queue \
		played skipped refused bytes_sent bytes_acked reconnects filler since moved refused_why \
		error busy) "
is "fact: values" "$(value s/rtmppush played) $(value s/rtmppush queue) $(value s/rtmppush server)" \
	"7 0 rtmp://127.0.0.1:$port/live/***"
is "the key is in no message and no fact" "$(echo "$err" | cat - s/rtmppush cursor | grep -c secretkey)" 0

# The cursor has passed all: none is played, no session is opened.
run rtmppush --lead 10000 --retries 3 -c cursor -d d <list
is "passed: exit code and output" "$rc:$out" "0:"
like "passed: said" "$err" "*'d/1.mp4': not played, the cursor has passed it*"

# Resumed in the middle of a clip, which need not be in the input.
printf '%s\t2.mp4\t600\n' "$(stat -c %.9Y d/2.mp4 | tr -d .)" >cursor
sink -1 -o got.flv
push "d/1.mp4 d/2.mp4 d/3.ts" --cursor cursor --dir d
reap $sink
[ "$rc" -eq 0 ] || show "$err"
is "resumed: output" "$rc:$(echo $out)" "0:d/2.mp4 d/3.ts"
packets got.flv video >arrived
ok "resumed: from a keyframe at or before the position" [ \
	"$(packets d/2.mp4 video | comm -12 --nocheck-order - arrived | wc -l)" -lt \
	"$(packets d/2.mp4 video | wc -l)" ]
is "resumed: the end of it and all of the next" "$(tail -n 14 arrived)" \
	"$( (packets d/2.mp4 video && packets d/3.ts video) | tail -n 14)"

# Resumed before the second keyframe: all of it, with the sound that comes before the picture.
printf '%s\t1.mp4\t300\n' "$(stat -c %.9Y d/1.mp4 | tr -d .)" >cursor
sink -1 -o got.flv
push d/1.mp4 --cursor cursor --dir d
reap $sink
is "resumed near the start: output" "$rc:$out" "0:d/1.mp4"
is "resumed near the start: all of it" "$(packets got.flv | sort | cksum)" "$(packets d/1.mp4 | sort | cksum)"
finish
