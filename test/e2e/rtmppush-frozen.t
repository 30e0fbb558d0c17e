#!/bin/sh
# rtmppush and a server that reads no more: the session is reset, and what the server had not read comes again
# in the next one.
# Takes long.
. "$(dirname "$0")/../rtmp.sh"
port=$(free_port)
url=rtmp://127.0.0.1:$port/live/secretkey
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=64x48:r=30:d=40 -f lavfi -i sine=d=40 \
	-c:v libx264 -preset ultrafast -threads 1 -g 15 -pix_fmt yuv420p -c:a aac clip.mp4
echo "$T/clip.mp4" >list
sink() { # FILE: a server of the port
	rtmpsink -1 -o "$1" "$url" >sink.out 2>sink.err &
	sink=$!
	mine $sink
	wait_for 20 listens "$port"
}

# A server that reads no more: it gets a reset, not an end that waits behind what it has not read.
frozen() {
	port=$(free_port)
	url=rtmp://127.0.0.1:$port/live/secretkey
	sink one.flv
	front=$(free_port)
	perl -MIO::Socket::INET -MIO::Select -MSocket -e '
		alarm 100;
		my $l = IO::Socket::INET->new(
			Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
		# A kernel that took less later on would drop what it has asked for, and the reset behind it.
		setsockopt $l, SOL_SOCKET, SO_RCVBUF, 2048;
		my $c = $l->accept;
		my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[1]") or die;
		my ($all, $n, $b) = IO::Select->new($c, $s);
		while ($n < 20000 and my @r = $all->can_read) {
			for my $from (@r) {
				sysread $from, $b, 65536 or exit;
				syswrite $from == $c ? $s : $c, $b;
				$n += length $b if $from == $c;
			}
		}
		for (1 .. 300) {
			select undef, undef, undef, .1;
			my $error = unpack "i", getsockopt $c, SOL_SOCKET, SO_ERROR;
			if ($error) { print $! = $error; exit }
		}' "$front" "$port" >how &
	relay=$!
	mine $relay
	wait_for 20 listens "$front"
	rtmppush --retries 1 "rtmp://127.0.0.1:$front/live/secretkey" <../list >out 2>err
	saw rc $?
	reap $relay
	saw how "$(cat how)"
	saw said "$(grep -c 'taken nothing for 10 s; giving up after 1 failures' err)"
	saw again "$(grep -c 'again in' err)"
}

# A server that reads no more, and gets rid of what it has not read when the session is cut off: that
# comes again in the next one.
unread() {
	port=$(free_port)
	url=rtmp://127.0.0.1:$port/live/secretkey
	ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=320x180:r=25:d=6,noise=alls=40:allf=t -c:v libx264 \
		-preset ultrafast \
		-threads 1 -b:v 4M -minrate 4M -maxrate 4M -bufsize 1M -g 25 -sc_threshold 0 \
		-pix_fmt yuv420p clip.mp4
	echo "$PWD/clip.mp4" >list
	rtmpsink -o got.flv "$url" >sink.out 2>sink.err &
	sink=$!
	mine $sink
	wait_for 20 listens "$port"
	front=$(free_port)
	perl -MIO::Socket::INET -MIO::Select -MSocket -e '
		alarm 100;
		my $l = IO::Socket::INET->new(
			Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
		for my $most (1_000_000, 1e12) {
			my $c = $l->accept;
			my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[1]") or die;
			my ($all, $n, $b) = (IO::Select->new($c, $s), 0);
			while ($n < $most and my @r = $all->can_read) {
				for my $from (@r) {
					sysread $from, $b, 65536 or exit;
					syswrite $from == $c ? $s : $c, $b;
					$n += length $b if $from == $c;
				}
			}
			for (1 .. 300) {
				select undef, undef, undef, .1;
				last if unpack "i", getsockopt $c, SOL_SOCKET, SO_ERROR;
			}
		}' "$front" "$port" &
	relay=$!
	mine $relay
	wait_for 20 listens "$front"
	rtmppush --retries 9 "rtmp://127.0.0.1:$front/live/secretkey" <list >out 2>err
	saw rc $?
	saw said "$(grep -c 'taken nothing for 10 s' err)"
	reap $relay
	kill $sink
	reap $sink
	as_flv
	told=$(perl "$top/test/ledger.pl" video flv.list got.flv)
	echo "# unread: $told ms twice"
	saw video "${told%%,*}"
}

scenarios frozen unread
check frozen rc 69
check frozen how "Connection reset by peer"
check frozen said 1
check frozen again 0
check unread rc 0
check unread said 1
check unread video "0 of 150 missing"
[ $failures -eq 0 ] || show "$(cat ./*/err)"
finish
