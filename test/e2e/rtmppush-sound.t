#!/bin/sh
# What the fact and the log of rtmppush say about sound, and what broken sound does to a session: nothing.
. "$(dirname "$0")/../idle.sh"
clip mute.mp4 2 -g 25 -an
clip alaw.mov 2 -g 25 -ac 1 -ar 8000 -c:a pcm_alaw
clip opus.mkv 4 -g 25 -ar 48000 -c:a libopus
clip aac.mp4 2 -g 25
clip away.mov 2 -g 25 -bf 0 -ac 1 -ar 8000 -c:a pcm_mulaw
# The same with bytes in the packets of its sound turned round, which no decoder likes.
perl -pe 'BEGIN { binmode STDIN; binmode STDOUT; srand 7; $/ = \4096 }
	substr($_, 100 + int(rand 3900), 1) ^= "\xff" if $. > 1 && $. % 3 == 0' <opus.mkv >torn.mkv

sound() { [ "$(fact sound)" = "$1" ]; }
ends() { # NAME: all was played, in one session, and nothing was said but the lines that match the rest
	exec 9>&-
	reap $pid
	is "$1: played, in one session" "$?:$(cat printed | xargs):$(grep -c connected err)" "0:$2:1"
	is "$1: what is said" "$(grep -v -e connected -e 'was on' err | sed 's/.*] //')" "$3"
	nginx_ends
	recording=$(find rec -type f)
	decode "$recording"
	is "$1: decoded without a complaint" "$rc:$err" 0:
	is "$1: the sound never pauses" "$(steps "$recording" a 130)" ""
	rm -rf rec
}

# keep: a clip without sound has none, and says so.
nginx_starts
plays
echo mute.mp4 >&9
ok "keep: a mute clip: none" wait_for 20 sound none
ok "keep: it is played" wait_for 20 played 1
echo aac.mp4 >&9
ok "keep: sound as it is: clip" wait_for 20 sound clip
exec 9>&-
reap $pid
nginx_ends
rm -rf rec

# aac: clips, the filler between them, and back.
nginx_starts
plays --audio aac --idle still
echo alaw.mov >&9
ok "aac: G.711: encoded" wait_for 20 sound encoded
ok "aac: the filler: silence" wait_for 20 sound silence
ok "aac: for a second" wait_for 20 filled 1
echo mute.mp4 >&9
echo opus.mkv >&9
ok "aac: encoded again" wait_for 20 sound encoded
ok "aac: all is played" wait_for 20 played 3
ok "aac: the filler again" wait_for 20 filled 2
ends aac "alaw.mov mute.mp4 opus.mkv" ""

# A prepared filler with sound of its own that is not AAC.
nginx_starts
plays --audio aac --idle ./away.mov
echo alaw.mov >&9
ok "filler: it begins" wait_for 20 filled 3
is "filler: its own sound" "$(fact picture) $(fact sound)" "filler encoded"
echo aac.mp4 >&9
ok "filler: as it is" wait_for 20 sound clip
ends filler "alaw.mov aac.mp4" ""

# The decoder's process is killed, and the next one frozen: that clip loses its sound, and no more.
nginx_starts
plays --audio aac
decoder() { child=$(pgrep -P $pid) && [ -n "$child" ]; }
said() { [ "$(grep -c 'its decoder' err)" -eq "$1" ]; }
echo opus.mkv >&9
echo opus.mkv >&9
echo opus.mkv >&9
ok "decoder: it runs" wait_for 20 decoder
kill -9 "$child"
ok "decoder: it is missed" wait_for 20 said 1
ok "decoder: the next clip has another" wait_for 20 decoder
kill -STOP "$child"
ok "decoder: it is given up" wait_for 20 said 2
no_answer="sound, opus: its decoder gives no answer: the clip goes on without it"
ends decoder "opus.mkv opus.mkv opus.mkv" "$no_answer
$no_answer"
ok "decoder: it ends with rtmppush" [ -z "$(pgrep -P $pid)" ]

nginx_starts
plays --audio aac --idle still
echo torn.mkv >&9
echo alaw.mov >&9
ok "torn: both are played" wait_for 20 grep -q alaw printed
exec 9>&-
reap $pid
is "torn: one session" "$(grep -c connected err)" 1
nginx_ends
finish
