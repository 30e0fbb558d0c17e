# ledger.pl video|audio LIST RECORDING...: what recordings, in the order in which they were
# made, hold of the packets of the clips that the file LIST names, one a line; all are FLV.
# It prints how many packets are missing; strange, which are those of no clip and those that
# come again within a session, but for those of a filler, which repeats the last key frame; shifted, whose times are not as far from those of the clip's
# other packets as in the clip; before how many some were left out; how many time stamps do
# not grow; and after the semicolon the longest part that came again, in ms.
use strict;
use Digest::MD5 'md5_hex';

# pictures BYTES: without the parameter sets, which rtmppush puts before each keyframe
sub pictures {
	my ($left, $out) = (shift, '');
	while (length $left >= 4) {
		my $unit = substr $left, 0, 4 + unpack('N', $left), '';
		$out .= $unit if (ord(substr $unit, 4, 1) & 31) !~ /^[78]$/;
	}
	return $out . $left;
}

# fills KIND MEDIA: as rtmppush makes a filler, one slice without a picture of its own, or silence.
sub fills {
	my ($kind, $media) = @_;
	return $kind == 9 ? length $media < 64 && $media =~ /^.{4}[\x21\x41\x61]/s
		: $media eq "\x01\x18\x20\x07" || $media eq "\x21\x10\x04\x60\x8c\x1c";
}

# tags FILE KIND FUNCTION: gives it hash, stamp, time of showing, less the stamp, and whether it may be of
# a filler and whether it is a key frame, of each whole packet; the last may be cut
sub tags {
	my ($file, $kind, $take) = @_;
	open my $f, '<:raw', $file or die "$file: $!";
	read $f, my $head, 13;
	while (read($f, $head, 11) == 11) {
		my ($type, $h, $l, $ms, $up) = unpack 'C C n a3 C', $head;
		my $size = $h << 16 | $l;
		last if read($f, my $body, $size + 4) < $size + 4;
		next if $type != $kind;
		# AVC and AAC say whether it is a packet or a header; others do not.
		my ($first, $second) = unpack 'C C', $body;
		my $coded = $kind == 9 ? ($first & 15) == 7 : $first >> 4 == 10;
		next if $coded && $second != 1;
		my $from = !$coded ? 1 : $kind == 9 ? 5 : 2;
		my $media = substr $body, $from, $size - $from;
		$media = pictures($media) if $from == 5;
		my $later = $from == 5 ? unpack 'N', "\0" . substr $body, 2, 3 : 0;
		$take->(md5_hex($media), unpack('N', chr($up) . $ms), $later, fills($kind, $media),
			$kind == 9 && $first >> 4 == 1);
	}
}

my ($kind, $list, @recordings) = @ARGV;
$kind = {video => 9, audio => 8}->{$kind} or die "video or audio?";
my (%at, @ms, @clip, @later, @had);
my ($strange, $shifted, $holes, $back, $longest, $base) = (0, 0, 0, 0, 0, 0);
open my $clips, '<', $list or die "$list: $!";
while (my $clip = <$clips>) {
	chomp $clip;
	my ($stamp, $step) = (0, 0);
	tags($clip, $kind, sub {
		my ($hash, $ms, $later) = @_;
		push @{$at{$hash}}, scalar @ms; # a few are alike
		push @ms, $base + $ms;
		push @clip, $.;
		push @later, $later;
		($step, $stamp) = ($ms - $stamp, $ms);
	});
	$base += $stamp + $step;
}
my $last = -1;
for my $recording (@recordings) {
	my ($stamp, $clip, $shift, $frame, $clips, $held, $before) = (-1, 0, 0, '', 0, 0);
	tags($recording, $kind, sub {
		my ($hash, $ms, $later, $fills, $key) = @_;
		my $begins = $ms <= $stamp || !$clips; # a filler may come first
		$back++ if $ms <= $stamp;
		$stamp = $ms;
		my @all = @{$at{$hash} || []};
		my ($i) = grep { $_ > $last } @all;
		($i) = grep { $_ <= $last } reverse @all if $begins && (!defined $i || $i > $last + 1);
		($i) = grep { $_ > $last } @all if !defined $i;
		if ((!defined $i || $i != $last + 1) && ($fills || $key && $hash eq $frame)) {
			# It may have been taken for the next clip's, where that begins alike.
			$shift = $ms - $ms[$last] if $key && grep { $_ == $last } @all;
			# So may the key frame before it, where a session begins with a filler.
			($last, $clips, $held) = ($before, 0, 0) if defined $before;
			undef $before;
			return;
		}
		$before = $begins && defined $i && $i <= $last ? $last : undef;
		$frame = $hash if $key;
		$clips++;
		if (!defined $i) {
			$strange++;
			return;
		}
		($clip, $shift) = ($clip[$i], $ms - $ms[$i]) if $begins || $clip != $clip[$i];
		$shifted++ if abs($ms - $ms[$i] - $shift) > 2 || abs($later - $later[$i]) > 2;
		$longest = $held if $held > $longest;
		$held = $i <= $last ? $ms[$last] - $ms[$i] : 0; # unless it turns out to be of a filler
		$holes++ if $i > $last + 1;
		$had[$i]++;
		$last = $i;
	});
	$longest = $held if $held > $longest;
}
my $missing = grep { !$had[$_] } 0 .. $#ms;
printf "%d of %d missing, %d strange, %d shifted, %d holes, %d back; %d\n", $missing, scalar @ms,
	$strange, $shifted, $holes, $back, $longest;
