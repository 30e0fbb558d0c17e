#!/bin/sh
# rtmppush and a server that means harm, before and after it has taken the publisher, and by rtmps:
# it is left with a message, in little memory, and the key stays where it is.
. "$(dirname "$0")/../rtmp.sh"
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=64x48:r=25:d=5 -c:v libx264 -preset ultrafast -threads 1 \
	-pix_fmt yuv420p clip.mp4
echo "$T/clip.mp4" >list
for n in 1 2 3; do cp clip.mp4 long$n.mp4; done
ls "$T"/long?.mp4 >long
tls_module=/usr/lib/nginx/modules/ngx_stream_module.so
# TLS before $port: at $secure, by the certificate tls.pem.
tls_starts() {
	secure=$(free_port)
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=ours \
		-addext subjectAltName=DNS:localhost -keyout tls.key -out tls.pem 2>/dev/null
	cat >nginx.conf <<X
daemon off;
master_process off;
pid $PWD/nginx.pid;
error_log $PWD/error.log;
load_module $tls_module;
events { worker_connections 64; }
stream {
	server {
		listen 127.0.0.1:$secure ssl;
		ssl_certificate $PWD/tls.pem;
		ssl_certificate_key $PWD/tls.key;
		proxy_pass 127.0.0.1:$port;
	}
}
X
	/usr/sbin/nginx -p "$PWD" -e "$PWD/error.log" -c "$PWD/nginx.conf" 2>nginx.err &
	front=$!
	mine $front
	export RTMP_URL="rtmps://localhost:$secure/live/secretkey"
	wait_for 20 listens "$secure"
}

# meets tcp|tls KIND [BYTES]: with the clips of "list", or of $clips; leaves the exit code, what was said and
# the most memory, in KB.
meets() {
	over=$1
	shift
	port=$(free_port)
	# shellcheck disable=SC2154 # lib.sh's
	perl "$top/test/hostile-server.pl" "$port" "$@" &
	server=$!
	mine $server
	wait_for 20 listens "$port"
	export RTMP_URL="rtmp://127.0.0.1:$port/live/secretkey"
	[ "$over" = tcp ] || tls_starts
	perl -e 'my $pid = fork // die; if (!$pid) { exec @ARGV } waitpid $pid, 0; my $code = $?;
		open my $f, ">", "most"; print $f $code >> 8, " ", $code & 127;' \
		"$plain/rtmppush" --retries 1 ${secure:+--ca tls.pem} <"../${clips:-list}" >out 2>err &
	runs=$!
	mine $runs
	: >memory
	while kill -0 $runs 2>/dev/null; do
		pid=$(pgrep -P $runs) && sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' \
			"/proc/$pid/status" >>memory 2>/dev/null
		goes_on 0.1 $runs
	done
	reap $runs
	kill $server ${front:+$front} 2>/dev/null
	reap $server
	most=$(sort -n memory | tail -n 1)
	echo "# $(basename "$PWD" | tr _ ' '): at most ${most:-?} KB, exit code and signal $(cat most)"
	saw code "$(cat most)"
	saw memory "$([ "${most:-0}" -lt 120000 ] && echo little || echo "$most KB")"
	saw key "$(cat err out | grep -c secretkey)"
	said=$(grep -oE 'more than a server may|not answered for 10 s|taken nothing for 10 s' err)
	saw said "${said:-$(tail -n 1 err)}"
	saw out "$(cat out)"
}

kinds="nested disguised streams unfinished"
slow="flood asking drip half"
all=
for kind in $kinds $slow; do
	eval "at_once_$kind() { meets tcp $kind; }"
	eval "later_$kind() { meets tcp $kind 3000; }"
	eval "tls_$kind() { meets tls $kind; }"
done
# A slow machine's server may take longer to mean harm than one clip lasts.
for kind in $kinds; do
	eval "later_$kind() { clips=long meets tcp $kind 3000; }"
	all="$all at_once_$kind later_$kind"
	[ ! -e $tls_module ] || all="$all tls_$kind"
done
for kind in $slow; do all="$all at_once_$kind"; done
[ ! -e $tls_module ] || all="$all tls_flood"
# shellcheck disable=SC2086 # words
scenarios $all later_flood later_asking later_half
for scenario in $all; do
	check $scenario code "69 0"
	check $scenario memory little
	check $scenario key 0
	case $scenario in
	*_flood | *_asking | *_drip | *_half) check $scenario said "not answered for 10 s" ;;
	*) check $scenario said "more than a server may" ;;
	esac
done
note "a hostile server has made rtmppush take $(sort -n ./*/memory | tail -n 1) KB at the most"
# It may say what it likes beside the broadcast, but not hold it up.
for scenario in later_flood later_asking; do
	check $scenario code "0 0"
	check $scenario memory little
	check $scenario out "$T/clip.mp4"
	check $scenario key 0
done
check later_half code "69 0"
check later_half said "taken nothing for 10 s"
[ -e $tls_module ] || skip "by rtmps" "no $tls_module"
finish
