#!/bin/sh
# rtmppush and what is odd: more paths than it holds, clips out of order, repeated, changed while
# they play, with time stamps that jump, with what libavformat will not send; and the addresses.
. "$(dirname "$0")/../rtmp.sh"
port=$(free_port)
export RTMP_URL="rtmp://127.0.0.1:$port/live/secretkey"
sink() { # [OPTION...]
	rtmpsink "$@" "$RTMP_URL" >sink.out 2>sink.err &
	sink=$!
	mine $sink
	wait_for 20 listens "$port"
}
push() { # CLIPS [OPTION...]
	printf '%s\n' "$1" | tr ' ' '\n' >in.list
	shift
	run rtmppush --lead 10000 --retries 3 "$@" <in.list
}
make_clip() { # FILE SECONDS [OPTION...]: 10 pictures a second, no two packets the same
	made=$((${made:-0} + 1)) file=$1 seconds=$2
	shift 2
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=64x48:r=10:d=$seconds,hue=h=$made*9" \
		-f lavfi -i "sine=f=$((made * 50 + 100)):d=$seconds" \
		-c:v libx264 -preset ultrafast -g 5 -pix_fmt yuv420p -c:a aac "$@" "$file"
}
mkdir d
for n in 1 2 3; do
	make_clip d/$n.mp4 1
	touch -d "2026-01-02 10:00:0$n" d/$n.mp4
done

# More than it takes in hand, at once and with an end.
mkdir many
make_clip tiny.mp4 0.1
for n in $(seq 101 300); do
	cp tiny.mp4 many/$n.mp4
