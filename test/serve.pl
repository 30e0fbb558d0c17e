# serve.pl PORT SECONDS FILE...: an HTTP server on loopback that sends the first file to whom asks first,
# the next one to the next, each within so many seconds, and then closes the connection.
use strict;
use warnings;
use IO::Socket::INET;
use Time::HiRes qw(sleep time);

my ($port, $seconds, @files) = @ARGV;
$SIG{PIPE} = 'IGNORE';
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 9, ReuseAddr => 1)
	or die "serve.pl: $port: $!\n";
for my $file (@files) {
	my $client = $server->accept or die "serve.pl: $!\n";
	while (<$client>) { last if /^\r?\n$/ }
	print $client "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n";
	open my $in, '<:raw', $file or die "serve.pl: $file: $!\n";
	my ($size, $sent, $began) = (-s $file, 0, time);
	while (read $in, my $bytes, 1316) {
		syswrite $client, $bytes or last;
		$sent += length $bytes;
		my $wait = $began + $seconds * $sent / $size - time;
		sleep $wait if $wait > 0;
	}
	close $client;
}
