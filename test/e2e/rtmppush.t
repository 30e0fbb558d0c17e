#!/bin/sh
# rtmppush into rtmpsink: one session, every packet once and in order, and what is done then.
. "$(dirname "$0")/../lib.sh"
port=$(free_port)
url=rtmp://127.0.0.1:$port/live/secretkey
export RTMP_URL="$url"

mkdir d
make_clip() { # FILE TONE [OPTION...]: one second
	file=$1 tone=$2
	shift 2
	ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=64x48:r=10:d=1 -f lavfi -i "sine=f=$tone:d=1" \
		-c:v libx264 -preset ultrafast -g 5 -pix_fmt yuv420p -c:a aac "$@" "$file"
}
make_clip d/1.mp4 100
make_clip d/2.mp4 200 -s 96x64 -r 15
make_clip d/3.ts 300
make_clip d/4.flv 400 -bf 2
make_clip d/5.mkv 500
make_clip d/6.mp4 600
make_clip quiet.mp4 600 -an
make_clip d/7.mp4 700 -movflags frag_keyframe+empty_moov
for n in 1.mp4 2.mp4 3.ts 4.flv 5.mkv 6.mp4 7.mp4; do
	touch -d "2026-01-02 10:00:0${n%.*}" d/$n
done
ls d/* >list
push() { # CLIPS [OPTION...]: plays these
	printf '%s\n' "$1" | tr ' ' '\n' >in.list
	shift
	run rtmppush --lead 10000 --retries 3 "$@" <in.list
}
sink() { # [OPTION...]: in the background, its process id in $sink
	rtmpsink "$@" "$url" >sink.out 2>sink.err &
	sink=$!
	wait_for 20 listens "$port"
}

sink -1 -o got.flv --strict
mkdir s
run rtmppush --lead 10000 --retries 3 -s s -c cursor -d d <list
wait $sink
is "all: the sink finds nothing wrong" "$?:$(cat sink.err)" "0:"
is "all: exit code and output" "$rc:$out" "0:$(cat list)"
is "all: one session" "$(grep -c begins sink.out)" 1
for file in $(cat list); do packets $file; done | sort >expected
packets got.flv | sort >arrived
is "all: every packet arrived, once" "$(comm -3 expected arrived | wc -l)" 0
for file in $(cat list); do packets $file video; done >expected
packets got.flv video >arrived
is "all: the pictures in order" "$(cmp expected arrived 2>&1)" ""
like "all: the cursor is at the end" "$(cut -f 2 cursor)" "7.mp4"
is "all: nothing was touched" "$(ls d/*)" "$(cat list)"
is "fact: keys" "$(sed 's/:.*//' s/rtmppush | tr '\n' ' ')" \
	"time boot mono pid started state stream server now position duration lag queue played skipped bytes_sent bytes_acked reconnects since error busy "
is "fact: values" "$(value s/rtmppush played) $(value s/rtmppush queue) $(value s/rtmppush server)" \
	"7 0 rtmp://127.0.0.1:$port/live/***"
is "the key is in no message and no fact" "$(echo "$err" | cat - s/rtmppush cursor | grep -c secretkey)" 0

# The cursor has passed all: none is played, no session is opened.
run rtmppush --lead 10000 --retries 3 -c cursor -d d <list
is "passed: exit code and output" "$rc:$out" "0:"
like "passed: said" "$err" "*'d/1.mp4': not played, the cursor has passed it*"

# Resumed in the middle of a clip, which need not be in the input.
printf '%s\t2.mp4\t600\n' "$(stat -c %.9Y d/2.mp4 | tr -d .)" >cursor
sink -1 -o got.flv
push "d/1.mp4 d/2.mp4 d/3.ts" --cursor cursor --drop d
wait $sink
[ "$rc" -eq 0 ] || show "$err"
is "resumed: output" "$rc:$(echo $out)" "0:d/2.mp4 d/3.ts"
packets got.flv video >arrived
ok "resumed: from a keyframe at or before the position" [ "$(packets d/2.mp4 video | comm -12 --nocheck-order - arrived | wc -l)" -lt "$(packets d/2.mp4 video | wc -l)" ]
is "resumed: the end of it and all of the next" "$(tail -n 14 arrived)" \
	"$( (packets d/2.mp4 video && packets d/3.ts video) | tail -n 14)"

