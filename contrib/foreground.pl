#!/usr/bin/perl
# foreground.pl CMD...: runs it in the foreground of the terminal, in a process group of its own, so
# that Ctrl-C is for it alone, and the make that waits for it does not report an interrupt.
use strict;
use warnings;
use POSIX qw(:sys_wait_h setpgid tcgetpgrp tcsetpgrp);

exec @ARGV or die "$ARGV[0]: $!\n" unless -t STDIN && tcgetpgrp(0) == getpgrp;
my $group = getpgrp;
$SIG{TTOU} = 'IGNORE';    # whoever gives the terminal away is in the background at once
my $child = fork // die "fork: $!\n";
if ($child == 0) {
	setpgid(0, 0);
	tcsetpgrp(0, $$);
	$SIG{TTOU} = 'DEFAULT';
	$SIG{TSTP} = 'IGNORE';    # nobody would bring it back
	exec @ARGV or die "$ARGV[0]: $!\n";
}
$SIG{$_} = sub { kill TERM => $child }
	for qw(HUP INT TERM);
1 until waitpid($child, 0) == $child;
my $status = $?;
tcsetpgrp(0, $group);
exit(WIFEXITED($status) ? WEXITSTATUS($status) : 128 + WTERMSIG($status));
