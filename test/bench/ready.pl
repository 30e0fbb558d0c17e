#!/usr/bin/perl
# ready.pl COMMAND...: starts it as a service manager would and ends it when it is ready.
use strict;
use warnings;
use Socket;

my $path = "$ENV{T}/notify.$$";
socket my $socket, PF_UNIX, SOCK_DGRAM, 0 or die;
bind $socket, sockaddr_un($path) or die;
$ENV{NOTIFY_SOCKET} = $path;
my $pid = fork;
exec @ARGV or die if !$pid;
recv $socket, my $word, 100, 0;
kill 'TERM', $pid;
waitpid $pid, 0;
unlink $path;
