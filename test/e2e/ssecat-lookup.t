#!/bin/sh
# ssecat while a name server does not answer: libcurl looks names up in a thread, and nobody waits for that.
# shellcheck disable=SC2154 # by sse_places
. "$(dirname "$0")/../sse.sh"
unshare -rmn true 2>/dev/null || {
	skip "a name server that does not answer" "no namespace can be made here"
	finish
}
cat >deaf.pl <<'X'
use Socket;
use IO::Socket::INET;
socket my $lo, PF_INET, SOCK_DGRAM, 0 or die "$!\n";
my $up = pack 'a16 s x22', 'lo', 0x41;
ioctl $lo, 0x8914, $up or die "$!\n";
my $s = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1:53') or die;
open my $asked, '>', 'ready' or die;
while (sysread $s, my $bytes, 9000) { syswrite $asked, "asked\n" }
X
printf 'nameserver 127.0.0.1\noptions timeout:20 attempts:3\n' >resolv.conf
cat >inside <<'X'
mount --bind resolv.conf /etc/resolv.conf || exit
perl deaf.pl &
deaf=$!
trap 'kill $deaf' EXIT
until [ -e ready ]; do sleep .01; done
ssecat --timeout 1 --delay 1 --retries 2 http://streamhub.invalid/ 2>err
echo $? >rc
seen=$(grep -c asked ready)
ssecat --timeout 60 http://streamhub.invalid/ 2>>err &
cat=$!
until [ "$(grep -c asked ready)" -gt "$seen" ]; do sleep .01; done
date +%s%N >from
kill $cat
wait $cat
echo $? >>rc
date +%s%N >>from
X
run unshare -rmn timeout 60 sh inside
is "it ends" "$rc:$(paste -s -d ' ' rc)" "0:69 0"
is "said" "$(grep -c "'streamhub.invalid:80': no connection within 1 s; again" err):$(
	grep -c 'giving up after 2 failures' err)" 1:1
took=$((($(sed -n 2p from) - $(sed -n 1p from)) / 1000000))
ok "SIGTERM ends it at once: in $took ms" [ $took -lt 1000 ]
finish
