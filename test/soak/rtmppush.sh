#!/bin/sh
# rtmppush for HOURS (1), with faults from a seed (SEED): the server killed or frozen, the way
# to it frozen or cut, rtmppush killed, the camera held up. A camera brings a clip of 5 s every
# 5.5 s; what was played is deleted. In the second half rtmppush is not killed, so that its
# memory and descriptors can be watched. A ledger of every packet is kept, and a table ends it.
. "$(dirname "$0")/../rtmp.sh"
need_nginx
PATH=$plain:$PATH
seed=${SEED:-$$}
seconds=$(awk -v h="${HOURS:-1}" 'BEGIN { printf "%d", h * 3600 }')
clips=$((seconds * 2 / 11))
echo "# soak: SEED=$seed, $seconds s, $clips clips, in $T"

mkdir made d new st
ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=320x180:r=25:d=$((clips * 5)),noise=alls=12:allf=t" \
	-f lavfi -i "aevalsrc='0.5*sin(2*PI*(200+mod(7*t\,3000))*t)+0.05*random(0)':d=$((clips * 5))" -c:v libx264 \
	-preset ultrafast -threads 1 -qp 32 -g 25 -sc_threshold 0 -pix_fmt yuv420p -c:a aac -b:a 64k \
	-f segment -segment_time 5 -reset_timestamps 1 made/%05d.mp4 || exit 99
echo "# $(du -sk made | cut -f 1) KB of clips are made"

# The camera: after it was held up, it brings all at once what is due.
cat >camera.pl <<'EOP'
use strict;
use Time::HiRes qw(time sleep);
my ($began, $n) = (time, 0);
open my $list, '>', 'list' or die;
$list->autoflush(1);
for my $clip (sort glob 'made/*') {
	my $wait = $began + 5.5 * $n++ - time;
	sleep $wait if $wait > 0;
	my $name = substr $clip, 5;
	my $now = time;
	link $clip, "new/$name" or die;
	utime $now, $now, "new/$name";
	print $list "$clip\n";
	rename "new/$name", "d/$name" or die;
}
EOP

# A line each: how long to wait, what happens then, and for how long, in seconds. All happen
# before one happens again.
perl -MList::Util=shuffle -e '
	my ($seed, $until) = @ARGV;
	srand $seed;
	my @all = qw(server_killed server_frozen way_frozen way_cut camera_held);
	for (my $t = 0; $t < $until;) {
		for my $what (shuffle @all, $t < $until / 2 ? "killed" : ()) {
			my $wait = 15 + int rand 45;
			my $long = 3 + rand($what eq "camera_held" ? 27 : $what eq "server_killed" ? 5 : 12);
			printf "%d %s %.1f\n", $wait, $what, $long;
			$t += $wait + $long + 5;
		}
	}' "$seed" "$seconds" >plan

station_starts() {
	rm -f names
	mkfifo names
	camwatch -a 0 -n never -c cursor d >names 2>>camwatch.err &
	feeds=$!
	mine $feeds
	rtmppush -c cursor -d d -t delete -s st <names >>played 2>>err &
	push=$!
	mine $push
}
server_killed() {
	kill -9 $server
	reap $server
	goes_on "$1"
	nginx_starts
}
server_frozen() {
	kill -STOP $server
	goes_on "$1"
	kill -CONT $server
}
way_frozen() {
	kill -STOP $relay
	goes_on "$1"
	kill -CONT $relay
}
brought() { [ "$(wc -l <list)" -ge $clips ]; }
way_cut() {
	kill -USR1 $relay
}
camera_held() {
	brought && return
	kill -STOP $camera
	goes_on "$1"
	kill -CONT $camera
}
killed() {
	kill -9 $push
	reap $push
	kill -TERM $feeds
	reap $feeds
	new_second
	station_starts
}

# On the air, or ready for it.
alive() {
	[ "$(value st/rtmppush pid)" = $push ] && [ "$(value st/rtmppush stream)" = connected ] &&
		case $(value st/rtmppush state) in playing | waiting) true ;; *) false ;; esac
}
# watch SECONDS: samples while it goes on.
watch() {
	watch_until=$(($(date +%s) + $1))
	while [ "$(date +%s)" -lt $watch_until ]; do
		goes_on 5 $push
		dirty=$(awk '/^Private_Dirty/ { print $2 }' /proc/$push/smaps_rollup 2>/dev/null)
		[ -n "$dirty" ] || {
			ok "rtmppush goes on" false
			show "$(tail -n 10 err)"
			finish
		}
		echo "$push $dirty $(find /proc/$push/fd | wc -l) $(value st/rtmppush lag)" >>samples
	done
}

