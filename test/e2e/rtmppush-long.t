#!/bin/sh
# Clips of ten minutes with MAX_LAG=300, by a clock a hundred times as fast: what comes while one plays
# makes neither it nor the next one late.
. "$(dirname "$0")/../rtmp.sh"
need_nginx
record=off nginx_starts || exit 99
mkdir d s
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=32x32:r=1:d=600 -c:v libx264 -preset ultrafast -threads 1 \
	-g 10 \
	-pix_fmt yuv420p long.flv
ffmpeg -v error -nostdin -i long.flv -c copy -t 5 short.flv
cat >play.sh <<'P'
"$BIN/camwatch" -l 300 -L delete -s s d 2>camwatch.err |
	"$BIN/rtmppush" -l 300 -L delete -t delete --dir d -s s >printed 2>err &
arrive() { touch "$1" && mv "$1" "d/$2"; }
cp long.flv long2.flv
arrive long.flv 1.flv
sleep 400 # by the fast clock
arrive long2.flv 2.flv
sleep 500
arrive short.flv 3.flv
for _ in $(seq 90); do
	[ -z "$(ls d)" ] && break
	sleep 10
done
kill "$(sed -n 's/^pid: //p' s/camwatch)" && wait # faketime ends when none of its processes is left
P
# shellcheck disable=SC2154 # lib.sh's
BIN=$plain faketime -f '+0 x100' sh play.sh
is "each plays to its end" "$(sed -n "s/.*'\(.*\)' was on the air to \(.*\): deleted/\1 \2/p" err)" \
	"d/1.flv 599.0 s
d/2.flv 599.0 s
d/3.flv 4.0 s"
is "none is late" "$(grep -c 'late\|behind' camwatch.err err)" "camwatch.err:0
err:0"
is "each is printed" "$(cat printed)" "d/1.flv
d/2.flv
d/3.flv"
finish
