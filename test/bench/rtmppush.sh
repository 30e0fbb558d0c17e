#!/bin/sh
# rtmppush beside one ffmpeg a file, both with the same clips of 4 Mbit/s into nginx:
# processor time, private memory, and how long a hand-over between clips lasts.
. "$(dirname "$0")/../rtmp.sh"
SECONDS_PLAYED=${SECONDS_PLAYED:-20}
PATH=$plain:$PATH
ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=1280x720:r=25:d=$SECONDS_PLAYED,noise=alls=30:allf=t" \
	-f lavfi -i "aevalsrc='0.5*sin(2*PI*(200+40*t)*t)':d=$SECONDS_PLAYED" -c:v libx264 -preset ultrafast \
	-b:v 3900k -minrate 3900k -maxrate 3900k -bufsize 1M -g 50 -sc_threshold 0 -pix_fmt yuv420p \
	-c:a aac -b:a 96k -f segment -segment_time 5 -reset_timestamps 1 %02d.mp4
ls ./*.mp4 >list

nginx_starts
# Runs a shell command and writes down what its processes have spent, in seconds.
cat >spent.pl <<'EOP'
system 'sh', '-c', $ARGV[1];
my $code = $?;
my @t = times;
open F, '>', $ARGV[0];
print F $t[2] + $t[3], "\n";
exit($code ? 1 : 0);
EOP

perl spent.pl ours 'exec rtmppush <list >printed 2>push.err' &
waits=$!
started() { push=$(cat /proc/$waits/task/$waits/children) && [ "${push:-0}" -gt 0 ] && grep -q rtmppush "/proc/${push% }/comm"; }
wait_for 10 started
push=${push% } most=0
while [ -e /proc/$push ]; do
	private=$(awk '/^Private_Dirty/ { print $2 }' /proc/$push/smaps_rollup 2>/dev/null)
	[ "${private:-0}" -gt $most ] && most=$private
	goes_on 0.5 $push
done
wait $waits || {
	echo "rtmppush, bench: it did not play all"
	cat push.err
	exit 1
}
got=$(ls -d rec/*)
while read -r file; do
	perl spent.pl one "exec ffmpeg -v error -nostdin -re -i $file -c copy -f flv $RTMP_URL"
	cat one >>theirs
done <list
nginx_ends

cat ./*.mp4 | wc -c | awk -v s="$SECONDS_PLAYED" -v o="$(cat ours)" '{ printf "rtmppush, %d s of %.1f Mbit/s: %.2f s of CPU, ", s, $1 * 8 / s / 1e6, o }'
awk -v o="$(cat ours)" '{ t += $1 } END { printf "ffmpeg a file at a time %.2f s, ratio %.2f, wanted at most 0.25: %s\n", t, o / t, o / t <= .25 ? "kept" : "MISSED" }' theirs
echo $most | awk '{ printf "rtmppush, memory: %d KB private and dirty, wanted at most 8192: %s\n", $1, $1 <= 8192 ? "kept" : "MISSED" }'
# The longest step between pictures, in the recording; they are 40 ms long.
ffprobe -v error -select_streams v -show_entries packet=dts -of csv=p=0 "$got" |
	awk -F , 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 }
		END { printf "rtmppush, hand-over: at most %d ms between pictures of 40 ms, wanted at most 80: %s\n", most, most <= 80 ? "kept" : "MISSED" }'

# As long again nothing but filler, of the last clip's picture, and ffmpeg with a picture of that size: it
# has to encode.
filler=$SECONDS_PLAYED
ffmpeg -v error -nostdin -i 00.mp4 -t 1 -c copy one.mp4
ffmpeg -v error -nostdin -i 00.mp4 -frames:v 1 still.png
rm -rf rec
nginx_starts
mkfifo paths
mkdir live
perl spent.pl fills 'exec rtmppush --idle still -s live <paths >printed 2>push.err' &
waits=$!
exec 9>paths
echo one.mp4 >&9
filled() { [ "$(value live/rtmppush filler)" -ge "$filler" ] 2>/dev/null; }
wait_for $((3 * filler + 20)) filled
seconds=$(value live/rtmppush filler)
exec 9>&-
wait $waits
perl spent.pl encodes "exec ffmpeg -v error -nostdin -re -loop 1 -r 25 -i still.png -f lavfi -i anullsrc -t $seconds \
	-pix_fmt yuv420p -c:v libx264 -preset ultrafast -g 50 -c:a aac -f flv $RTMP_URL"
nginx_ends
awk -v s="$seconds" -v o="$(cat fills)" '{ printf "rtmppush, %d s of filler: %.2f s of CPU, ffmpeg with a picture %.2f s, ratio %.2f, wanted at most 0.1: %s\n",
	s, o, $1, o / $1, o / $1 <= .1 ? "kept" : "MISSED" }' encodes

# A camera's G.711 made AAC, and ffmpeg doing the same, with the pictures copied by both.
for i in 0 1 2 3; do
	ffmpeg -v error -nostdin -stream_loop 1 -i 00.mp4 -f lavfi -i anoisesrc=c=pink:a=0.3 -t 10 -map 0:v -map 1:a -c:v copy \
		-ar 8000 -ac 1 -c:a pcm_alaw 0$i.mov
	echo "file 0$i.mov" >>movs
done
rm -rf rec
nginx_starts
perl spent.pl sounds "ls 0?.mov | exec rtmppush --audio aac >printed 2>push.err"
new_second
perl spent.pl plain "ls 0?.mov | exec rtmppush --audio silence >printed 2>push.err"
new_second
copies="exec ffmpeg -v error -nostdin -re -f concat -i movs -c:v copy"
perl spent.pl encodes "$copies -c:a aac -ar 48000 -ac 1 -b:a 64k -f flv $RTMP_URL"
new_second
perl spent.pl copies "$copies -an -f flv $RTMP_URL"
nginx_ends
cat sounds plain encodes copies | xargs | awk '{ printf "rtmppush, 40 s of G.711 made AAC: %.2f s of CPU, with silence in its place %.2f s, ffmpeg %.2f s and %.2f s, ratio of the whole %.2f, of the sound alone %.2f, wanted at most 0.3: %s\n",
	$1, $2, $3, $4, $1 / $3, ($1 - $2) / ($3 - $4), ($1 > $2 && ($1 - $2) / ($3 - $4) <= .3) ? "kept" : "MISSED" }'
