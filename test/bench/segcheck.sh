#!/bin/sh
# segcheck on 200 clips of 5 MB, beside ffprobe once a clip (25 times as many clips a second
# are wanted), and beside a bare loop that reads all packets of the same clips with
# libavformat (1.5 times its time is allowed). The clips are copies of four, each a file of
# its own; they are in the page cache.
. "$(dirname "$0")/../lib.sh"
CLIPS=${CLIPS:-200}
compare=$top/test/bench/compare
# shellcheck disable=SC2046 # words of options
gcc -O2 -o readframes "$top/test/bench/readframes.c" $(pkg-config --cflags --libs libavformat libavcodec libavutil) || exit 1

# Four clips of 8 s and 5 MB, as a camera that sees leaves in the wind would make them.
n=0
while [ $n -lt 4 ]; do
	n=$((n + 1))
	ffmpeg -nostdin -v error -f lavfi -i "testsrc2=s=1280x720:r=15:d=8,noise=alls=20:allf=t:all_seed=$n" \
		-f lavfi -i "sine=$((n * 220)):r=44100:d=8" -c:v libx264 -preset ultrafast -b:v 4800k \
		-maxrate 4800k -bufsize 2400k -g 30 -bf 0 -c:a aac -b:a 64k "source$n.mp4" || exit 1
done

# clips NAME SUFFIX [OPTION...]: the folder NAME with them, in this container.
clips() {
	name=$1 suffix=$2
	shift 2
	mkdir "$name"
	n=0
	while [ $n -lt 4 ]; do
		n=$((n + 1))
		ffmpeg -nostdin -v error -i "source$n.mp4" -c copy "$@" "$name/$n.$suffix" || exit 1
		i=$n
		while [ $((i += 4)) -le "$CLIPS" ]; do
			cp "$name/$n.$suffix" "$name/$i.$suffix"
		done
	done
	echo "# $name: $CLIPS clips of $(stat -c %s "$name/1.$suffix") bytes"
}
beside_loop() {
	for jobs in 1 2; do
		$compare "$1: segcheck -J $jobs, beside a bare loop" 1.5 \
			"'$plain/segcheck' -J $jobs $1/*" "./readframes $1/*" 5
	done
}

clips mp4 mp4
$compare "mp4: segcheck -J 1, beside ffprobe once a clip" 0.04 "'$plain/segcheck' mp4/*" \
	"for clip in mp4/*; do ffprobe -v error \$clip; done" 2
beside_loop mp4
rm -r mp4
clips fmp4 mp4 -movflags +frag_keyframe+empty_moov+default_base_moof
beside_loop fmp4
rm -r fmp4
clips ts ts
beside_loop ts
