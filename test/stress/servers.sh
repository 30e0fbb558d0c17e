#!/bin/sh
# rtmppush and four servers that are killed and come back, freeze, refuse the key or have the
# name taken, as scenarios side by side: seconds from then until it said so and until it was on the
# air again (by the clock: a loaded machine makes them longer), and the pictures that the servers
# got never, or twice. And what a viewer waits for a picture at the most. ONLY='nginx-killed5 ...'.
# PLAIN=FOLDER takes another build's rtmppush.
. "$(dirname "$0")/../rtmp.sh"
need_nginx
PATH=$plain:$PATH
stays=${STAYS:-62} # seconds on the air before: after a minute the first retry comes soon

ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=320x180:r=25:d=100,noise=alls=20:allf=t" -f lavfi -i "sine=d=100" \
	-c:v libx264 -preset ultrafast -threads 1 -b:v 1900k -minrate 1900k -maxrate 1900k -bufsize 400k -g 25 \
	-sc_threshold 0 -pix_fmt yuv420p -c:a aac -b:a 96k -f segment -segment_time 5 -reset_timestamps 1 %02d.mp4 || exit 99
ffmpeg -v error -nostdin -f lavfi -i "smptebars=s=64x48:r=10:d=40" -c:v libx264 -preset ultrafast -threads 1 \
	-pix_fmt yuv420p holder.mp4 || exit 99
find "$T" -name '[0-9]*.mp4' | sort >list
while read -r clip; do packets "$clip" video; done <list >expected
is "pictures, no two alike" "$(sort -u expected | wc -l)" "$(wc -l <expected)"

# starts SERVER: at $port, its process in $server; refuses while there is a file "closed", but for
# rtmpsink, which cannot.
starts() {
	export RTMP_URL="rtmp://127.0.0.1:$port/live/secretkey"
	case $1 in
	nginx)
		nginx_starts "application guarded {
			live on; record all; record_path $PWD/rec; record_unique on;
			on_publish http://127.0.0.1:$http/;
		}"
		export RTMP_URL="rtmp://127.0.0.1:$port/guarded/secretkey"
		;;
	rtmpsink)
		rtmpsink -o "rec/$(now).flv" "$RTMP_URL" >>sink.out 2>>sink.err &
		server=$!
		mine $server
		wait_for 20 listens "$port"
		;;
	nms2) media_server_starts 2 ;;
	nms4) media_server_starts 4 ;;
	esac
}
# The door-keeper that nginx asks.
keeper_starts() {
	http=$(free_port)
	perl -MIO::Socket::INET -e '
		my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
		while (my $c = $l->accept) {
			while (<$c>) { last if /^\r?\n$/ }
			my $says = -e "closed" ? "403 No" : "200 Yes";
			print $c "HTTP/1.1 $says\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
		}' "$http" &
	keeper=$!
	mine $keeper
	wait_for 20 listens "$http"
}
# pushes: each line of its messages with the time in ms before it, in err.
pushes() {
	mkfifo said
	perl -MTime::HiRes=time -ne 'BEGIN { $| = 1 } printf "%d %s", time * 1000, $_' <said >err &
	mine $!
	rtmppush <"$T/list" >out 2>said &
	push=$!
	mine $push
}
connected() { grep -q connected err; }
# seconds MS: since the trouble began.
seconds() { [ -n "$1" ] && awk -v ms=$(($1 - trouble)) 'BEGIN { printf "%.1f", ms / 1000 }' || echo -; }

