# sse-server.pl PORT SCRIPT LOG: an HTTP server on loopback for tests. Each line of SCRIPT is what one
# connection gets, the last one what all further ones get; the request becomes a line of LOG. A line is
# steps with ' | ' between them:
#   say BYTES            \r \n \t \\ and \xNN are bytes, $NAME a variable of the environment
#   ok [BYTES]           the head of a stream of events, then these bytes
#   hang                 say nothing until the client is gone
#   wait FILE            until there is such a file
#   repeat N BYTES       so many times
#   storm LAST RATE CUT [close]
#                        events with the ids from Last-Event-ID to LAST, so many a second, and in the middle
#                        of one of the next CUT (by chance) the connection is cut; after LAST it hangs, or closes
# At its end the connection is closed.
use strict;
use warnings;
use IO::Socket::INET;
use Time::HiRes qw(sleep time);

my ($port, $script, $log) = @ARGV;
open my $in, '<', $script or die "sse-server.pl: $script: $!\n";
chomp(my @lines = <$in>);
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 99, ReuseAddr => 1)
	or die "sse-server.pl: $port: $!\n";
my $head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

sub bytes {
	my $text = shift;
	$text =~ s/\$(\w+)/$ENV{$1}/g;
	$text =~ s{\\(x..|.)}{
		length $1 > 1 ? chr hex substr $1, 1 : {r => "\r", n => "\n", t => "\t"}->{$1} // $1
	}ge;
	return $text;
}

# All of it, or the end of this child: the client is gone.
sub put {
	my ($client, $bytes) = @_;
	while (length $bytes) {
		my $n = syswrite $client, $bytes;
		defined $n or exit;
		substr $bytes, 0, $n, '';
	}
}

sub storm {
	my ($client, $last_id, $last, $rate, $cut, $close) = @_;
	my ($id, $began, $text) = ($last_id || 0, time, '');
	my ($first, $end) = ($id + 1, $id + 1 + int rand $cut);
	put($client, "retry: 100\n\n");
	while ($id < $last) {
		my $event = 'id: ' . ++$id . "\ndata: {\"n\":$id,\"text\":\"" . 'x' x ($id % 97) . "\"}\n\n";
		$text .= $id == $end ? substr $event, 0, rand length $event : $event;
		next if $id != $end && $id != $last && length $text < 4000;
		put($client, $text);
		exit if $id == $end;
		$text = '';
		my $wait = $began + ($id - $first) / $rate - time;
		sleep $wait if $wait > 0;
	}
	sysread $client, my $rest, 1 unless $close;
}

sub serve {
	my ($client, $line) = @_;
	my ($request, $bytes) = ('');
	while ($request !~ /\r\n\r\n$/) {
		sysread $client, $bytes, 4096 or exit;
		$request .= $bytes;
	}
	my ($last_id) = $request =~ /^Last-Event-ID: (.*?)\r$/mi;
	open my $out, '>>', $log or die "sse-server.pl: $log: $!\n";
	syswrite $out, join(' | ', split /\r\n/, $request) . "\n";
	for my $step (split / \| /, $line) {
		my ($what, $rest) = $step =~ /^(\w+) ?(.*)/s;
		if ($what eq 'say') { put($client, bytes($rest)) }
		elsif ($what eq 'ok') { put($client, $head . bytes($rest)) }
		elsif ($what eq 'hang') { sysread $client, my $end, 1 }
		elsif ($what eq 'wait') { sleep 0.01 until -e $rest }
		elsif ($what eq 'repeat') {
			my ($n, $text) = $rest =~ /^(\d+) (.*)/s;
			$text = bytes($text);
			my $block = $text x 1000;
			for (; $n >= 1000; $n -= 1000) { put($client, $block) }
			put($client, $text x $n);
		}
		elsif ($what eq 'storm') { put($client, $head); storm($client, $last_id, split ' ', $rest) }
		else { die "sse-server.pl: '$what'\n" }
	}
	exit;
}

while (1) {
	my $client = $server->accept or next;
	my $line = @lines > 1 ? shift @lines : $lines[0];
	my $pid = fork // die "sse-server.pl: fork: $!\n";
	if ($pid == 0) {
		srand;
		close $server;
		alarm 300; # a test that was killed waits no longer for its file
		serve($client, $line);
	}
	close $client;
}
