#!/bin/sh
# ssecat by https, to nginx in front of a server: who vouches for it, and that https stays https.
# shellcheck disable=SC2154 # by sse_places
. "$(dirname "$0")/../sse.sh"
module=/usr/lib/nginx/modules/ngx_stream_module.so
[ -e $module ] || {
	skip "nginx in front" "no $module"
	finish
}
# certificate NAME ALTERNATIVE [COMMAND...]: one that vouches for itself.
certificate() {
	name=$1 alternative=$2
	shift 2
	"$@" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
		-subj "/CN=$name" -addext "subjectAltName=$alternative" \
		-keyout "$name.key" -out "$name.pem" 2>/dev/null
}
certificate ours DNS:localhost
certificate strange DNS:localhost
certificate elsewhere DNS:example.org
certificate expired DNS:localhost faketime '5 days ago'

sse_places plain_text
sse_starts behind 'ok id: 1\ndata: a\n\n'
sse_starts downgrade 'say HTTP/1.1 301 Moved\r\nLocation: $plain_text_url\r\n\r\n'
sse_starts plain_text 'ok data: read by anybody\n\n'
front() { # NAME PORT CERTIFICATE [PROTOCOLS]: a server of nginx
	secure=$(free_port)
	eval "$1=https://localhost:$secure/events"
	echo "server { listen 127.0.0.1:$secure ssl; proxy_pass 127.0.0.1:$2;
		ssl_protocols ${4:-TLSv1.2 TLSv1.3};
		ssl_certificate $T/$3.pem; ssl_certificate_key $T/$3.key; }" >>fronts
}
front good "$behind_port" ours
front other "$behind_port" elsewhere
front old "$behind_port" expired
front weak "$behind_port" ours TLSv1.1
front down "$downgrade_port" ours
cat >nginx.conf <<X
daemon off;
master_process off;
pid $T/nginx.pid;
error_log $T/error.log;
load_module $module;
events { worker_connections 64; }
stream { include $T/fronts; }
X
/usr/sbin/nginx -p "$T" -e "$T/error.log" -c "$T/nginx.conf" 2>nginx.err &
servers="$servers $!"
wait_for 20 listens "$secure" || show "$(cat nginx.err error.log)"

export SSE_TOKEN=tok
run ssecat --retries 1 --ca ours.pem "$good"
is "vouched for" "$rc:$out:$(header behind 1 Authorization)" \
	'69:{"id":"1","event":"message","data":"a"}:Bearer tok'
while read -r what at ca why; do
	eval "at=\$$at"
	run ssecat --retries 1 ${ca:+--ca $ca.pem} "$at"
	is "$what: exit code and output" "$rc:$out" 69:
	like "$what: said" "$err" "*[[]ERROR[]]*'localhost:*': $why; giving up after 1 failures"
done <<X
by-another good strange SSL certificate problem: self*signed certificate
another-host's other elsewhere SSL: no alternative certificate subject name matches target host*
expired old expired SSL certificate problem: certificate has expired
too-old weak ours *
to-http down ours a redirect from https to http is not followed
X
run ssecat --retries 1 "$good"
is "not by the system's: exit code and output" "$rc:$out" 69:
like "not by the system's: said" "$err" "*SSL certificate problem: self*signed certificate; giving up*"
is "nothing was asked but where it was vouched for" "$(wc -l <behind.log):$(wc -l <plain_text.log)" 1:0

# A proxy makes a tunnel: it sees neither the address nor the token.
cat >proxy.pl <<'X'
use IO::Socket::INET;
my $l = IO::Socket::INET->new(LocalAddr => "127.0.0.1:$ARGV[0]", Listen => 9, ReuseAddr => 1) or die;
while (my $c = $l->accept) {
	my $head = '';
	while ($head !~ /\r\n\r\n$/) { sysread $c, $head, 4096, length $head or last }
	open my $log, '>>', 'proxy.log';
	syswrite $log, $head;
	my ($to) = $head =~ /^CONNECT (\S+)/ or next;
	my $s = IO::Socket::INET->new(PeerAddr => $to =~ s/localhost/127.0.0.1/r) or next;
	syswrite $c, "HTTP/1.1 200 OK\r\nX-Proxy: y\r\n\r\n";
	if (!fork) { while (sysread $s, my $b, 4096) { syswrite $c, $b } shutdown $c, 1; exit }
	while (sysread $c, my $b, 4096) { syswrite $s, $b }
}
X
proxy=$(free_port)
perl proxy.pl "$proxy" &
servers="$servers $!"
wait_for 10 listens "$proxy"
: >behind.log
run env https_proxy="http://127.0.0.1:$proxy" ssecat --retries 1 --ca ours.pem "$good"
is "through a proxy" "$rc:$out:$(header behind 1 Authorization)" \
	'69:{"id":"1","event":"message","data":"a"}:Bearer tok'
is "which sees no token" "$(grep -c '^CONNECT' proxy.log):$(grep -c 'events\|tok' proxy.log)" 1:0
run env https_proxy="http://127.0.0.1:$proxy" no_proxy=localhost ssecat --retries 1 --ca ours.pem "$good"
is "and by no_proxy not through it" "$rc:$(grep -c '^CONNECT' proxy.log)" 69:1
finish
