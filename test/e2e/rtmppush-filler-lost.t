#!/bin/sh
# rtmppush --idle: a session that is lost during a filler counts as one, and the filler goes on in the next
# one at once; a session that is changed during a prepared clip gets nothing that was read for the one before.
. "$(dirname "$0")/../idle.sh"
clip one.mp4 1 -g 25 -bf 0
clip away.mp4 2 -g 25 -bf 0 -an
clip layers.mp4 2 -g 10 -x264-params bframes=2 -an
hashes() { # FILE: of its pictures
	ffmpeg -v error -nostdin -i "$1" -map 0:v -fps_mode passthrough -f framemd5 - |
		grep -v '^#' | awk -F', *' '{ print $6 }'
}
for file in one away layers; do hashes $file.mp4 >$file.md5; done
lost() { [ "$(grep -c 'the session is lost' err)" -ge "$1" ]; }
reconnected() { [ "$(fact reconnects) $(fact stream)" = "$1 connected" ]; }

# By a clock twenty times as fast: a session that has lasted a minute is opened again after half a second.
slow=$PATH
PATH=$T/fast:$plain:$PATH
mkdir fast
cat >fast/rtmppush <<X
#!/bin/sh
exec faketime -f '+0 x20' "$plain/rtmppush" "\$@"
X
chmod +x fast/rtmppush
for filler in still ./away.mp4; do
	rm -rf rec
	nginx_starts
	plays --idle $filler
	echo one.mp4 >&9
	ok "$filler: a minute of it" wait_for 30 filled 61
	kill -9 $server
	reap $server 2>/dev/null
	ok "$filler: the session is lost" wait_for 30 lost 1
	new_second
	nginx_starts 9>&- # or the paths would not end
	ok "$filler: it is opened again, and counted once" wait_for 30 reconnected 1
	before=$(fact filler)
	ok "$filler: filler goes on" wait_for 30 filled $((before + 10))
	is "$filler: no clip plays" "$(fact state) $(fact picture) $(fact reconnects)" "waiting filler 1"
	exec 9>&-
	reap $pid
	is "$filler: one loss" "$? $(grep -c 'the session is lost' err) $(wc -l <printed)" "0 1 1"
	like "$filler: at once" "$(grep 'the session is lost' err)" "*; again in 0.[3-7] s"
	nginx_ends
	decode "$(ls -d rec/* | tail -n 1)"
	is "$filler: the new session is decoded" "$rc:$err" 0:
done
PATH=$slow

# begins RECORDING MD5...: with a key frame and these pictures.
begins() {
	recording=$1
	shift
	is "$filler: a key frame begins it" "$(ffprobe -v error -select_streams v -show_entries packet=flags \
		-of csv=p=0 "$recording" | head -n 1 | cut -c 1)" K
	cat "$@" >wanted
	hashes "$recording" | head -n "$(wc -l <wanted)" >got
	ok "$filler: its pictures are the file's, from the first one on" cmp -s got wanted
	decode "$recording"
	is "$filler: decoded without a complaint" "$rc:$err" 0:
}

# Its sound was not announced: the clip needs a new session, wherever the filler is.
# The stamps come too high: the filler needs one itself.
for filler in away layers; do
	rm -rf rec
	nginx_starts
	plays --idle ./$filler.mp4
	ok "$filler: before a clip" wait_for 20 filled 1
	new_second
	echo one.mp4 >&9
	ok "$filler: a clip with sound is played" wait_for 20 played 1
	before=$(fact filler)
	ok "$filler: filler follows" wait_for 20 filled $((before + 3))
	exec 9>&-
	reap $pid
	is "$filler: one more session" "$? $(ls rec | wc -l)" "0 2"
	is "$filler: none lost" "$(grep -v -e connected -e 'new session' -e 'was on' err)" ""
	nginx_ends
	begins "$(ls -d rec/* | tail -n 1)" one.md5 $filler.md5

	rm -rf rec
	nginx_starts
	plays --idle ./$filler.mp4 --first-stamp $(((1 << 31) - 4 * 3600 * 1000 - 3500))
	ok "$filler: a new session where stamps are too high" wait_for 30 reconnected 1
	before=$(fact filler)
	ok "$filler: filler goes on" wait_for 20 filled $((before + 3))
	exec 9>&-
	reap $pid
	nginx_ends
	begins "$(ls -d rec/* | tail -n 1)" $filler.md5
done
finish
