# spent.pl FILE COMMAND...: runs it, and writes into FILE how many seconds of processor time it
# and all that it has started and waited for have spent, and how much memory, in KB, all of them
# had at once, at most: their share (PSS), and what is private and dirty. SIGTERM ends the command.
use strict;
use List::Util 'max';
use POSIX 'WNOHANG';
use Time::HiRes 'sleep';

sub content {
	open my $f, '<', shift or return '';
	local $/;
	return <$f> // '';
}
# memory PID: of the process and its descendants.
sub memory {
	my $pid = shift;
	my $smaps = content("/proc/$pid/smaps_rollup");
	my @sum = map { $smaps =~ /^$_:\s+(\d+)/m ? $1 : 0 } qw(Pss Private_Dirty);
	for my $child (map { split ' ', content($_) } glob "/proc/$pid/task/*/children") {
		my @more = memory($child);
		$sum[$_] += $more[$_] for 0, 1;
	}
	return @sum;
}

my ($file, @command) = @ARGV;
my ($child, @most) = (fork // die, 0, 0);
$child or exec @command or die "$command[0]: $!";
$SIG{TERM} = sub { kill TERM => $child };
until (waitpid $child, WNOHANG) {
	my @now = memory($child);
	$most[$_] = max($most[$_], $now[$_]) for 0, 1;
	sleep .2;
}
my @t = times;
open my $out, '>', $file or die "$file: $!";
printf $out "%.1f @most\n", $t[2] + $t[3];
