# drill.pl clip BASE OUT NUMBER FILLER: makes a clip of two seconds: what the recording BASE of the test
# pattern has from its last key frame on, twice. Each packet is numbered, in an SEI of video, with so
# many bytes of filler, and in a data element of AAC, so that no two are alike.
# drill.pl ledger FOLDER "NUMBER..." RECORDING...: looks for the packets of the clips FOLDER/NUMBER.flv in
# recordings, by their bytes. Prints how many clips arrived whole; how many of these came twice as a
# whole; how much video came again, in ms; and how many packets are neither of a clip nor of a filler, or
# of a clip that begins after a later one. A filler repeats the last key frame.
use strict;
use warnings;

# tags FILE FUNCTION: gives it kind, stamp and body of each whole tag.
sub tags {
	my ($file, $take) = @_;
	open my $f, '<:raw', $file or die "$file: $!\n";
	read $f, my $head, 13;
	while (read($f, $head, 11) == 11) {
		my ($kind, $size, $ms, $up) = unpack 'C a3 a3 C', $head;
		$size = unpack 'N', "\0$size";
		last if read($f, my $body, $size + 4) < $size + 4;
		$take->($kind, unpack('N', chr($up) . $ms), substr $body, 0, $size);
	}
}
# is_packet KIND BODY: neither a header nor a text.
sub is_packet { $_[0] != 18 && ord(substr $_[1], 1) == 1 }

sub numbered {
	my ($kind, $body, $text, $filler) = @_;
	return substr($body, 0, 2) . "\x81" . chr(length $text) . $text . substr $body, 2 if $kind == 8;
	my $sei = "\x06\x05" . chr(16 + length $text) . "streamhub-drill-$text\x80";
	my $fill = $filler ? pack('N', $filler + 2) . "\x0c" . "\xff" x $filler . "\x80" : '';
	return substr($body, 0, 5) . pack('N', length $sei) . $sei . $fill . substr $body, 5;
}

sub clip {
	my ($base, $out, $number, $filler) = @_;
	my (@heads, @group, $from, %count);
	tags($base, sub {
		my ($kind, $ms, $body) = @_;
		push @heads, [$kind, 0, $body] if $kind != 18 && !is_packet($kind, $body);
		return if !is_packet($kind, $body);
		($from, @group) = ($ms) if $kind == 9 && ord($body) >> 4 == 1;
		push @group, [$kind, $ms - $from, $body] if defined $from && $ms < $from + 1000;
	});
	open my $f, '>:raw', $out or die "$out: $!\n";
	my $put = sub {
		my ($kind, $ms, $body) = @_;
		print $f pack('C', $kind), substr(pack('N', length $body), 1), substr(pack('N', $ms), 1),
			"\0" x 4, $body, pack 'N', 11 + length $body;
	};
	print $f "FLV\1\5\0\0\0\t\0\0\0\0";
	$put->(@$_) for @heads;
	for my $second (0, 1) {
		for (@group) {
			my ($kind, $ms, $body) = @$_;
			my $text = sprintf 'clip %d %s %d.', $number, $kind == 9 ? 'video' : 'audio', ++$count{$kind};
			$put->($kind, $ms + 1000 * $second, numbered($kind, $body, $text, $filler));
		}
	}
	close $f or die "$out: $!\n";
}

# fills KIND MEDIA: as rtmppush makes a filler, one slice without a picture of its own, or silence.
sub fills {
	my ($kind, $media) = @_;
	return $kind == 9 ? length $media < 64 && $media =~ /^.{4}[\x21\x41\x61]/s
		: $media eq "\x01\x18\x20\x07" || $media eq "\x21\x10\x04\x60\x8c\x1c";
}

sub ledger {
	my ($folder, $numbers, @recordings) = @_;
	my @numbers = split ' ', $numbers;
	my (%clip, %video, %had, %begun);
	my ($arrived, $doubled, $twice, $strange, $last) = (0, 0, 0, 0, 0);
	for my $n (@numbers) {
		tags("$folder/$n.flv", sub {
			my ($kind, $ms, $body) = @_;
			return if !is_packet($kind, $body);
			$body = substr $body, $kind == 9 ? 5 : 2;
			($clip{$body}, $video{$body}, $had{$body}) = ($n, $kind == 9, 0);
		});
	}
	for my $recording (@recordings) {
		my $frame = '';
		tags($recording, sub {
			my ($kind, $ms, $body) = @_;
			return if !is_packet($kind, $body);
			my $key = $kind == 9 && ord($body) >> 4 == 1;
			$body = substr $body, $kind == 9 ? 5 : 2;
			my $n = $clip{$body};
			return if $n ? $key && $body eq $frame : fills($kind, $body);
			$frame = $body if $key;
			$strange++ if !$n || !$begun{$n}++ && $n < $last;
			return if !$n;
			$last = $n;
			$twice += 40 if $had{$body}++ && $video{$body};
		});
	}
	for my $n (@numbers) {
		my ($least) = sort { $a <=> $b } map { $had{$_} } grep { $clip{$_} == $n } keys %had;
		$arrived++ if $least;
		$doubled++ if $least > 1;
	}
	print join(' ', $arrived, $doubled, $twice, $strange), "\n";
}

my $verb = shift;
$verb eq 'clip' ? clip(@ARGV) : ledger(@ARGV);
