# bring.pl CLIPS OTHERS FOLDER...: a camera that brings each of CLIPS, 5 s long, to all folders when it
# is over, and after a third of them OTHERS; both are patterns. It writes them in place, in about
# half a second, as FTP does, and prints when it was done, and the name.
use strict;
use Time::HiRes qw(time sleep);
my ($clips, $others, @folders) = @ARGV;
my @clips = sort glob $clips;
my ($began, $n) = (time, 0);
$| = 1;

sub bring {
	my ($name) = $_[0] =~ m{([^/]+)$};
	open my $in, '<:raw', $_[0] or die "$_[0]: $!";
	my @out = map { open my $out, '>:raw', "$_/$name" or die "$_/$name: $!"; $out } @folders;
	while (read $in, my $part, 1 + int((-s $_[0]) / 5)) {
		syswrite($_, $part) == length $part or die $! for @out;
		sleep .1;
	}
	printf "%.3f %s\n", time, $name;
}
for my $clip (@clips) {
	my $wait = $began + 5 * $n - time;
	sleep $wait if $wait > 0;
	bring($clip);
	bring($_) for $n++ == int(@clips / 3) ? glob $others : ();
}