meets() { # SERVER CASE
	mkdir rec
	port=$(free_port)
	keeper_starts
	[ "$2" != refuses ] || : >closed
	starts "$1" || return
	if [ "$2" = taken ]; then
		echo "$T/holder.mp4" | rtmppush >holder.out 2>holder.err &
		holder=$!
		mine $holder
		wait_for 20 grep -q connected holder.err
	fi
	trouble=$(now)
	pushes
	case $2 in
	killed*)
		wait_for 20 connected
		goes_on "$stays" $push
		trouble=$(now)
		kill -9 $server
		reap $server
		goes_on "${2#killed}"
		starts "$1"
		;;
	frozen)
		wait_for 20 connected
		goes_on "$stays" $push
		trouble=$(now)
		kill -STOP $server
		goes_on 30
		kill -CONT $server
		;;
	refuses)
		goes_on 20
		rm closed
		;;
	taken)
		goes_on 20
		kill $holder
		reap $holder
		;;
	esac
	plays_out 300 $push
	saw rc $?
	goes_on 2 # what is still in the server
	kill -9 $server $keeper
	reap $server
	reap $keeper
	for recording in rec/*; do packets "$recording" video; done 2>/dev/null |
		awk 'NR == FNR { want[$1]; n++; next } $1 in want && had[$1]++ { doubled++ }
			END { for (i in had) n--; print n, doubled + 0 }' "$T/expected" - >pictures
	read -r lost doubled <pictures
	noticed=$(awk -v t="$trouble" '$1 >= t && /is lost|cannot be reached/ { print $1; exit }' err)
	again=$(awk -v t="$trouble" '$1 >= t && / connected$/ { at = $1 } END { print at }' err)
	saw noticed "$(seconds "$noticed")"
	saw again "$(seconds "$again")"
	saw lost "$lost"
	saw doubled "$doubled"
	saw said "$(sed -n 's/.*\(is lost\|cannot be reached\): \(.*\); again.*/\2/p' err | head -n 1)"
	saw key "$(cat err out | grep -c secretkey)"
}

# The longest that one who watches waits for a picture; half a minute.
watched() { # SERVER
	mkdir rec
	port=$(free_port)
	keeper_starts
	starts "$1" || return
	head -n 7 "$T/list" >list
	rtmppush <list >out 2>err &
	push=$!
	mine $push
	wait_for 20 connected
	goes_on 2
	perl "$top/test/viewer.pl" "$port" "$(echo "$RTMP_URL" | cut -d / -f 4)" secretkey >seen.by.viewer 2>viewer.err &
	viewer=$!
	mine $viewer
	plays_out 60 $push
	saw rc $?
	kill -9 $server $keeper
	reap $server
	reap $keeper
	reap $viewer
	saw waits "$(awk '$2 == "video" { if (n++ && $1 - last > most) most = $1 - last; last = $1 } END { printf "%d", most }' seen.by.viewer)"
	saw pictures "$(grep -c video seen.by.viewer)"
}

all=
for server in nms2 nms4 nginx rtmpsink; do
	for trouble in killed5 killed20 frozen refuses taken; do
		eval "${server}_$trouble() { meets $server $trouble; }"
		[ $server-$trouble = rtmpsink-refuses ] || all="$all ${server}_$trouble"
	done
done
# shellcheck disable=SC2046,SC2086 # words
scenarios ${ONLY-$all}
watchers=
for server in nms2 nms4 nginx; do
	eval "${server}_watched() { watched $server; }"
	watchers="$watchers ${server}_watched"
done
# shellcheck disable=SC2086 # words
[ -n "${ONLY-}" ] || scenarios $watchers

row='%-18s %9s %12s %6s %8s  %s'
# shellcheck disable=SC2059 # the same for both
printf "# head: $row\n" "server, trouble" noticed "on the air" lost doubled said
has() { sed -n "s/^$2 //p" "$1/seen"; }
for scenario in ${ONLY-$all}; do
	reason=$(has $scenario skip)
	[ -z "$reason" ] || {
		skip $scenario "$reason"
		continue
	}
	# shellcheck disable=SC2059
	printf "# row: $row\n" "$(echo $scenario | tr _ ' ')" "$(has $scenario noticed)" "$(has $scenario again)" \
		"$(has $scenario lost)" "$(has $scenario doubled)" "$(has $scenario said)"
	check $scenario rc 0
	check $scenario key 0
	# A server that is killed may have read what it has not written yet.
	lost=$(has $scenario lost)
	ok "$scenario: at most a few are lost" [ "${lost:-9}" -le 3 ]
	case $scenario in
	*_refuses | nms*_taken) like "$scenario: said" "$(has $scenario said)" "*it may refuse the key" ;;
	nginx_taken) check $scenario said "the server says: Already publishing" ;;
	esac
done
for scenario in $watchers; do
	[ -e $scenario/seen ] && [ -z "$(has $scenario skip)" ] || continue
	note "$scenario: at most $(has $scenario waits) ms between two pictures of $(has $scenario pictures)"
	check $scenario rc 0
	ok "$scenario: nobody waits for a second" [ "$(has $scenario waits)" -lt 1000 ]
done
[ $failures -eq 0 ] || show "$(cat ./*/err)"
[ -z "${KEEP-}" ] || cp -rp "$T" "$KEEP"
finish
