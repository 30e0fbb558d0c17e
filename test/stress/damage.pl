# damage.pl SEED EACH GOOD DAMAGED: makes from the clips in the folder GOOD damaged ones in
# DAMAGED, EACH of every kind, and prints for each its name, kind, and what is hit: the
# structure that the file declares, or only the payload. Beside a clip lies CLIP.packets,
# the place and size of each of its packets of video.
use strict;
use warnings;

my ($seed, $each, $good, $damaged) = @ARGV;
srand $seed;
our ($d, @packets, $kind);

sub any { $_[0] + int rand($_[1] - $_[0] + 1) } # from, to
sub inside { any(int(length($d) / 10), int(length($d) * 9 / 10)) }
sub junk { join '', map { chr int rand 256 } 1 .. $_[0] }
sub packet { $packets[any(1, $#packets - 1)] }

# Some bytes, and not a number of packets of a transport stream.
sub some_bytes {
	my $n = any(1, 5000);
	return $n % 188 ? $n : $n + 1;
}

sub hole {
	my ($size) = @_;
	my $at = any(packet()->[0], length($d) - $size - 1);
	substr($d, $at, $size) = "\0" x $size;
}

# What is cut between two packets, or after a fragment, is a whole clip, and nothing is done.
sub cut_to {
	my ($len) = @_;
	return if $kind eq 'ts' && $len % 188 == 0;
	return if substr("$d        ", $len + 4, 4) =~ /^(moof|mfra|sidx)$/;
	$d = substr $d, 0, $len;
}

# The places in a file where a length is written, as [place, bytes, big-endian].
sub boxes {
	my ($at, $end) = @_;
	my @found;
	while ($at + 8 <= $end) {
		my ($size, $name) = unpack 'Na4', substr $d, $at, 8;
		last if $size < 8;
		push @found, $at;
		push @found, boxes($at + 8, $at + $size)
			if $name =~ /^(moov|trak|mdia|minf|stbl|moof|traf)$/;
		$at += $size;
	}
	return @found;
}
sub wrong_size {
	if ($kind eq 'flv') {
		my $at = packet()->[0] + 2;
		substr($d, $at, 2) = pack 'n', unpack('n', substr $d, $at, 2) ^ 1 << any(0, 15);
	} elsif ($kind =~ /mkv$/) {
		my $body = packet()->[0]; # after 0xa3 and a length of 1 to 4 bytes
		my ($at) = grep { substr($d, $_, 1) eq "\xa3" } map { $body - $_ } 2 .. 5;
		substr($d, $at + 1, 1) ^= chr 1 << any(0, 3) if $at;
	} elsif ($kind eq 'avi') {
		substr($d, packet()->[0] - 4, 1) ^= chr 1 << any(1, 7); # before the media
	} elsif ($kind eq 'ts') {
		substr($d, 188 * any(10, length($d) / 188 - 10), 1) = "\x46";
	} else {
		my @boxes = boxes(0, length $d);
		my $at = $boxes[rand @boxes];
		substr($d, $at, 4) = pack 'N', unpack('N', substr $d, $at, 4) ^ 1 << any(0, 20);
	}
}

sub flip {
	my ($n) = @_;
	for (1 .. $n) {
		my $packet = packet();
		my $at = $packet->[0] + any(64, $packet->[1] - 1);
		my $sync = $kind eq 'ts' && $at % 188 < 24;
		redo if $sync || $packet->[1] < 100;
		substr($d, $at, 1) ^= chr 1 << any(0, 7);
	}
}

sub slurp {
	open my $f, '<:raw', $_[0] or die "$_[0]: $!\n";
	local $/;
	return <$f>;
}

my @clips = sort grep { !/\.packets$/ } glob "$good/*";
my @kinds = (
	['cut anywhere', 1, sub { cut_to(any(100, length($d) - 1)) }],
	['cut near the end', 1, sub { cut_to(length($d) - any(1, 3000)) }],
	['cut at a block of 4 KB', 1, sub { cut_to(4096 * any(1, (length($d) - 1) / 4096)) }],
	['zero tail', 1, sub { my $at = inside(); substr($d, $at) = "\0" x (length($d) - $at) }],
	['zero tail from a block on', 1, sub {
		my $at = 4096 * any(1, (length($d) - 1) / 4096 - 1);
		substr($d, $at) = "\0" x (length($d) - $at);
	}],
	['hole of 4 KB', 1, sub { hole(4096) }],
	['hole of 64 KB', 1, sub { hole(65536) }],
	['head missing', 1, sub { substr($d, 0, some_bytes()) = '' }],
	['bytes missing', 1, sub { substr($d, inside(), some_bytes()) = '' }],
	['bytes inserted', 1, sub { substr($d, inside(), 0) = junk(some_bytes()) }],
	['block missing', 1, sub { substr($d, inside() & ~4095, 4096) = '' }],
	['block twice', 1, sub { my $at = inside() & ~4095; substr($d, $at, 0) = substr $d, $at, 4096 }],
	['blocks swapped', 1, sub {
		my ($one, $other);
		do {
			($one, $other) = sort { $a->[0] <=> $b->[0] } packet(), packet();
		} while $other->[0] - $one->[0] < 4096 || $other->[0] + 4096 > length $d;
		my ($from, $to) = ($one->[0], $other->[0] - 100); # so that it is no packet's beginning
		my $block = substr $d, $from, 4000;
		substr($d, $from, 4000) = substr $d, $to, 4000;
		substr($d, $to, 4000) = $block;
	}],
	['wrong size', 1, \&wrong_size],
	['packets missing', 1, sub {
		if ($kind eq 'ts') { # of the video; the last one of a table is missed by nobody
			my $at = 188 * any(10, length($d) / 188 - 20);
			substr($d, $at, 188 * any(1, 7)) = ''
				if (unpack('n', substr $d, $at + 1, 2) & 0x1fff) == 256;
		} else {
			my $packet = packet();
			substr($d, $packet->[0], $packet->[1]) = '';
		}
	}],
	['more at the end', 1, sub { $d .= junk(some_bytes()) }],
	['tail of a longer clip', 1, sub { # there before, and written over
		my @longer = grep { /\.$kind$/ && -s $_ > length $d } @clips;
		$d .= substr slurp($longer[rand @longer]), length $d if @longer;
	}],
	['payload: a bit', 0, sub { flip(1) }],
	['payload: 100 bits', 0, sub { flip(100) }],
);

my $n = 0;
for (@kinds) {
	my ($name, $structural, $act) = @$_;
	for (1 .. $each) {
		my $clip = $clips[$n++ * 7 % @clips];
		($kind) = $clip =~ /-(.*)$/;
		$kind =~ s/^[a-z]*\.//;
		@packets = map { [split] } split /\n/, slurp("$clip.packets");
		my $whole = $d = slurp($clip);
		$d eq $whole && $act->() for 1 .. 100;
		next if $d eq $whole; # a kind that is not for this clip
		my $file = sprintf '%s/%03d-%s', $damaged, $n, $clip =~ s(.*/)()r;
		open my $f, '>:raw', $file or die "$file: $!\n";
		print $f $d;
		close $f or die;
		print join("\t", $file, $name, $structural ? 'structure' : 'payload'), "\n";
	}
}
