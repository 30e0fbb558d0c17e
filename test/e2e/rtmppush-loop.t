#!/bin/sh
# rtmppush --idle FILE: between clips a prepared clip is played, again and again; a clip takes over from it;
# a file that cannot be played is reported, and the last picture comes instead.
. "$(dirname "$0")/../idle.sh"
clip one.mp4 1 -g 25 -bf 0
clip away.mp4 2 -g 25 -bf 0 -an
clip layers.mp4 2 -g 10 -x264-params bframes=2
clip small.mp4 1 -g 25 -bf 0 -s 64x48
clip heard.mp4 1 -g 25 -bf 0 -ac 1 -ar 32000
hashes() { # FILE: of its pictures
	ffmpeg -v error -nostdin -i "$1" -map 0:v -fps_mode passthrough -f framemd5 - |
		grep -v '^#' | awk -F', *' '{ print $6 }'
}
# shown FILE: how many pictures of the recording are of the file.
shown() {
	hashes "$1" | sort -u >of.file
	hashes "$recording" | grep -cFxf of.file
}
widths() { # FILE: how many pictures of each width, in their order
	ffprobe -v error -show_frames -select_streams v "$1" | grep ^width= | uniq -c | tr -s ' \n' ' '
}
hashes one.mp4 >one.md5

# over FILE SECONDS [PICTURES [OPTION...]]: the filler FILE, a clip, so much of the filler, and a clip, which
# has so many pictures with it that can be told by their hash; leaves the recording.
over() {
	rm -rf rec
	nginx_starts
	filler=$1 seconds=$2 pictures=${3-50}
	shift $(($# > 3 ? 3 : $#))
	plays --idle "$filler" "$@"
	set -- "$filler" "$seconds"
	echo one.mp4 >&9
	ok "$1: filler" wait_for 30 filled "$2"
	ok "$1: nothing plays" wait_for 20 waits
	echo one.mp4 >&9
	exec 9>&-
	reap $pid
	is "$1: both clips are played" "$?:$(tr '\n' ' ' <printed)" "0:one.mp4 one.mp4 "
	nginx_ends
	is "$1: one session" "$(find rec -type f | wc -l):$(grep -v -e connected -e "was on" err)" 1:
	recording=$(ls -d rec/*)
	decode "$recording"
	is "$1: decoded without a complaint" "$rc:$err" 0:
	is "$1: both clips are whole" "$(hashes "$recording" | grep -cFxf one.md5)" "$pictures"
	is "$1: no picture is late" "$(steps "$recording" v 130)" ""
	is "$1: nor sound" "$(steps "$recording" a 130)" ""
}
# It has no sound, and may begin before a clip has told that there will be some. Longer than the file.
over ./away.mp4 3 50 --audio silence
ok "its pictures come again" [ "$(shown away.mp4)" -gt 60 ]
over ./layers.mp4 1
# Its pictures are shown in another order than they are sent: each clip waits for the end of a group of ten.
hashes layers.mp4 | sort -u >of.file
hashes "$recording" | awk 'FILENAME == "of.file" { file[$1]; next } FILENAME == "one.md5" { clip[$1]; next }
	$1 in file { n++ } $1 in clip && n { print n % 10; n = 0 }' of.file one.md5 - >groups
is "whole groups of pictures" "$(sort -u groups)" 0
over ./small.mp4 1
like "each has its own size" "$(widths "$recording")" "*25 width=96 *width=64 25 width=96 *"
over ./heard.mp4 1

# Before any clip came: the file's own form.
rm -rf rec
nginx_starts
plays --idle ./away.mp4
ok "it is sent before any clip" wait_for 20 filled 1
kill -TERM $pid
reap $pid
is "SIGTERM ends it" "$?" 0
exec 9>&-

# What cannot be played.
head -c 5000 away.mp4 >cut.mp4
ffmpeg -v error -nostdin -i one.mp4 -vn -c copy sound.mp4
ffmpeg -v error -nostdin -i away.mp4 -c:v libx265 -x265-params log-level=none h265.mp4
ffmpeg -v error -nostdin -i away.mp4 -c copy -bsf:v noise=drop=key nokey.mp4
mkfifo fifo.mp4
for bad in cut sound h265 nokey fifo gone/none; do
	new_second
	plays --idle ./$bad.mp4 --retries 1
	echo one.mp4 >&9
	ok "$bad: the last picture comes instead" wait_for 20 filled 1
	exec 9>&-
	reap $pid
	is "$bad: goes on" "$?:$(cat printed)" 0:one.mp4
	like "$bad: said" "$(cat err)" "*[[]WARN]*filler './$bad.mp4': *; the last picture comes instead*"
	is "$bad: once" "$(grep -c filler err)" 1
done

like "a folder that is gone: the system's word" "$(cat err)" \
	"*filler './gone/none.mp4': No such file or directory;*"
run rtmppush --idle Still
like "a word that is none" "$rc:$err" \
	"64:*option --idle: 'Still' is none of nothing still, nor a path with a slash*"

# It changes while it is looped: cut short in its place, and then replaced.
new_second
cp away.mp4 live.mp4
plays --idle ./live.mp4
echo one.mp4 >&9
ok "it plays" wait_for 20 filled 1
: >live.mp4
told() { grep -q "filler './live.mp4': .*; the last picture" err; }
ok "cut short: said" wait_for 20 told
before=$(fact filler)
ok "cut short: the last picture" wait_for 20 filled $((before + 2))
cp small.mp4 new.mp4
mv new.mp4 live.mp4
echo one.mp4 >&9
ok "a clip" wait_for 20 played 2
before=$(fact filler)
ok "the new file" wait_for 20 filled $((before + 2))
exec 9>&-
reap $pid
nginx_ends
recording=$(ls -d rec/* | tail -n 1)
decode "$recording"
is "decoded without a complaint" "$rc:$err" 0:
like "the new file is shown" "$(widths "$recording")" "*width=96*width=64*"
finish
