# relay.pl PORT TO [BYTES PAUSE]: what connects to PORT of loopback is connected to TO. On
# SIGUSR1 all connections are cut, when what has come was handed on. With BYTES it is slow:
# it takes so many from the connecting side, and then pauses so many seconds.
use strict;
use IO::Select;
use IO::Socket::INET;
my ($port, $to, $bytes, $pause) = @ARGV;
my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$port", ReuseAddr => 1)
	or die "$port: $!";
# Little waits in here: who sends notices soon when nobody takes it.
setsockopt $listener, SOL_SOCKET, SO_RCVBUF, 65536;
$SIG{PIPE} = 'IGNORE';
my $cut = 0;
$SIG{USR1} = sub { $cut = 1 };
my (%peer, %calls, %waits); # by descriptor; what waits is for the peer

sub drop {
	for my $end ($_[0], $peer{fileno $_[0]}) {
		delete $_->{fileno $end} for \%calls, \%waits;
	}
	my $other = delete $peer{fileno $_[0]};
	delete $peer{fileno $other};
	close $_ for $_[0], $other;
}

# Takes what is there. False: it has ended.
sub take {
	my $from = shift;
	my $slow = $bytes && $calls{fileno $from};
	my $n = sysread $from, $waits{fileno $from}, $slow ? $bytes : 65536;
	select undef, undef, undef, $pause if $slow && $n;
	return $n || !defined $n && ($!{EAGAIN} || $!{EINTR});
}

# Hands it on. False: nobody is there.
sub give {
	my $from = shift;
	my $n = syswrite $peer{fileno $from}, $waits{fileno $from};
	return $!{EAGAIN} || $!{EINTR} unless defined $n;
	substr $waits{fileno $from}, 0, $n, '';
	return 1;
}

for (;;) {
	my @ends = map { ($_, $peer{fileno $_}) } values %calls;
	if ($cut) {
		for my $from (values %calls) {
			while (length $waits{fileno $from} || take($from) && length $waits{fileno $from}) {
				$peer{fileno $from}->blocking(1);
				give($from) or last;
			}
			drop($from);
		}
		$cut = 0;
		next;
	}
	my ($read, $write) = IO::Select::select(
		IO::Select->new($listener, grep { !length $waits{fileno $_} } @ends),
		IO::Select->new(map { $peer{fileno $_} } grep { length $waits{fileno $_} } @ends));
	for my $from (@{$read || []}, map { $peer{fileno $_} } @{$write || []}) {
		if ($from == $listener) {
			my $call = $listener->accept or next;
			my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$to") or next;
			setsockopt $server, SOL_SOCKET, SO_SNDBUF, 65536;
			$_->blocking(0) for $call, $server;
			$calls{fileno $call} = $call;
			$peer{fileno $call} = $server;
			$peer{fileno $server} = $call;
			$waits{fileno $_} = '' for $call, $server;
			next;
		}
		next if !defined fileno $from; # it was dropped just now
		my $works = length $waits{fileno $from} ? give($from) : take($from);
		$works &&= give($from) if length $waits{fileno $from};
		drop($from) if !$works;
	}
}
