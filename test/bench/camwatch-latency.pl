#!/usr/bin/perl
# camwatch-latency.pl DIR FILES COMMAND...: starts the command, which prints a path for each file
# that is ready below DIR, writes and closes files one after the other, and prints the median
# and the 99th percentile of the time from close to line, in microseconds.
use strict;
use warnings;
use Time::HiRes 'time';

my ($dir, $files, @command) = @ARGV;
my $pid = open my $lines, '-|', @command or die;
my @times;
# The first tell that it watches.
for my $warm (0 .. 50) {
	open my $f, '>', "$dir/warm$warm.mp4" or die;
	print $f 'x';
	close $f;
	my $ready = '';
	vec($ready, fileno $lines, 1) = 1;
	last if select $ready, undef, undef, 0.2;
}
sub await {
	my ($name) = @_;
	while (my $line = <$lines>) {
		return if $line =~ /\Q$name\E/;
	}
	die "bench: $name never came\n";
}
for my $n (1 .. $files) {
	my $name = sprintf 'clip%06d.mp4', $n;
	open my $f, '>', "$dir/$name" or die;
	print $f 'x' x 1000;
	close $f;
	my $closed = time;
	await($name);
	push @times, time - $closed;
	select undef, undef, undef, 0.002;
}
kill 'TERM', $pid;
@times = sort { $a <=> $b } @times;
printf "%.0f %.0f\n", 1e6 * $times[$#times / 2], 1e6 * $times[$#times * 0.99];
