#!/bin/sh
# rtmppush and a server that asks for the name and password of the address, as Adobe's does: it
# hangs up twice before it lets the publisher in.
. "$(dirname "$0")/../rtmp.sh"
port=$(free_port)
front=$(free_port)
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=64x48:r=10:d=1 -c:v libx264 -preset ultrafast -g 5 \
	-pix_fmt yuv420p clip.mp4
echo clip.mp4 >list
rtmpsink -1 -o got.flv --strict "rtmp://127.0.0.1:$port/live/secretkey" >sink.out 2>sink.err &
sink=$!
mine $sink
wait_for 20 listens "$port"
# The first two callers get a refusal that asks for more; the third one gets to the sink. Each
# connect command is a line.
cat >asks.pl <<'EOF_PL'
use IO::Select;
use IO::Socket::INET;
my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
sub text { pack 'C n/a*', 2, shift }
$| = 1;
for my $asks ('code=403 need auth; authmod=adobe',
	'authmod=adobe : ?reason=needauth&user=me&salt=s&challenge=c&opaque=o') {
	my $c = $l->accept;
	my ($n, $b) = 0;
	while ($n < 1537) { $n += sysread($c, $b, 1537 - $n) || exit }
	syswrite $c, "\3" . "\0" x 3072;
	my $heard = '';
	while ($heard !~ /tcUrl/) {
		sysread($c, $b, 65536) or exit;
		$heard .= $b =~ tr/\xc3//dr; # without the marks of chunks
	}
	print $heard =~ /(user=\w*)/ ? "$1\n" : "nobody\n";
	my $no = text('_error') . "\0" . pack('d>', 1) .
		"\5\3\0\13description" . text("[ $asks ]") . "\0\0\11";
	my ($first, @rest) = unpack '(a128)*', $no;
	syswrite $c, pack('C x3 a3 C x4', 3, substr(pack('N', length $no), 1), 20) .
		join "\xc3", $first, @rest;
	1 while sysread $c, $b, 65536;
}
my $c = $l->accept;
my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[1]") or die;
my ($all, $heard) = IO::Select->new($c, $s);
while (my @r = $all->can_read) {
	for my $from (@r) {
		sysread $from, my $b, 65536 or exit;
		syswrite $from == $c ? $s : $c, $b;
		next if length $heard > 10_000;
		$heard .= $b =~ tr/\xc3//dr;
		print "$1\n" if $heard =~ s/(user=\w+).*response=.*/' ' x 20_000/es;
	}
}
EOF_PL
perl asks.pl "$front" "$port" >asked &
asks=$!
mine $asks
wait_for 20 listens "$front"
export RTMP_URL="rtmp://me:password@127.0.0.1:$front/live/secretkey"
run rtmppush --retries 1 <list
kill $asks 2>/dev/null # where nobody came
reap $asks
kill $sink 2>/dev/null
reap $sink
is "let in: exit code and output" "$rc:$out" "0:clip.mp4"
is "who was named each time" "$(cat asked)" "nobody
user=me
user=me"
is "every packet" "$(packets got.flv | cksum)" "$(packets clip.mp4 | cksum)"
is "no password and no key" "$(echo "$err" | grep -cE 'password|secretkey')" 0
[ $failures -eq 0 ] || show "$err" "$(cat sink.out sink.err)"
finish
