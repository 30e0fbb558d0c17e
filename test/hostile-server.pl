# hostile-server.pl PORT KIND [BYTES]: an RTMP server that answers the handshake of one caller, and
# then means harm; with BYTES only after it has taken a publisher, and so many bytes of it.
use strict;
use IO::Socket::INET;
my ($port, $kind, $taken) = @ARGV;
my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$port", ReuseAddr => 1) or die "$port: $!";
$SIG{PIPE} = 'IGNORE';
my $c = $l->accept;
my $until = time + 60;

sub hear {
	my $left = shift;
	while ($left > 0) { $left -= sysread($c, my $b, $left < 65536 ? $left : 65536) || exit }
}
sub say_it {
	my $all = shift;
	while (length $all && time < $until) {
		my $n = syswrite $c, $all, 65536 or exit;
		substr $all, 0, $n, '';
	}
}
sub head { my ($id, $type, $length) = @_; pack('C x3 a3 C x4', $id, substr(pack('N', $length), 1), $type) }
sub message { my ($id, $type, $body) = @_; head($id, $type, length $body) . $body }
sub text { pack 'C n/a*', 2, shift }
sub result { text('_result') . "\0" . pack('d>', shift) . "\5" . shift }

hear(1537);
syswrite $c, "\3" . "\0" x 3072;
my $chunks = message(2, 1, pack 'N', 0xffffff);
my $status = text('onStatus') . "\0" . "\0" x 8;
if ($taken) {
	my $start = "\5\3\0\5level" . text('status') . "\0\4code" . text('NetStream.Publish.Start') . "\0\0\11";
	say_it(message(3, 20, result(1, "\5")) . message(3, 20, result(4, "\0" . pack 'd>', 1)) . message(3, 20, $status . $start));
	hear($taken);
}

my %kinds = (
	nested => sub { say_it($chunks . message(3, 20, $status . ("\12\0\0\0\1" x 3_000_000))) },
	# Two readers of this: libavformat keeps the short time of the first header, and sees, in
	# chunks of 128 bytes, a message of 3 MB. With the long time four more bytes belong to the
	# message before, and messages of 8192 bytes follow on another chunk stream, whose headers
	# are in strings of the large one.
	disguised => sub {
		my $first = $status . "\12\0\0\0\1" x 20 . "\12\0\0\0\2\2\0\5";
		my $block = "xxx\xedx" . "\12\0\0\0\1" x 23 . "\12\0\0\0\2\2\0\5";
		say_it(head(3, 18, 384) . 'x' x 128 . "\x83\xff\xff\xff\0\0\0\1" . 'x' x 128 . "\xc3" . 'x' x 128
			. "\5\0\0\0\x2d\xc6\xc0\x14\0\x20\0\x12" . $first . "\xc5$block" x 23436 . "\xc5xxx\xed" . 'x' x 60);
	},
	streams => sub {
		say_it(message(2, 1, pack 'N', 65536));
		say_it("\1" . pack('v', $_) . "\0\0\0\xff\xff\xff\x14\0\0\0\0" . 'x' x 65536) for 0 .. 9999;
	},
	unfinished => sub {
		say_it("\1" . pack('v', $_) . "\0\0\0\0\x20\0\x14\0\0\0\0" . 'x' x 128) for 0 .. 9999;
	},
	flood => sub { say_it($chunks . message(3, 4, "\0\6\0\0\0\0") x 100_000) for 1 .. 1000 },
	# Each is answered, and libavformat notes down what it has asked.
	asking => sub {
		if (!fork) { hear(1e12) }
		say_it(message(3, 20, text('onBWDone') . "\0" . "\0" x 8 . "\5") x 1000) for 1 .. 100_000;
	},
	drip => sub {
		for (0 .. 199) {
			syswrite $c, substr("\3\0\0\0\0\0\0\3\0\0\0\0", $_ % 12, 1) or last;
			select undef, undef, undef, .1;
		}
	},
	leaving => sub { exit },
	half => sub { syswrite $c, "\3\0\0" },
);
$kinds{$kind}->();
alarm 60;
hear(1e12);
