# viewer.pl PORT APP NAME: plays rtmp://127.0.0.1:PORT/APP/NAME till the server hangs up, and prints
# a line for each picture and each piece of sound: when it came, in ms by the clock, its kind and
# its time stamp, as they are on the wire. Programs for viewers mend stamps before they show them.
use strict;
use IO::Socket::INET;
use Time::HiRes 'time';
my ($port, $app, $name) = @ARGV;
$| = 1;
my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") or die "$port: $!";
binmode $server;

sub take {
	my ($size, $all) = (shift, '');
	while ($size > length $all) {
		sysread $server, $all, $size - length $all, length $all or exit;
	}
	return $all;
}
# What commands are made of: AMF 0.
sub text { return "\2" . pack 'n/a*', shift }
sub count { return "\0" . pack 'd>', shift }
sub object {
	my $all = "\3";
	while (my ($key, $value) = splice @_, 0, 2) { $all .= pack('n/a*', $key) . text($value) }
	return "$all\0\0\11";
}
# command STREAM BODY: in chunks of 128 bytes.
sub command {
	my ($stream, $body) = @_;
	my @chunks = unpack '(a128)*', $body;
	syswrite $server, pack('C x3 a3 C V', 3, substr(pack('N', length $body), 1), 20, $stream)
		. join "\xc3", @chunks;
}

syswrite $server, "\3" . "\0" x 1536;
my $hello = take(1 + 1536);
syswrite $server, substr $hello, 1;
take(1536);
command(0, text('connect') . count(1) . object(app => $app, tcUrl => "rtmp://127.0.0.1:$port/$app"));
my ($chunk, %at) = (128);
for (;;) {
	my $basic = ord take(1);
	my ($format, $id) = ($basic >> 6, $basic & 63);
	$id = 64 + ord take(1) if $id == 0;
	$id = 64 + unpack 'v', take(2) if $id == 1;
	my $s = $at{$id} ||= {stamp => 0, step => 0, body => ''};
	my ($step, $begins) = ($s->{field}, $s->{body} eq '');
	if ($format < 3) {
		$step = unpack 'N', "\0" . take(3);
		($s->{size}, $s->{type}) = (unpack('N', "\0" . take(3)), ord take(1)) if $format < 2;
		take(4) if $format == 0;
		$s->{field} = $step;
	}
	$step = unpack 'N', take(4) if $step == 0xffffff;
	if ($begins) {
		$s->{step} = $format == 3 && !$s->{delta} ? 0 : $step;
		$s->{delta} = $format > 0 if $format < 3;
		$s->{stamp} = $format == 0 ? $step : ($s->{stamp} + $s->{step}) & 0xffffffff;
	}
	my $left = $s->{size} - length $s->{body};
	$s->{body} .= take($left < $chunk ? $left : $chunk);
	next if length $s->{body} < $s->{size};
	my $body = $s->{body};
	$s->{body} = '';
	$chunk = unpack 'N', $body if $s->{type} == 1;
	syswrite $server, pack('C x3 x2 C C x4 n a4', 2, 6, 4, 7, substr $body, 2, 4) if $s->{type} == 4 && substr($body, 0, 2) eq "\0\6";
	if ($s->{type} == 20 && substr($body, 3, 7) eq '_result') {
		my $answers = unpack 'd>', substr $body, 11, 8;
		command(0, text('createStream') . count(2) . "\5") if $answers == 1;
		command(unpack('d>', substr $body, 21, 8), text('play') . count(3) . "\5" . text($name)) if $answers == 2;
	}
	# Headers of codecs are no pictures.
	my $kind = {8 => 'audio', 9 => 'video'}->{$s->{type}} or next;
	next if length $body < 2 || $kind eq 'video' && ord(substr $body, 1, 1) != 1 || $kind eq 'audio' && ord(substr $body, 1, 1) == 0;
	printf "%d %s %d\n", time * 1000, $kind, $s->{stamp};
}