done
sink -1
ls many/* >in.list
run rtmppush --lead 10000 --retries 3 <in.list
reap $sink
is "200 paths: all are played" "$rc:$(echo "$out" | cksum)" "0:$(cksum <in.list)"

# Never back, whatever order the names come in, and a name that comes twice.
sink -1 -o got.flv
push "d/2.mp4 d/1.mp4 d/2.mp4 d/3.mp4 d/3.mp4" -c cursor -d d
reap $sink
is "out of order: those behind are played" "$rc:$(echo $out)" "0:d/2.mp4 d/3.mp4"
is "out of order: each once" "$(packets got.flv video)" "$(packets d/2.mp4 video && packets d/3.mp4 video)"
is "out of order: the others are named" "$(echo "$err" | grep -c 'the cursor has passed it')" 3
rm cursor

# The cursor goes by the same order as camwatch.
mkdir by
for n in 1 2 3; do
	cp d/$n.mp4 by/$n.mp4
	touch -d "2026-01-02 10:00:0$((4 - n))" by/$n.mp4
done
sink -1
camwatch -1 -a 0 -o name -l 0 -n never by >names 2>camwatch.err
run rtmppush --lead 10000 --retries 3 -c cursor -d by -o name <names
reap $sink
is "-o name: all are played" "$rc:$(echo $out)" "0:by/1.mp4 by/2.mp4 by/3.mp4"
is "-o name: the cursor is at the last" "$(cut -f 2 cursor)" 3.mp4
rm cursor

# Begun and named again, where the cursor's own path leads nowhere.
printf '%s\t1.mp4\t500\n' "$(stat -c %.9Y d/1.mp4 | tr -d .)" >cursor
sink -1 -o got.flv
(cd d && printf '1.mp4\n2.mp4\n' | rtmppush --lead 10000 --retries 3 -c ../cursor -d "$T/elsewhere" >../out 2>../err)
reap $sink
is "begun, and named again: played on" "$(tr '\n' ' ' <out)" "1.mp4 2.mp4 "
is "begun, and named again: from where it was" "$(packets got.flv video)" "$(packets d/1.mp4 video | tail -n 5 && packets d/2.mp4 video)"
rm cursor

# Changed, while it is played.
make_clip long.mp4 3
sink -1
mkdir s
rtmppush --lead 0 --retries 3 -s s <<X >out 2>err &
long.mp4
d/1.mp4
X
push=$!
mine $push
begun() { [ -s s/rtmppush ] && [ "$(value s/rtmppush state)" = playing ] && [ "$(value s/rtmppush position)" -gt 0 ]; }
wait_for 20 begun
touch -d 2026-01-03 long.mp4
reap $push
is "changed: exit code and output" "$?:$(cat out)" "74:d/1.mp4"
like "changed: said" "$(cat err)" "*'long.mp4' changed while it was played: left where it is*"
is "at the end the fact says so" "$(value s/rtmppush state) $(value s/rtmppush stream)" "stopped disconnected"
reap $sink

# Stopped while there is no session: the cursor has all that had arrived.
make_clip longer.mp4 8
sink -1
rtmppush --lead 0 -s s -c cursor <<X >out 2>err &
longer.mp4
X
push=$!
mine $push
wait_for 20 begun
kill $sink
reap $sink
lost() { grep -q 'again in' err; }
wait_for 20 lost
wait_for 5 grep -q reconnecting s/rtmppush
kill -TERM $push
reap $push
is "stopped without a session: exit code" $? 0
is "stopped without a session: the cursor" "$(cut -f 3 cursor)" "$(value s/rtmppush position)"
rm cursor

# Held up itself, it goes on where it was: no gap at the next clip.
sink -1 --strict
rtmppush --lead 0 -s s <<X >out 2>err &
d/1.mp4
d/2.mp4
d/3.mp4
X
push=$!
mine $push
wait_for 20 begun
kill -STOP $push
goes_on 3
kill -CONT $push
reap $push
is "held up: exit code and output" "$?:$(cat out)" "0:$(ls d/*)"
reap $sink
is "held up: the sink finds nothing wrong" "$?:$(cat sink.err)" "0:"

# The cursor cannot be written.
mkdir gone
sink -1
rtmppush --lead 0 -s s -c gone/cursor <<X >out 2>err &
long.mp4
X
push=$!
mine $push
wait_for 20 [ -s gone/cursor ]
rm -r gone
reap $push
is "no cursor: exit code and output" "$?:$(cat out)" "74:long.mp4"
like "no cursor: said" "$(cat err)" "*cursor 'cursor': 'long.mp4' cannot be noted: No such file*"
reap $sink

# Time stamps that jump, ahead and back.
part() { # CLIP SECONDS: its time stamps begin there
	ffmpeg -v error -nostdin -i "$1" -c copy -output_ts_offset "$2" -mpegts_flags initial_discontinuity -f mpegts -
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
	is "a jump $clip: all of it" "$(packets got.flv | sort | cksum)" "$( (packets ahead.ts && packets d/3.mp4) | sort | cksum)"
done

# What libavformat will not send.
make_clip mp3.mp4 1 -c:a libmp3lame -ar 32000
ffmpeg -v error -nostdin -i d/1.mp4 -c copy -an -f h264 small.h264
perl -e 'local $/; open F, "<:raw", "small.h264"; $_ = <F>; my $n = 0;
	s/(\0\0\0\x01\x41)/$n++ ? $1 : "\0\0\0\x01\x0c" . "\xff" x 17_000_000 . "\x80$1"/seg;
	open G, ">:raw", "big.h264"; print G $_' && ffmpeg -v error -nostdin -r 10 -f h264 -i big.h264 -c copy big.mp4
ok "there is a packet of 17 MB" [ "$(stat -c %s big.mp4)" -gt 17000000 ]
sink
push "mp3.mp4 big.mp4 d/1.mp4"
is "what cannot be sent: the other is" "$rc:$out" "1:d/1.mp4"
like "MP3 at 32000: named" "$err" "*'mp3.mp4' cannot be played, mp3: left where it is*"
like "17 MB: named" "$err" "*'big.mp4' cannot be played, *: left where it is*"
kill $sink
reap $sink

# A stream of which nothing comes until long after the start.
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=64x48:r=100:d=4 -f lavfi -i sine=f=77:d=0.5 -c:v libx264 -preset ultrafast \
	-g 50 -pix_fmt yuv420p -c:a aac early.mp4
ffmpeg -v error -nostdin -i early.mp4 -itsoffset 3.4 -i early.mp4 -map 0:v -map 1:a -c copy late.mp4
ffmpeg -v error -nostdin -i late.mp4 -c copy late.ts
for clip in late.mp4 late.ts; do
	sink -1 -o got.flv
	push $clip
	reap $sink
	is "late sound, $clip: played" "$rc:$out" "0:$clip"
	is "late sound, $clip: in one session" "$(grep -c begins sink.out)" 1
	is "late sound, $clip: the pictures" "$(packets got.flv video | cksum)" "$(packets $clip video | cksum)"
	is "late sound, $clip: the sound" "$(packets got.flv audio | cksum)" "$(packets $clip audio | cksum)"
done

# A server that takes all, says half a word and then nothing.
word=$(free_port)
perl -MIO::Socket::INET -MIO::Select -e '
	my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
	my $c = $l->accept;
	my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[1]") or die;
	my ($all, $n, $b) = IO::Select->new($c, $s);
	while (my @r = $all->can_read) {
		for my $from (@r) {
			sysread $from, $b, 65536 or exit;
			next if $n > 20000 && $from == $s;
			syswrite $from == $c ? $s : $c, $b;
			my $had = $n;
			$n += length $b if $from == $c;
			syswrite $c, "\3" if $had <= 20000 && $n > 20000;
		}
	}' "$word" "$port" &
mine $!
sink
wait_for 20 listens "$word"
began=$(now)
echo longer.mp4 >one
RTMP_URL=rtmp://127.0.0.1:$word/live/secretkey run rtmppush --retries 1 <one
took=$(($(now) - began))
is "half a word: exit code and output" "$rc:$out" "69:"
like "half a word: said" "$err" "*the session is lost: the server has taken nothing for 10 s; again*"
ok "half a word: noticed in time ($took ms)" [ $took -lt 16000 ]
kill $sink
reap $sink

# Addresses.
run rtmppush -u rtmp://127.0.0.1/live/secretkey </dev/null
is "-u with an address: exit code" "$rc" 66
is "-u with an address: no key" "$(echo "$err" | grep -c secretkey)" 0
like "-u with an address: said" "$err" "*the address was given where a file is wanted*"
run env RTMP_URL=rtmp://a..b/live/secretkey rtmppush --retries 1 <one
is "no such host: exit code" "$rc" 69
like "no such host: said" "$err" "*cannot be reached: no address is known for a..b*"
for url in rtmp:// rtmp:/// rtmp://127.0.0.1/live rtmp://127.0.0.1; do
	run env RTMP_URL=$url rtmppush </dev/null
	is "no application or key: $url" "$rc" 64
done
finish
