#!/bin/sh
# rtmppush and time stamps: of more than 24 bits, near 31, and such as jump within a clip.
. "$(dirname "$0")/../sink.sh"
clips 1 2 3
make_clip d/7.mp4 1 -movflags frag_keyframe+empty_moov

# Stamps of more than 24 bits go on; before they have more than 31 there is a new session.
sink -1 -o got.flv --strict
push "d/1.mp4 d/7.mp4" --first-stamp 16776500
reap $sink
is "beyond 24 bits: the sink finds nothing wrong" "$?:$(cat sink.err)" "0:"
is "beyond 24 bits" "$rc:$(echo $out)" "0:d/1.mp4 d/7.mp4"
sink --strict
push "d/1.mp4 d/7.mp4" --first-stamp 2147482000
kill $sink
reap $sink
is "near 31 bits: the sink finds nothing wrong" "$?:$(cat sink.err)" "0:"
is "near 31 bits" "$rc:$(echo $out):$(grep -c begins sink.out)" "0:d/1.mp4 d/7.mp4:2"
ok "near 31 bits: the first session has a clip" grep -q 'ends sessions 1 .* video 10 .* dts 21474' sink.out

# Time stamps that jump, ahead and back.
part() { # CLIP SECONDS: its time stamps begin there
	ffmpeg -v error -nostdin -i "$1" -c copy -output_ts_offset \
		"$2" -mpegts_flags initial_discontinuity -f mpegts -
}
part d/1.mp4 0 >ahead.ts
part d/2.mp4 3600 >>ahead.ts
part d/2.mp4 3600 >back.ts
part d/1.mp4 0 >>back.ts
for clip in ahead back; do
	sink -1 -o got.flv --strict
	push "$clip.ts d/3.mp4"
	reap $sink
	is "a jump $clip: the sink finds nothing wrong" "$?:$(cat sink.err)" "0:"
	is "a jump $clip: played" "$rc:$(echo $out)" "0:$clip.ts d/3.mp4"
	like "a jump $clip: said" "$err" "*'$clip.ts': 2 jumps of its time stamps put right*"
	is "a jump $clip: all of it" "$(packets got.flv | sort | cksum)" \
		"$( (packets ahead.ts && packets d/3.mp4) | sort | cksum)"
done
finish