# Resumed before the second keyframe: all of it, with the sound that comes before the picture.
printf '%s\t1.mp4\t300\n' "$(stat -c %.9Y d/1.mp4 | tr -d .)" >cursor
sink -1 -o got.flv
push d/1.mp4 --cursor cursor --drop d
wait $sink
is "resumed near the start: output" "$rc:$out" "0:d/1.mp4"
is "resumed near the start: all of it" "$(packets got.flv | sort | cksum)" "$(packets d/1.mp4 | sort | cksum)"

# What is done then.
cp -p d/1.mp4 x.mp4
mkdir played
sink -1
push x.mp4 -t move:played
wait $sink
is "-t move" "$rc:$out:$(ls played)" "0:x.mp4:x.mp4"
cp -p d/1.mp4 x.mp4
sink -1
push x.mp4 --then move:played
wait $sink
is "-t move: never over another" "$rc:$out:$(ls x.mp4)" "74:x.mp4:x.mp4"
like "-t move: said" "$err" "*'x.mp4' was played, but not moved: File exists*"
sink -1
printf 'x.mp4\0' >names
run rtmppush --lead 10000 --retries 3 -0 -t delete <names
wait $sink
is "-t delete" "$rc:$(ls x.mp4 2>/dev/null):$(cat -A .out)" "0::x.mp4^@"

# What cannot be sent.
sink -1
printf '%s\n' "$top/test/fixtures/h265.mp4" d/1.mp4 nothing.mp4 "$top/test/fixtures/truncated-moov-first.mp4" >odd
push "$(tr '\n' ' ' <odd)"
wait $sink
is "what cannot be sent: the others are" "$rc:$out" "66:d/1.mp4"
like "H.265: named" "$err" "*cannot be played, hevc: left where it is*"
like "a missing one: named" "$err" "*'nothing.mp4': cannot be played: No such file*"

# Sound that was not announced.
sink -o got.flv
push "quiet.mp4 d/1.mp4"
kill $sink
wait $sink
is "sound appears: both are played" "$rc:$(echo $out)" "0:quiet.mp4 d/1.mp4"
is "sound appears: a new session" "$(grep -c begins sink.out)" 2
like "sound appears: said" "$err" "*the next clip needs a new session*"

# Too late.
cp -p d/1.mp4 old.mp4
touch -d 2026-01-01 old.mp4
sink -1
push "old.mp4 d/1.mp4" --lag 60
wait $sink
is "--lag: not played" "$rc:$out:$(ls old.mp4)" "0:d/1.mp4:old.mp4"
sink -1
push "old.mp4 d/1.mp4" -l 60 -L delete
wait $sink
is "-L delete" "$rc:$out:$(ls old.mp4 2>/dev/null)" "0:d/1.mp4:"
like "-L delete: said" "$err" "*'old.mp4' is too far behind the newest: deleted*"
for age in 60 59; do
	cp -p d/1.mp4 old.mp4
	touch -d "2026-01-02 10:00:01 UTC $age seconds ago" old.mp4
	sink -1
	push "old.mp4 d/1.mp4" -l 60
	wait $sink
	is "--lag: $age seconds behind" "$rc:$(echo $out)" "0:$([ $age -eq 60 ] || echo 'old.mp4 ')d/1.mp4"
done
sink -1
push d/1.mp4 --late keep --catch-up 2 -v
wait $sink
is "--late keep, --catch-up, -v" "$rc:$out" "0:d/1.mp4"
run rtmppush --null </dev/null
is "no input" "$rc:$out" "0:"

# Stamps of more than 24 bits go on; before they have more than 31 there is a new session.
sink -1 -o got.flv --strict
push "d/1.mp4 d/7.mp4" --first-stamp 16776500
wait $sink
is "beyond 24 bits: the sink finds nothing wrong" "$?:$(cat sink.err)" "0:"
is "beyond 24 bits" "$rc:$(echo $out)" "0:d/1.mp4 d/7.mp4"
sink --strict
push "d/1.mp4 d/7.mp4" --first-stamp 2147482000
kill $sink
wait $sink
is "near 31 bits: the sink finds nothing wrong" "$?:$(cat sink.err)" "0:"
is "near 31 bits" "$rc:$(echo $out):$(grep -c begins sink.out)" "0:d/1.mp4 d/7.mp4:2"
ok "near 31 bits: the first session has a clip" grep -q 'ends sessions 1 .* video 10 .* dts 21474' sink.out

