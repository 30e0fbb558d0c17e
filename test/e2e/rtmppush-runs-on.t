#!/bin/sh
# rtmppush and clips that would hold the broadcast up: those that last longer than they say or
# may, with more pictures than milliseconds, and times that nobody can mean. What follows them
# plays on time.
. "$(dirname "$0")/../rtmp.sh"
port=$(free_port)
export RTMP_URL="rtmp://127.0.0.1:$port/live/secretkey"
push() { # CLIPS [OPTION...]: into got.flv
	rtmpsink -1 -o got.flv --strict "$RTMP_URL" >sink.out 2>sink.err &
	sink=$!
	mine $sink
	wait_for 20 listens "$port"
	printf '%s\n' "$1" | tr ' ' '\n' >list
	shift
	run rtmppush --lead 10000 --retries 3 "$@" <list
	reap $sink
	sink_rc=$?
}
make_clip() { # FILE PICTURES-A-SECOND SECONDS [OPTION...]
	made=$2 lasts=$3
	set -- "$@" "$1"
	shift 3
	ffmpeg -v error -nostdin -f lavfi -i \
		"testsrc2=s=32x32:r=$made:d=$lasts" -c:v libx264 -preset ultrafast \
		-threads 1 -g 50 -pix_fmt yuv420p "$@"
}
# last_stamp: of the last picture that arrived.
last_stamp() { sed -n 's/.*in all.* dts \([0-9]*\).*/\1/p' sink.out; }
# declare_flv FILE SECONDS: what its container says.
declare_flv() {
	perl -0777 -i -pe 'BEGIN { $s = shift } s/(\x08duration\0).{8}/$1 . pack "d>", $s/se or die' "$2" "$1"
}
mkdir d
make_clip d/next.flv 10 1
pictures_of_next=$(packets d/next.flv video)

# Some hours, or an hour and a half, where a second is declared; each picture is due soon enough.
make_clip d/hours.flv 10 4 -vf 'setpts=N*9/TB' -fps_mode passthrough
declare_flv d/hours.flv 2
push "d/hours.flv d/next.flv"
is "longer than declared: left, and the next one plays" "$rc:$out:$(ls d/hours.flv)" \
	"1:d/next.flv:d/hours.flv"
like "longer than declared: said" "$err" \
	"*'d/hours.flv' goes on long after the end that it declares: left where it is*"
is "longer than declared: the next one follows" "$sink_rc:$(packets got.flv video | tail -n 10)" \
	"0:$pictures_of_next"
ok "longer than declared: at once" [ "$(last_stamp)" -lt 2000 ]
# What is declared too long, or a little too short, or not at all, plays.
make_clip d/short.flv 10 4
for seconds in 36000 0.5 0; do
	declare_flv d/short.flv $seconds
	push "d/short.flv d/next.flv"
	is "declared $seconds s: played" "$rc:$(echo $out):$sink_rc" "0:d/short.flv d/next.flv:0"
done
cp d/hours.flv d/told.flv
declare_flv d/told.flv 36
push d/told.flv --max-clip 5
is "--max-clip: stopped" "$rc:$out:$(ls d/told.flv)" "1::d/told.flv"
like "--max-clip: said" "$err" "*'d/told.flv' lasts longer than a clip may: left where it is*"
for most in 3 4 0; do
	push "d/short.flv d/next.flv" --max-clip $most
	is "--max-clip $most, of 4 s" \
		"$rc:$(packets got.flv video | wc -l)" "$([ $most -eq 3 ] && echo 1:41 || echo 0:50)"
done

# More pictures than stamps, and then a good one: what is left of the first is not sent.
make_clip d/dense.mp4 5000 1 -video_track_timescale 5000
push "d/dense.mp4 d/next.flv"
is "too dense: left, and the next one plays" "$rc:$out:$(ls d/dense.mp4)" "1:d/next.flv:d/dense.mp4"
like "too dense: said" "$err" \
	"*'d/dense.mp4' has more pictures than its time has milliseconds: left where it is*"
is "too dense: the sink finds nothing wrong" "$sink_rc:$(cat sink.err)" "0:"
ok "too dense: stamps are $(last_stamp) ms" [ "$(last_stamp)" -lt 1600 ]
is "too dense: the next one follows" "$(packets got.flv video | tail -n 10)" "$pictures_of_next"

# Put away, with its reason, and passed by the cursor.
touch -d 2026-01-02 d/dense.mp4
push "d/dense.mp4 d/next.flv" -q d/_failed -c cursor -d d
is "-q: moved" "$rc:$out:$(ls d/_failed)" "1:d/next.flv:dense.mp4
dense.mp4.reason"
is "-q: its reason" "$(value d/_failed/dense.mp4.reason code):$(value d/_failed/dense.mp4.reason from)" \
	"runs-on:$(pwd -P)/d/dense.mp4"
like "-q: said" "$err" "*'d/dense.mp4' is bad, runs-on: has more pictures *: now 'd/_failed/dense.mp4'*"
is "-q: the cursor went on" "$(cut -f 2 cursor)" next.flv
run rtmppush --quarantine nowhere/x </dev/null
is "--quarantine without its parent" "$rc" 66

# The first picture comes long after the sound: its place is counted from the picture on.
ffmpeg -v error -nostdin -itsoffset 7 -i d/short.flv -f lavfi -i sine=d=11 -map 0:v -map 1:a -c:v copy \
	-c:a aac d/late.mp4
printf "%s\td/late.mp4\t1500\n" "$(stat -c %.9Y d/late.mp4 | tr -d .)" >cursor.late
push d/late.mp4
is "a late picture: played" "$rc:$out:$sink_rc" "0:d/late.mp4:0"
push d/late.mp4 -c cursor.late
is "a late picture: played on" "$rc:$out:$(cut -f 3 cursor.late)" "0:d/late.mp4:3901"
is "a late picture: from a keyframe before that place" "$(packets got.flv video | cksum)" \
	"$(packets d/late.mp4 video | cksum)"

# A few that are equal or a little earlier play, all of them; a larger step back is left out.
make_clip d/even.flv 25 2
stamps() { # FILE CODE: changes the stamp of each picture, $n, in $t
	perl -0777 -e 'my ($file, $code) = @ARGV; open F, "<:raw", $file; $_ = <F>; my ($at, $n) = (13, 0);
		while ($at + 11 < length) {
			my $size = unpack "N", "\0" . substr $_, $at + 1, 3;
			my $t = unpack "N", "\0" . substr $_, $at + 4, 3;
			if (substr($_, $at, 1) eq "\x09" && substr($_, $at + 12, 1) eq "\1") {
				$n++;
				eval $code;
				die $@ if $@;
			}
			substr $_, $at + 4, 3, substr pack("N", $t), 1;
			$at += 11 + $size + 4;
		}
		print' "$1" "$2"
}
# shellcheck disable=SC2016 # Perl's
while read -r name code; do
	stamps d/even.flv "$code" >"d/$name.flv"
	push "d/$name.flv d/next.flv"
	is "$name: played" "$rc:$(echo $out)" "0:d/$name.flv d/next.flv"
	is "$name: the sink finds nothing wrong" "$sink_rc:$(cat sink.err)" "0:"
	is "$name: all of it" "$(packets got.flv video | cksum)" \
		"$( (packets "d/$name.flv" video && echo "$pictures_of_next") | cksum)"
	ok "$name: stamps keep its pace ($(last_stamp) ms)" [ "$(last_stamp)" -lt 3200 ]
done <<'X'
equal $t = int($t / 80) * 80
backward $t -= 60 if $n % 7 == 0
second-back $t -= 900 if $n > 25
X
finish
