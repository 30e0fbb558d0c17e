#!/bin/sh
# rtmppush at length, in real time, as scenarios side by side: 60 clips of 5 s into nginx, and
# beside it one ffmpeg a file; 50 times killed (SEED); the connection cut every 10 s for two
# minutes; publishing refused; rtmpsink killed; node-media-server with a player. A ledger is
# kept of every packet.
. "$(dirname "$0")/../rtmp.sh"
need_nginx
PATH=$plain:$PATH
seed=${SEED:-$$}

# No two packets of them are the same. The keyframes are a second apart; the containers and
# the order of pictures differ.
mkdir made clips
for kind in "ultrafast" "veryfast -bf 2"; do
	# shellcheck disable=SC2086 # words
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=320x180:r=25:d=150,hue=h=${#kind}" \
		-f lavfi -i "aevalsrc='0.5*sin(2*PI*(200+${#kind}*t)*t)+0.05*random(${#kind})':d=150" -c:v libx264 \
		-preset $kind -qp 30 -g 25 -sc_threshold 0 -pix_fmt yuv420p -c:a aac -b:a 64k \
		-f segment -segment_time 5 -reset_timestamps 1 "made/%02d-${#kind}.mp4" || exit 99
done
n=0
for clip in made/*; do
	to=clips/$(printf %02d $n)
	case $((n % 5)) in
	0) ffmpeg -v error -nostdin -i "$clip" -c copy $to.ts ;;
	1) ffmpeg -v error -nostdin -i "$clip" -c copy $to.mkv ;;
	2) ffmpeg -v error -nostdin -i "$clip" -c copy $to.flv ;;
	3) ffmpeg -v error -nostdin -i "$clip" -c copy -movflags +frag_keyframe+empty_moov $to.mp4 ;;
	4) mv "$clip" $to.mp4 ;;
	esac || exit 99
	touch -d "@$((1700000000 + n))" $to.*
	n=$((n + 1))
done
is "60 clips" $n 60

# put N: so many of them are the scenario's.
put() {
	find "$T/clips" -type f | sort | head -n "$1" >list
}
# ended RC: what all look at when rtmppush has ended.
ended() {
	saw rc "$1"
	saw out "$(cmp out list && echo all)"
}
# Time stamps that go back, over all recordings, as a viewer has them.
backward() {
	for recording in rec/*; do
		ffprobe -v error -fflags noparse -select_streams v -show_entries packet=dts -of csv=p=0 "$recording"
	done | awk -F , '!/^[0-9]/ { next } seen++ && $1 <= last { n++ } { last = $1 } END { print n + 0 }'
}
lost() { [ "$(grep -c 'again in' err)" -ge "$1" ]; }

# An endless programme.
one_connection() {
	put 60
	nginx_starts
	began=$(now)
	rtmppush <list >out 2>err &
	push=$!
	mine $push
	plays_out 360 $push
	ended $?
	nginx_ends
	note "rtmppush: 300 s in $((($(now) - began) / 1000)) s," \
		"$(wc -l <access.log) connections, $(backward) jumps back in time"
	saw connections "$(wc -l <access.log)"
	saw back "$(backward)"
	ledger 0
}

# What it is instead of.
ffmpeg_beside() {
	put 60
	nginx_starts
	while read -r clip; do
		ffmpeg -v error -nostdin -re -i "$clip" -c copy -f flv "$RTMP_URL"
	done <list
	nginx_ends
	note "one ffmpeg a file: $(wc -l <access.log) connections, $(backward) jumps back in time"
	saw back "$([ "$(backward)" -gt 0 ] && echo some)"
}

# Killed 50 times, it goes on where the cursor is.
it_is_killed() {
	put 40
	mkdir d
	xargs cp -p -t d <list
	ls d/* >list
	nginx_starts
	note "it_is_killed: SEED=$seed"
	killed_at_random 50 7 400
	note "it_is_killed: refused $(grep -c 'again in' err) times"
	nginx_ends
	# lead, cursor and keyframe
	ledger 6000
}

# Cut every 10 s for two minutes.
it_is_cut() {
	put 24
	nginx_starts
	relay_starts
	rtmppush <list >out 2>err &
	push=$!
	mine $push
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		goes_on 10 $push
		kill -USR1 $relay
	done
	plays_out 400 $push
	ended $?
	nginx_ends
	kill $relay
	reap $relay
	saw lost "$([ "$(grep -c 'the session is lost' err)" -ge 4 ] && echo often)"
	ledger 4000
}

# The door-keeper refuses while there is no file "open".
it_is_refused() {
	put 6
	http=$(free_port)
	perl -MIO::Socket::INET -e '
		my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
		while (my $c = $l->accept) {
			while (<$c>) { last if /^\r?\n$/ }
			my $says = -e "open" ? "200 Yes" : "403 No";
			print $c "HTTP/1.1 $says\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
		}' "$http" &
	keeper=$!
	mine $keeper
	nginx_starts "application guarded {
		live on; record all; record_path $PWD/rec; record_unique on;
		on_publish http://127.0.0.1:$http/;
	}"
	RTMP_URL=rtmp://127.0.0.1:$port/guarded/secretkey
	rtmppush <list >out 2>err &
	push=$!
	mine $push
	wait_for 40 lost 2
	saw refused "$(ls rec | wc -l)"
	: >open
	wait_for 60 sessions 1
	wait_for 30 recorded 300000
	rm open
	kill -9 $server
	reap $server
	nginx_starts "application guarded {
		live on; record all; record_path $PWD/rec; record_unique on;
		on_publish http://127.0.0.1:$http/;
	}"
	RTMP_URL=rtmp://127.0.0.1:$port/guarded/secretkey
	wait_for 60 lost 4
	: >open
	plays_out 400 $push
	ended $?
	nginx_ends
	kill $keeper
	reap $keeper
	saw sessions "$(ls rec | wc -l)"
	ledger 4000
}

# rtmpsink is killed, and started again.
sink_is_killed() {
	put 8
	port=$(free_port)
	RTMP_URL=rtmp://127.0.0.1:$port/live/secretkey
	export RTMP_URL
	mkdir rec
	sink() {
		rtmpsink -o rec/"$1".flv "$RTMP_URL" >"sink$1" 2>>sink.err &
		sink=$!
		mine $sink
		wait_for 20 listens "$port"
	}
	sink 1
	rtmppush -c cursor -d "$T/clips" <list >out 2>err &
	push=$!
	mine $push
	wait_for 60 recorded 200000
	kill -9 $sink
	reap $sink
	wait_for 20 lost 1
	sink 2
	wait_for 60 recorded 400000
	kill -TERM $sink
	reap $sink
	wait_for 20 lost 2
	sink 3
	plays_out 400 $push
	ended $?
	kill -TERM $sink
	reap $sink
	ledger 4000
}

# node-media-server, with a player.
another_server() {
	put 12
	port=$(free_port)
	media_server_starts 2 || return
	export RTMP_URL="rtmp://127.0.0.1:$port/live/secretkey"
	rtmppush <list >out 2>err &
	push=$!
	mine $push
	publishes() { grep -q 'publish. New stream' server.out; }
	wait_for 20 publishes
	ffmpeg -v error -nostdin -i "$RTMP_URL" -map 0 -c copy -f flv player.flv 2>player.err &
	player=$!
	mine $player
	plays_out 400 $push
	ended $?
	goes_on 20 $player # it ends with the publisher
	kill -INT $player 2>/dev/null
	reap $player
	kill $server
	reap $server
	saw publishes "$(grep -c 'publish. New stream' server.out)"
	as_flv
	for kind in video audio; do
		told=$(perl "$top/test/ledger.pl" $kind flv.list player.flv)
		echo "# another_server, what its player has of the $kind: $told"
		saw $kind "${told#*missing, }"
		saw late-$kind "$([ "${told%% *}" -le 250 ] && echo little)"
	done
}

all=${ONLY-one_connection ffmpeg_beside it_is_killed it_is_cut it_is_refused sink_is_killed another_server}
# shellcheck disable=SC2086 # words
scenarios $all
for scenario in $all; do
	case $scenario in
	ffmpeg_beside)
		check $scenario back some
		continue
		;;
	it_is_killed) check $scenario cursor 39.mp4 ;;
	another_server)
		reason=$(sed -n 's/^skip //p' $scenario/seen)
		[ -z "$reason" ] || {
			skip $scenario "$reason"
			continue
		}
		;;
	*) check $scenario out all ;;
	esac
	check $scenario rc 0
	case $scenario in
	one_connection)
		check $scenario connections 1
		check $scenario back 0
		whole $scenario 7500
		;;
	it_is_killed) whole $scenario 5000 ;;
	it_is_cut)
		check $scenario lost often
		whole $scenario 3000
		;;
	it_is_refused)
		check $scenario refused 0
		check $scenario sessions 2
		whole $scenario 750
		;;
	sink_is_killed) whole $scenario 1000 ;;
	another_server)
		check $scenario out all
		check $scenario publishes 1
		for kind in video audio; do # it may come late, which is a hole before its first
			like "$scenario: $kind of its player" "$(sed -n "s/^$kind //p" $scenario/seen)" "0 strange, 0 shifted, [01] holes, 0 back; 0"
			check $scenario late-$kind little
		done
		;;
	esac
done
is "the key is in no message" "$(cat ./*/err 2>/dev/null | grep -c secretkey)" 0
[ $failures -eq 0 ] || show "$(cat ./*/err)"
[ -z "${KEEP-}" ] || cp -rp "$T" "$KEEP"
finish