nginx_starts
relay_starts
station_starts
perl camera.pl &
camera=$!
mine $camera
began=$(date +%s)
while read -r wait what long <&8 && [ $(($(date +%s) + wait)) -lt $((began + seconds)) ]; do
	watch "$wait"
	at=$(now)
	$what "$long"
	goes_on 2
	wait_for 180 alive || echo "$what" >>slow
	echo "$what $(($(now) - at)) $long" >>faults
done 8<plan
until brought; do watch 5; done
reap $camera
is "the camera ends" $? 0
echo "# $(wc -l <list) clips were brought, $(find d -type f | wc -l) wait, lag $(value st/rtmppush lag) s"
all_played() { [ -z "$(find d -type f)" ]; }
until all_played || [ $(($(date +%s) - began)) -gt $((seconds * 2 + 600)) ]; do
	watch 5
done
kill -TERM $feeds
reap $feeds
goes_on 30 $push
kill -TERM $push 2>/dev/null
reap $push
is "rtmppush ends" $? 0
kill $relay
reap $relay
nginx_ends
is "all was deleted" "$(ls d)" ""
# Killed in between, it has deleted a clip that it could not tell of any more.
sed 's|^d/|made/|' played >told
untold=$(comm -23 list told | wc -l)
kills=$(grep -c '^killed ' faults)
echo "# $untold of $(wc -l <list) clips were not told of, $(uniq -d told | wc -l) twice"
result $((untold > kills)) "all was told, but for one a kill"
ok "and in order" sort -c told
ledger 6000 # lead, cursor and keyframe

# sampled COLUMN: of the process that lived longest, the mean in the second and in the last
# third of its life, and the most.
sampled() {
	awk -v c="$1" '{ n[$1]++; v[$1, n[$1]] = $c }
		END {
			for (p in n) if (n[p] > n[most]) most = p
			third = int(n[most] / 3) + (n[most] < 3)
			for (i = 1; i <= third; i++) {
				second += v[most, i + third]
				last += v[most, n[most] - i + 1]
			}
			for (i = 1; i <= n[most]; i++) if (v[most, i] > top) top = v[most, i]
			printf "%d %d %d", second / third, last / third, top
		}' samples
}
flat() { # NAME COLUMN MORE UNIT
	# shellcheck disable=SC2046 # words
	set -- "$@" $(sampled "$2")
	echo "# $1: $5 $4 in the second third, $6 in the last, at most $7"
	result $(($6 > $5 + $3)) "$1: no more at the end"
}
echo "# fault            times  longest until it went on"
for what in server_killed server_frozen way_frozen way_cut camera_held killed; do
	grep "^$what " faults | awk -v w="$what" '{ n++; if ($2 > most) most = $2 }
		END { printf "# %-16s %5d  %d s\n", w, n, most / 1000 }'
done
flat memory 2 512 KB
result $(($(sampled 2 | cut -d ' ' -f 3) > 8192)) "memory: at most 8 MB"
flat descriptors 3 1 open
echo "# lag: at most $(awk '$4 > m { m = $4 } END { print m + 0 }' samples) s"
lines=$(cat err camwatch.err | wc -l)
events=$(wc -l <faults)
echo "# log: $lines lines, $(cat err camwatch.err | wc -c) bytes, for $events faults"
result $((lines > events * 8 + 20)) "the log tells of faults only"
result "$(cat slow 2>/dev/null | wc -l)" "it went on after each fault"
is "video: nothing is missing" "$(sed -n 's/^video //p' seen)" "0 of $((clips * 125)) missing, 0 strange, 0 shifted, 0 holes, 0 back"
like "audio: nothing is missing" "$(sed -n 's/^audio //p' seen)" "0 of [1-9]* missing, 0 strange, 0 shifted, 0 holes, 0 back"
is "little comes twice" "$(sed -n 's/^twice-[a-z]* //p' seen | tr '\n' ' ')" "few few "
is "the key is in no message" "$(cat err camwatch.err st/* | grep -c secretkey)" 0
[ $failures -eq 0 ] || show "$(tail -n 20 err)"
[ -z "${KEEP-}" ] || cp -rp "$T" "$KEEP"
finish
