#!/bin/sh
# rtmppush --idle still: between clips the last picture and silence go on in the same session, with
# stamps that only grow; every picture of it is the key frame it repeats, by a decoder.
. "$(dirname "$0")/../idle.sh"
clip one.mp4 1 -g 10 -x264-params cabac=1:bframes=2
clip two.mp4 1 -g 25 -x264-params cabac=0:bframes=0
clip field.mp4 1 -g 25 -flags +ildct+ilme -x264-params interlaced=1
clip mute.mp4 1 -g 25 -an
clip mono.mp4 1 -g 25 -ac 1 -ar 16000

nginx_starts
plays --idle still --retries 3
want=0
for file in one.mp4 two.mp4 field.mp4 mono.mp4 mute.mp4 one.mp4; do
	echo $file >&9
	want=$((want + 1))
	ok "$file is played" wait_for 20 played $want
	before=$(fact filler)
	ok "$file: filler follows" wait_for 20 filled $((before + 2))
	ok "$file: nothing plays" wait_for 20 waits
done
exec 9>&-
reap $pid
is "exit code, and what is said" "$? $(grep -c connected err) $(wc -l <err)" "0 1 $(wc -l <err)"
nginx_ends
is "one session" "$(ls rec | wc -l)" 1
recording=$(ls -d rec/*)

# The server's viewers: no stamp goes back, and none jumps.
# One clip has no sound for a second.
for kind in v a; do
	is "$kind: stamps grow, by little" "$(steps "$recording" $kind 1200)" ""
done
decode "$recording"
is "it is decoded without a complaint" "$rc:$err" 0:
run ffmpeg -v error -nostdin -i "$recording" -map 0:v -vsync passthrough -f framemd5 pictures
# All pictures of the clips differ: those that come again are the filler's.
grep -v '^#' pictures | awk -F', *' '{ print $6 }' | uniq -c |
	awk '$1 > 40 { fillers++ } $1 > 1 && $1 <= 40 { print $1 } END { print fillers }' >runs
is "after each clip one picture stays" "$(cat runs)" 6

# A session that is lost in the filler is opened again, and so it goes on until a clip comes.
rm -rf rec
nginx_starts
plays --idle still
echo one.mp4 >&9
ok "filler" wait_for 20 filled 2
kill -9 $server
reap $server
cannot() { grep -q 'the session is lost' err; }
ok "the session is lost" wait_for 20 cannot
new_second
nginx_starts 9>&- # or the paths would not end
again() { [ "$(grep -c connected err)" -eq 2 ]; }
ok "it is opened again" wait_for 30 again
before=$(fact filler)
ok "with filler" wait_for 20 filled $((before + 2))
echo two.mp4 >&9
exec 9>&-
reap $pid
is "and a clip plays" "$?:$(tr '\n' ' ' <printed)" "0:one.mp4 two.mp4 "
nginx_ends
decode "$(ls -d rec/* | tail -n 1)"
is "the new session begins whole" "$rc:$err" 0:

# The last picture is there after a kill, and after a reboot: it lies beside the cursor.
rm -rf rec
nginx_starts
mkdir player
begin() { plays --idle still -c player/cursor; }
begin
echo mono.mp4 >&9
ok "a clip plays" wait_for 20 played 1
ok "its picture is saved" wait_for 20 test -s player/still.flv
kill -9 $pid
reap $pid 2>/dev/null
exec 9>&-
is "the picture, and a frame of silence" "$(ffprobe -v error -show_entries packet=codec_type,flags \
	-of csv=p=0 player/still.flv | grep -o '^[a-z]*,K' | sort | tr '\n' ' ')" "audio,K video,K "
new_second
begin
ok "after a kill: filler without a clip" wait_for 20 filled 2
is "nothing is said but that it is connected" "$(grep -vc connected err)" 0
exec 9>&-
reap $pid
# One that was cut short is none.
head -c 300 player/still.flv >cut.flv
mv cut.flv player/still.flv
begin
exec 9>&-
reap $pid
like "cut short: said, and no picture" "$?:$(cat err)" \
	"0:*[[]WARN] [[]rtmppush] 'still.flv': there is no picture until a clip plays: Bad message"
nginx_ends
decode "$(ls -d rec/* | tail -n 1)"
is "a filler of a file is decoded" "$rc:$err" 0:
finish
