#!/usr/bin/perl
# calls.pl MOST BEGINS [all]: reads what strace wrote of a run. Prints how many calls it made, then a line
# "FAULT CALL N" for each fault at its Nth CALL: at most MOST kills and half as many failures with each
# error, chosen evenly; with "all", all there are.
use strict;
use warnings;
my ($most, $begins, $all) = @ARGV;

# What such a call may fail with, of those errors that any machine meets. A signal may come at each
# that waits; a disk may be full or broken under each that touches it. Close fails where something was
# written; it does not close then, as it really would. Left out: memory, signals, clocks, what a process
# asks about itself, and writev, which is that of libfuse to the kernel.
my %errors;
sub may { my $errors = shift; $errors{$_} .= " $errors" for @_ }
may 'EIO', qw(read readv pread64 write pwrite64 openat openat2 open mkdir mkdirat rename renameat
	renameat2 link linkat symlinkat unlink unlinkat rmdir ftruncate fallocate fsync fdatasync syncfs close
	getdents64 newfstatat statx fstatfs readlink readlinkat utimensat fchmod fchown copy_file_range sendfile);
may 'ENOSPC', qw(write pwrite64 mkdir mkdirat rename renameat renameat2 link linkat symlinkat ftruncate
	fallocate fsync fdatasync copy_file_range sendfile inotify_add_watch);
may 'EMFILE', qw(openat openat2 open socket socketpair accept accept4 pipe2 dup inotify_init1 signalfd4
	eventfd2 epoll_create1 timerfd_create memfd_create pidfd_open);
may 'EINTR', qw(read readv write poll ppoll select pselect6 epoll_wait recvmsg recvfrom sendmsg sendto connect accept
	accept4 flock wait4 waitid nanosleep clock_nanosleep getrandom);
may 'EAGAIN', qw(fork vfork clone clone3);

# Nobody else sees these: to die before the next one is the same.
my $unseen = join '|', qw(mmap munmap mremap mprotect madvise brk rt_\w+ sigaltstack getpid getppid gettid
	get\w*id getrlimit prlimit64 getrandom sysinfo uname clock_get\w+ times fcntl close dup3? lseek p?poll
	newfstatat statx fstatfs readlink(at)? getdents64 pread64 access faccessat2? prctl capget arch_prctl
	set_\w+ rseq signalfd4 inotify_init1 inotify_add_watch eventfd2 getcwd sched_\w+ socketpair pipe2 ioctl
	futex umask exit_group exit);

my (%n, %loader, %writes, $loaded, $tool, $calls, @kills, %failures, %seen);
my $new = 1;
while (<STDIN>) {
	my ($pid, $call, $rest) = /^(\d*) *(\w+)\((.*)/s or next;
	my $nth = ++$n{"$pid $call"};
	if (!$loaded) { # what the loader and the libraries do before is not the tool's: it begins with this
		$loaded = /$begins/;
		$loader{$call} = $nth if !$loaded;
		next if !$loaded;
	}
	$calls++;
	# Of another process: strace counts for each on its own, and the first one is the parent.
	next if $seen{"$call $nth"}++ || $nth <= ($loader{$call} // 0);
	push @kills, "KILL $call $nth" if $new || $all;
	$tool //= $pid;
	$new = !(/^\d* *($unseen)\(/ || ($call =~ /^openat/ && $rest !~ /O_CREAT|O_TRUNC/));
	# Nobody would hear of it; a call that does not wait; and in a sandbox a call that strace fails
	# is a forbidden one.
	next if $call eq 'write' && $rest =~ /^2,/ || $rest =~ /MSG_DONTWAIT/ || $pid ne $tool;
	$writes{$1} = 1 if $call =~ /^openat/ && $rest =~ /O_(?:WRONLY|RDWR).* = (\d+)/;
	next if $call eq 'close' && $rest =~ /^(\d+)/ && $1 != 1 && !delete $writes{$1};
	for (split ' ', $errors{$call} // '') {
		push @{$failures{$_}}, "$_ $call $nth";
	}
	push @{$failures{ENOSPC}}, "ENOSPC $call $nth" if $call =~ /^openat/ && $rest =~ /O_CREAT/;
	push @{$failures{EINTR}}, "EINTR $call $nth" if $call eq 'fcntl' && $rest =~ /F_(OFD_)?SETLKW/;
}
sub some { my ($at_most, @of) = @_;
	return @of if $all || @of <= $at_most;
	return map { $of[int($_ * @of / $at_most)] } 0 .. $at_most - 1 }
print $calls // 0, "\n", map { "$_\n" } some($most, @kills), map { some($most / 2, @{$failures{$_}}) } sort keys %failures;
