#!/bin/sh
# Sound and picture in step: each of 20 clips has a flash and a beep at one moment; in the
# recording they are as far apart as in the clip, to 40 ms, whatever the clips before were.
. "$(dirname "$0")/../rtmp.sh"
need_nginx

# Kinds whose sound is shorter or longer than the picture, begins later, or that have
# pictures that refer to later ones.
clip() { # FILE SECONDS-OF-SOUND [OPTION...]
	file=$1 long=$2
	shift 2
	ffmpeg -v error -nostdin -f lavfi -i \
		"color=black:s=64x48:r=25:d=1,drawbox=c=white:t=fill:enable='eq(n,12)'" \
		-f lavfi -i "aevalsrc='if(between(t,.48,.56),.8*sin(2*PI*1000*t),0)':s=44100:d=$long" \
		-c:v libx264 -preset ultrafast -threads 1 -g 25 -pix_fmt yuv420p -c:a aac "$@" "$file" ||
		exit 99
}
clip plain.mp4 1
clip shorter.mp4 0.8
clip longer.mp4 1.15
clip bframes.mp4 1 -preset medium -bf 2
clip bframes.ts 1 -preset medium -bf 2

# apart FILE: the milliseconds from each flash to its beep.
apart() {
	ffmpeg -v info -nostdin -i "$1" -map 0:v -vf showinfo -map 0:a -af silencedetect=n=-20dB:d=0.1 \
		-f null - >seen 2>&1
	sed -n 's/.* pts_time: *\([0-9.]*\) .* mean:\[\([0-9]*\) .*/\1 \2/p' seen | awk \
		'$2 > 128 { print $1 }' >flashes
	sed -n 's/.*silence_end: \([0-9.]*\).*/\1/p' seen | head -n "$(wc -l <flashes)" >beeps
	paste flashes beeps | awk '{ printf "%.0f\n", ($2 - $1) * 1000 }'
}
printf '%s\n' longer.mp4 plain.mp4 bframes.mp4 shorter.mp4 bframes.ts >kinds
cat kinds kinds kinds kinds >list
while read -r file; do apart $file; done <list >source
nginx_starts
run rtmppush --lead 10000 --retries 3 <list
nginx_ends
is "exit code and output" "$rc:$out" "0:$(cat list)"
is "one connection" "$(wc -l <access.log)" 1
apart "$(ls -d rec/*)" >arrived
is "each flash and each beep is found" "$(wc -l <source) $(wc -l <arrived)" "20 20"
echo "# from the flash to the beep, clip and recording, in ms: $(paste -d / source arrived | tr '\n' ' ')"
is "they are as far apart as in the clip" \
	"$(paste source arrived | awk '{ d = $2 - $1 } d >= 40 || d <= -40 { print NR, d }')" ""

# From clip to clip nothing is held up: 20 s of clips take no longer than their longer streams.
awk '{ print $1 - last; last = $1 }' flashes | sed 1d | sort -n | sed -n '1p;$p' | tr '\n' ' ' >steps
like "the flashes come a second apart, and what the sound is longer" "$(cat steps)" "1.0[0-9]* 1.[12]*"
finish
