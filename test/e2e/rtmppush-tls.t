#!/bin/sh
# rtmppush by rtmps, to nginx that passes it on to rtmpsink: who vouches for the server.
. "$(dirname "$0")/../lib.sh"
module=/usr/lib/nginx/modules/ngx_stream_module.so
[ -e $module ] || {
	skip "nginx in front" "no $module"
	finish
}
port=$(free_port)
secure=$(free_port)
certificate() { # NAME ALTERNATIVE: one that vouches for itself
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$1" \
		-addext "subjectAltName=$2" -keyout "$1.key" -out "$1.pem" 2>/dev/null
}
certificate ours DNS:localhost
certificate strange DNS:localhost
certificate elsewhere DNS:example.org
cat >nginx.conf <<X
daemon off;
master_process off;
pid $T/nginx.pid;
error_log $T/error.log;
load_module $module;
events { worker_connections 64; }
stream {
	server {
		listen 127.0.0.1:$secure ssl;
		ssl_certificate $T/ours.pem;
		ssl_certificate_key $T/ours.key;
		proxy_pass 127.0.0.1:$port;
	}
}
X
/usr/sbin/nginx -p "$T" -e "$T/error.log" -c "$T/nginx.conf" 2>nginx.err &
server=$!
cleanup_hook="kill $server"
wait_for 20 listens "$secure" || show "$(cat nginx.err error.log)"
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=64x48:r=10:d=1 -f lavfi -i "sine=d=1" \
	-c:v libx264 -preset ultrafast -g 5 -pix_fmt yuv420p -c:a aac clip.mp4
echo clip.mp4 >list
export RTMP_URL="rtmps://localhost:$secure/live/secretkey"

rtmpsink -1 -o got.flv --strict "rtmp://127.0.0.1:$port/live/secretkey" >sink.out 2>sink.err &
sink=$!
cleanup_hook="kill $server $sink 2>/dev/null"
wait_for 20 listens "$port"
run rtmppush --retries 1 --ca ours.pem <list
wait $sink
is "vouched for: the sink finds nothing wrong" "$?:$(cat sink.err)" "0:"
is "vouched for: exit code and output" "$rc:$out" "0:clip.mp4"
is "vouched for: every packet" "$(packets got.flv | cksum)" "$(packets clip.mp4 | cksum)"
is "vouched for: no key" "$(echo "$err" | grep -c secretkey)" 0
unverified="its certificate failed verification"
run rtmppush --retries 1 --ca strange.pem <list
is "by somebody else: exit code and output" "$rc:$out" "69:"
like "by somebody else: said" "$err" \
	"*'rtmps://localhost:$secure/live/[*][*][*]': cannot be reached: $unverified; giving up*"
run rtmppush --retries 1 <list
is "not by the system's: exit code and output" "$rc:$out" "69:"
like "not by the system's: said" "$err" "*cannot be reached: its certificate failed verification; giving up*"
sed -i 's/ours/elsewhere/' nginx.conf
kill $server
wait $server
/usr/sbin/nginx -p "$T" -e "$T/error.log" -c "$T/nginx.conf" 2>nginx.err &
server=$!
cleanup_hook="kill $server"
wait_for 20 listens "$secure"
run rtmppush --retries 1 --ca elsewhere.pem <list
is "another host's: exit code and output" "$rc:$out" "69:"
like "another host's: said" "$err" \
	"*cannot be reached: its certificate's owner does not match hostname localhost; giving up*"
finish
