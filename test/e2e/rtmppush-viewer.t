#!/bin/sh
# rtmppush and one who watches at nginx and stays there when the session is lost: with --stamps
# continue the time stamps that come are never less than those before, with restart they are. By
# one cut of the connection, and by one rtmppush that follows another.
. "$(dirname "$0")/../rtmp.sh"
need_nginx
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=64x48:r=25:d=30 -f lavfi -i sine=d=30 \
	-c:v libx264 -preset ultrafast -threads 1 -g 25 -pix_fmt yuv420p -c:a aac clip.mp4
echo "$T/clip.mp4" >list

pushes() { # restart|continue
	rtmppush -c cursor --stamps "$1" <../list >out 2>err &
	push=$!
	mine $push
	wait_for 20 grep -q connected err
}
watches() { # restart|continue cut|kill
	record=off
	nginx_starts
	relay_starts
	pushes "$1"
	# shellcheck disable=SC2154 # lib.sh's
	perl "$top/test/viewer.pl" "$port" live secretkey >seen.by.viewer 2>viewer.err &
	viewer=$!
	mine $viewer
	wait_for 20 watched 0 40
	if [ "$2" = cut ]; then
		kill -USR1 $relay
		wait_for 20 grep -q 'is lost' err
		before=$(grep -c . seen.by.viewer)
	else
		kill -9 $push
		reap $push
		wait_for 20 nginx_has_all # of what it had sent
		before=$(grep -c . seen.by.viewer)
		pushes "$1"
	fi
	wait_for 20 watched "$before" 100
	kill $push
	reap $push
	kill $relay $server $viewer
	reap $relay
	reap $server
	reap $viewer
	for kind in video audio; do
		saw $kind "$(awk -v kind=$kind '$2 == kind { if (n++ && $3 < last) back++; last = $3 }
			END { print back + 0 }' seen.by.viewer)"
	done
	# From the last stamp before to the first one after, less the time that has passed.
	saw step "$(awk -v n="$before" 'NR == n { at = $1; stamp = $3 }
		NR == n + 1 { print ($3 - stamp) - ($1 - at) }' seen.by.viewer)"
	saw said "$(cat viewer.err)"
}
# watched N MORE: there are more lines than these.
watched() { [ "$(grep -c . seen.by.viewer)" -ge $(($1 + $2)) ]; }
restart_cut() { watches restart cut; }
continue_cut() { watches continue cut; }
restart_killed() { watches restart kill; }
continue_killed() { watches continue kill; }
scenarios restart_cut continue_cut restart_killed continue_killed
for scenario in restart_cut restart_killed; do
	like "$scenario: video" "$(sed -n "s/^video //p" $scenario/seen)" "[1-9]*"
	like "$scenario: audio" "$(sed -n "s/^audio //p" $scenario/seen)" "[1-9]*"
	check $scenario said ""
done
for scenario in continue_cut continue_killed; do
	check $scenario video 0
	check $scenario audio 0
	check $scenario said ""
	step=$(sed -n 's/^step //p' $scenario/seen)
	ok "$scenario: the stamps went on with the clock, but for $step ms" [ "${step:-x}" -lt 8000 ]
done
is "only with continue it is noted" "$(find . -name "*.stamps" | sort)" "./continue_cut/cursor.stamps
./continue_killed/cursor.stamps"
[ $failures -eq 0 ] || show "$(cat ./*/err)" "$(cat ./*/seen)"
finish
