# shellcheck shell=sh
# rtmp.sh: lib.sh for the tests of rtmppush: nginx with its RTMP module as the server, a ledger
# of what it has recorded, and scenarios that run side by side.
. "$(dirname "$0")/../lib.sh"
rtmp_module=/usr/lib/nginx/modules/ngx_rtmp_module.so

# need_nginx: ends the test where it is missing.
need_nginx() {
	[ -e $rtmp_module ] && return
	skip "nginx as the server" "no $rtmp_module"
	finish
}

# born PID: when, which tells a process from a later one that was given its number.
born() {
	read -r stat 2>/dev/null <"/proc/$1/stat" || return
	# shellcheck disable=SC2086 # words
	set -- ${stat##*) }
	shift 19
	echo "$1"
}

# mine PID: to be ended with the test. reap PID: waits for it, and returns its exit code.
mkdir "$T/.mine"
# shellcheck disable=SC2034 # lib.sh's
cleanup_hook='for pid in $(ls "$T/.mine"); do
	[ "$(born "$pid")" != "$(cat "$T/.mine/$pid")" ] || kill -9 "$pid"
done 2>/dev/null'
mine() {
	born "$1" >"$T/.mine/$1"
}
reap() {
	wait "$1"
	set -- "$1" $?
	rm -f "$T/.mine/$1"
	return "$2"
}

# nginx_starts [APPLICATION...]: in this folder, at $port, which is chosen if it is not set,
# and with more applications than "live". It records if $record is not "off". Leaves its process id in
# $server, the address in RTMP_URL, each connection as a line in access.log, and each session as a file in
# rec/.
nginx_starts() {
	port=${port:-$(free_port)}
	mkdir -p rec
	cat >nginx.conf <<X
daemon off;
master_process off;
pid $PWD/nginx.pid;
error_log $PWD/error.log info;
load_module $rtmp_module;
events { worker_connections 1024; }
rtmp {
	access_log $PWD/access.log;
	server {
		listen 127.0.0.1:$port;
		application live {
			live on;
			record ${record:-all};
			record_path $PWD/rec;
			record_unique on;
		}
		$*
	}
}
X
	/usr/sbin/nginx -p "$PWD" -e "$PWD/error.log" -c "$PWD/nginx.conf" 2>>nginx.err &
	server=$!
	mine $server
	export RTMP_URL="rtmp://127.0.0.1:$port/live/secretkey"
	wait_for 20 listens "$port" && return
	echo "nginx does not start: $(cat nginx.err error.log)" >&2
	return 1
}

# nginx_ends: when it has read all that its kernel took in for it.
nginx_ends() {
	wait_for 20 nginx_has_all
	kill $server
	reap $server
}
nginx_has_all() {
	! grep -qi ": 0100007F:$(printf %04X "$port") 0100007F:.... 0[18]" /proc/net/tcp
}

# relay_starts [BYTES PAUSE]: before nginx; see relay.pl. Leaves its process id in $relay, and
# the address in RTMP_URL.
relay_starts() {
	relay_port=${relay_port:-$(free_port)}
	# shellcheck disable=SC2154 # lib.sh sets top
	perl "$top/test/relay.pl" "$relay_port" "$port" "$@" &
	relay=$!
	mine $relay
	export RTMP_URL="rtmp://127.0.0.1:$relay_port/live/secretkey"
	wait_for 20 listens "$relay_port"
}

# npm_has FOLDER PACKAGE...: has npm put these into the folder of build/, unless the first is there. If it
# cannot, the reason is seen as "skip".
npm_has() {
	npm_home=$top/build/$1
	shift
	command -v npm >/dev/null || {
		saw skip "no npm"
		return 1
	}
	mkdir -p "$npm_home"
	(
		flock 9
		[ -e "$npm_home/node_modules/${1%%@*}" ] || {
			cd "$npm_home" && timeout 120 npm install --no-save --no-fund --no-audit "$@"
		}
	) 9>"$npm_home.lock" >npm.out 2>&1 || {
		saw skip "npm cannot have ${1%%@*}"
		return 1
	}
}

# media_server_starts VERSION [HTTP PAGES]: node-media-server, of npm, at $port; see media-server.js. Leaves
# its process id in $server, or the reason why it cannot be had with saw, as "skip".
media_server_starts() {
	npm_has "node-media-server-$1" "node-media-server@$1" || return
	shift
	node "$top/test/media-server.js" "$npm_home" "$port" "$@" >>server.out 2>&1 &
	server=$!
	mine $server
	wait_for 20 listens "$port" && return
	saw skip "it does not start: $(tail -n 1 server.out)"
	return 1
}
# goes_on SECONDS [PID]: waits so long, or until that process has ended.
goes_on() {
	timeout "$1" tail -f /dev/null ${2:+--pid=$2 -s .1}
}

# new_second: waits until nginx has another name for the next session. It names them by the
# second, and one that begins in the same second overwrites the one before.
new_second() {
	wait_for 5 second_is_new
}
second_is_new() {
	[ -z "$(find rec -name "*-$(date +%s).flv")" ]
}

# plays_out SECONDS PID: waits for rtmppush, and returns its exit code; after so long it is
# told to end, and has not printed all.
plays_out() {
	goes_on "$1" "$2" || kill -TERM "$2" 2>/dev/null
	reap "$2"
}

now() { date +%s%3N; }

# sessions N, recorded BYTES: there is so much of it.
sessions() { [ "$(ls rec | wc -l)" -ge "$1" ]; }
recorded() { [ "$(cat rec/* 2>/dev/null | wc -c)" -ge "$1" ]; }

# cut_clips FOLDER NOISE SECONDS QP: clips of 2 s, large ones or small ones; no two packets are the same.
cut_clips() {
	mkdir "$1"
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=320x180:r=25:d=$3$2" \
		-f lavfi -i "aevalsrc='0.5*sin(2*PI*(200+40*t)*t)+0.05*random(0)':d=$3" \
		-c:v libx264 -preset ultrafast -qp "$4" -g 25 -sc_threshold 0 -pix_fmt yuv420p -c:a aac \
		-f segment -segment_time 2 -reset_timestamps 1 "$1/%02d.mp4"
	for clip in "$1"/*; do
		touch -d "2026-01-02 10:00:$(basename "$clip" .mp4)" "$clip"
	done
}

# as_flv: the clips of the file "list" as FLV, one a line in flv.list.
as_flv() {
	mkdir -p flv
	: >flv.list
	while read -r clip; do
		flv=flv/$(($(wc -l <flv.list) + 10001)).flv
		ffmpeg -v error -nostdin -i "$clip" -map 0:v:0 -map 0:a:0? -c copy -y "$flv" || return
		echo "$flv" >>flv.list
	done <list
}

# saw KEY VALUE: what a scenario has seen, to be checked at the end.
saw() { echo "$@" >>seen; }

# ledger MS: sees what rec/ holds of the clips in "list", of which so much may come again.
ledger() {
	as_flv
	for kind in video audio; do
		told=$(perl "$top/test/ledger.pl" $kind flv.list rec/*)
		echo "# $(basename "$PWD"), $kind: $told ms twice, $(ls rec | wc -l) sessions"
		saw $kind "${told%;*}"
		saw twice-$kind "$([ "${told##*; }" -le "$1" ] && echo few || echo "${told##*; } ms")"
	done
}

# killed_at_random TIMES SECONDS LAST: rtmppush plays the clips of the folder d and is killed so often,
# each time within so many seconds, by $seed; the last one has LAST seconds to play the rest.
killed_at_random() {
	mkfifo names
	# shellcheck disable=SC2154 # the caller's
	pauses=$(perl -e 'srand shift; printf "%.2f ", .2 + rand $ARGV[1] for 1 .. $ARGV[0]' \
		"$seed" "$1" "$2")
	for pause in $pauses "$3"; do
		new_second
		camwatch -1 -a 0 -n never -c cursor d >names 2>>camwatch.err &
		feeds=$!
		mine $feeds
		rtmppush -c cursor -d d <names >>out 2>>err &
		push=$!
		mine $push
		goes_on "$pause" $push
		[ "$pause" = "$3" ] || kill -9 $push 2>/dev/null
		reap $push
		code=$?
		reap $feeds
	done
	saw rc $code
	saw cursor "$(cut -f 2 cursor)"
}

# scenarios NAME...: runs these functions side by side, each in a folder of its name, and
# tells what they printed.
scenarios() {
	scenarios_pids=
	for scenario; do
		mkdir "$scenario"
		(
			cd "$scenario" || exit
			$scenario >told 2>&1
		) &
		mine $!
		scenarios_pids="$scenarios_pids $!"
	done
	for pid in $scenarios_pids; do
		reap "$pid"
	done
	for scenario; do
		cat "$scenario/told"
	done
}

# check SCENARIO KEY WANTED: what it saw.
check() {
	is "$1: $2" "$(sed -n "s/^$2 //p" "$1/seen")" "$3"
}

# whole SCENARIO PACKETS-OF-VIDEO [PATTERN-OF-AUDIO]: by its ledger all arrived, in order.
whole() {
	check "$1" video "0 of $2 missing, 0 strange, 0 shifted, 0 holes, 0 back"
	like "$1: audio" "$(sed -n 's/^audio //p' "$1/seen")" \
		"0 of ${3-[1-9]*} missing, 0 strange, 0 shifted, 0 holes, 0 back"
	check "$1" twice-video few
	check "$1" twice-audio few
}

# settings ID [LINE...]: in $conf, of a station that plays to $port at once; later lines count.
settings() {
	# shellcheck disable=SC2154 # who calls it sets them
	settings_of=$conf/$1.conf
	mkdir -p "drop/$1"
	{
		printf '%s\n' "WATCH_DIR=$T/drop/$1" "RTMP_URL=rtmp://127.0.0.1:$port/live/secretkey" \
			MIN_FILE_AGE=0 HOLD_NEWEST=never
		shift
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$T/settings.new"
	chmod 600 "$T/settings.new"
	mv "$T/settings.new" "$settings_of"
}
