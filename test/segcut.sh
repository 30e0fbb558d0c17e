# shellcheck shell=sh disable=SC2034,SC2154
# segcut.sh: rtmp.sh for the tests of segcut: sources, and what its clips hold of them.
. "$(dirname "$0")/../rtmp.sh"
mkdir clips live

# source_file FILE SECONDS OPTION...: no two pictures are alike; a keyframe a second.
source_file() {
	file=$1 seconds=$2
	shift 2
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=160x120:r=25:d=$seconds,noise=alls=20:allf=t" \
		-f lavfi -i "aevalsrc='0.3*sin(2*PI*(200+50*t)*t)':s=44100:d=$seconds" -c:v libx264 \
		-preset veryfast -threads 1 -g 25 -sc_threshold 0 -pix_fmt yuv420p "$@" "$file" || exit 99
}

# records OPTION...: segcut as $pid, of $SOURCE_URL, or else of nginx, where it waits when this returns.
records() {
	players=$(plays_asked)
	SOURCE_URL=${SOURCE_URL:-$RTMP_URL} segcut "$@" clips >printed 2>err &
	pid=$!
	mine $pid
	[ -n "${SOURCE_URL:-}" ] || wait_for 20 one_more_plays
}
plays_asked() { grep -c ' play: ' error.log 2>/dev/null; }
one_more_plays() { [ "$(plays_asked)" -gt "${players:-0}" ]; }

# serves PROTOCOL FILE FORMAT OPTION...: ffmpeg sends the file to the one that asks for it, as
# SOURCE_URL; the process is $sender.
serves() {
	sender_port=$(free_port)
	case $1 in
	http) SOURCE_URL=http://127.0.0.1:$sender_port/live listen="-listen 1" to=$SOURCE_URL ;;
	srt) SOURCE_URL=srt://127.0.0.1:$sender_port listen='' to="$SOURCE_URL?mode=listener" ;;
	esac
	protocol=$1 file=$2 format=$3
	shift 3
	# shellcheck disable=SC2086 # several words
	ffmpeg -v error -nostdin -re -i "$file" -c copy "$@" -f "$format" $listen "$to" 2>sender.err &
	sender=$!
	mine $sender
	case $protocol in
	http) wait_for 20 listens $sender_port ;;
	srt) wait_for 20 grep -q ":$(printf %04X $sender_port) " /proc/net/udp ;;
	esac
}

# sends SECONDS FILE...: serve.pl as SOURCE_URL and $sender.
sends() {
	sender_port=$(free_port)
	SOURCE_URL=http://127.0.0.1:$sender_port/live
	perl "$top/test/serve.pl" $sender_port "$@" 2>sender.err &
	sender=$!
	mine $sender
	wait_for 20 listens $sender_port
}
# web_starts: nginx serves the folder www at the port $http.
web_starts() {
	http=$(free_port)
	mkdir www
	cat >http.conf <<X
daemon off;
master_process off;
pid $T/http.pid;
events { }
http { access_log off; server { listen 127.0.0.1:$http; root $T/www; } }
X
	/usr/sbin/nginx -p "$T" -e "$T/http.log" -c "$T/http.conf" 2>http.err &
	mine $!
	wait_for 20 listens "$http"
}
in_catalogue() { [ "$(wc -l <clips/catalogue.tsv)" -ge "$1" ]; } 2>/dev/null
reasons() { cut -f 8 clips/catalogue.tsv | xargs; }

# lost: the source has ended, and segcut has said so. kept N: so many clips are finished, and the one under
# way has come to its end. stops: segcut as told, $rc and $err.
lost() {
	goes_on 60 $sender
	gone() { grep -q 'tried again' err; }
	wait_for 30 gone
}
kept() {
	wanted=$1
	enough() { [ "$(grep -c . printed)" -ge "$wanted" ] || grep -q 'tried again' err; }
	wait_for 30 enough
	size=-1
	still() {
		was=$size size=$(find clips -name '*.part' -exec cat {} + | cksum)
		[ "$was" = "$size" ]
	}
	settled() {
		goes_on 1
		still
	}
	wait_for 20 settled
}
stops() {
	kill $pid
	reap $pid
	rc=$? err=$(cat err)
}
fresh() {
	rm -rf clips live
	mkdir clips live
	unset SOURCE_URL
}

# pictures [FILE], sounds [FILE]: a hash for each packet of it, or of all printed clips.
packets() { # KIND [FILE]
	if [ $# -gt 1 ]; then echo "$2"; else cat printed; fi | while read -r one; do
		ffmpeg -v error -nostdin -i "$one" -map "0:$1" -c copy -f framemd5 - | grep -v '^#' |
			awk -F, '{ print $NF }'
	done
}
pictures() { packets v "$@"; }

# whole FILE: its packets are in the printed clips, each once, in order.
whole() {
	for kind in v a; do
		packets $kind "$1" >src.$kind
		packets $kind >got.$kind
		is "$1: each packet is in one clip: $kind, $(wc -l <src.$kind)" \
			"$(cmp src.$kind got.$kind 2>&1)" ""
	done
}
