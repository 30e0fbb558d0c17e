#!/usr/bin/perl
# swap.pl ONE OTHER COUNT: lets two names change places until it is ended, and keeps in COUNT how
# often it has. Whoever may rename in a folder can do that.
use strict;
use warnings;
require 'syscall.ph';

my ($one, $other, $count) = @ARGV;
my ($here, $exchange, $n) = (-100, 2, 0);
while (1) {
	syscall(SYS_renameat2(), $here, $one, $here, $other, $exchange) == 0
		or die "swap.pl: '$one', '$other': $!\n";
	next if ++$n % 100;
	open my $out, '>', "$count.new" or die "$count: $!\n";
	print $out "$n\n";
	close $out;
	rename "$count.new", $count or die "$count: $!\n";
}