# Nobody there; refused.
push d/1.mp4 --retries 1
is "nobody there" "$rc:$out" "69:"
like "nobody there: said, without the key" "$err" "*'rtmp://127.0.0.1:$port/live/[*][*][*]': cannot be reached: *refused*giving up*"

# Stopped while it waits for a server that says nothing: nothing is tried again.
perl -MIO::Socket::INET -e '
	my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
	my $c = $l->accept;
	open my $f, ">", "came";
	sysread $c, my $b, 1 while sysread $c, my $b, 65536;' "$port" &
mute=$!
wait_for 20 listens "$port"
echo d/1.mp4 >one
rtmppush --retries 1 <one >printed 2>err &
pid=$!
came() { [ -e came ]; }
ok "mute: it connects" wait_for 20 came
kill -TERM $pid
wait $pid
is "mute: stopped" "$?:$(cat printed err)" "0:"
wait $mute

# The address.
echo "$url" >address
sink -1
unset RTMP_URL
push d/1.mp4 -u address
wait $sink
is "-u FILE" "$rc:$out" "0:d/1.mp4"
sink -1
mkfifo in
rtmppush --lead 10000 --retries 3 "$url" <in >printed 2>err &
pid=$!
exec 9>in
echo d/1.mp4 >&9
printed() { [ -s printed ]; }
ok "operand: played, and waits for more" wait_for 20 printed
is "operand: no key in the list of processes" "$(tr '\0' ' ' </proc/$pid/cmdline | grep -c secretkey)" 0
like "operand: warned of" "$(cat err)" "*better give it by \$RTMP_URL*"

# Idle, and the server ends the session: that is no failure, and the next clip plays.
ended() { grep -q 'while nothing was to be played' err; }
told() { [ "$(wc -l <printed)" -ge 2 ]; }
kill $sink
wait $sink
ok "idle: the end of the session is seen" wait_for 20 ended
is "idle: it is no failure" "$(grep -c 'again in' err)" 0
sink -1
echo d/2.mp4 >&9
ok "idle: the next clip is played" wait_for 20 told
kill -TERM $pid
wait $pid
is "SIGTERM while it waits" $? 0
exec 9>&-
wait $sink

# Wrong use.
while read -r args; do
	# shellcheck disable=SC2086 # words
	run rtmppush $args </dev/null
	is "wrong use: $args" "$rc:$out" "64:"
done <<X
-t burn $url
-t move: $url
-L maybe $url
--lead 10001 $url
--catch-up 3 $url
--retries x $url
--first-stamp -1 $url
http://127.0.0.1/live/x
-u address $url
$url $url
X
for bad in 'a\0b' "$(printf %05000d 0)" "$(printf %070000d 0)"; do
	run sh -c 'printf "$1\n" | rtmppush -u address' sh "$bad"
	like "what is no path: $(echo "$bad" | wc -c) bytes" "$rc:$out:$err" "66::*ERROR*standard input: *is no path"
done
run script -qec "$BIN/rtmppush -u address" /dev/null </dev/null
like "a terminal" "$rc:$out" "64:*standard input is a terminal*"
run rtmppush </dev/null
is "no address" "$rc:$out" "64:"
run rtmppush -u nowhere </dev/null
is "no address file" "$rc:$out" "66:"
run rtmppush --url address -t move:nowhere </dev/null
is "no folder to move to" "$rc:$out" "66:"
echo garbage >cursor
run rtmppush -u address -c cursor </dev/null
is "a cursor that is none" "$rc:$out" "78:"
run rtmppush -u address --ca nowhere </dev/null
is "--ca nowhere" "$rc:$out" "66:"
like "--ca nowhere: said" "$err" "*option --ca: 'nowhere': No such file*"
run rtmppush --status nowhere -u address </dev/null
is "no status folder" "$rc:$out" "66:"
run rtmppush -h
is "-h" "$rc" 0
run rtmppush -V
is "-V" "$rc" 0
finish
