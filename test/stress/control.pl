# control.pl PORT EVENTS RATE SEED: a server that says what should run, and what becomes of it, for control.sh.
# 100 stations, 1 to 100; 96 to 100 were stopped by a person. Events are start, stop and state by chance, RATE a
# second. Connections are cut by chance, in the middle of an event too. After a cut the server goes on behind the
# last id, or some events before it, or has forgotten some and says the whole state. Each event that goes out is
# said; a station that changes without that is counted, and how long each change took. Ends with the whole state,
# said until it is true; prints "name value" lines.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use Time::HiRes qw(sleep time);

my ($port, $events, $rate, $seed) = @ARGV;
srand $seed;
$SIG{PIPE} = 'IGNORE';
$| = 1;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 9, ReuseAddr => 1) or die;
my $waiting = IO::Select->new($server);
my ($client, $request) = (undef, '');
my %should = map { $_ => 0 } 1 .. 100; # the truth
my %said = %should;                    # what went out last
my (%changes, %acts, %since, %runs, @took, @kept);
my %count = map { $_ => 0 } qw(sent state cut repeated lost connections strange);
my ($id, $at) = (0, 0); # the last event, and the last one that went out

# whole: the state as an event.
sub whole { [++$id, 'state', encode_json [map { {id => "$_"} } grep { $should{$_} } sort keys %should]] }

# say ID NAME DATA: an event goes out, all of it or, at a cut, a part.
sub say_event {
	my ($number, $name, $data) = @_;
	my $text = "id: $number\nevent: $name\ndata: $data\n\n";
	my $cut = rand() < 0.01;
	$text = substr $text, 0, int rand length $text if $cut;
	my $written = syswrite $client, $text;
	if ($cut || !defined $written || $written < length $text) {
		$count{cut}++;
		close $client;
		undef $client;
		# A part of it is no event; if all of it was written it may have arrived.
		return if $cut;
	}
	$count{sent}++;
	$count{state}++ if $name eq 'state';
	my @now = $name eq 'state' ? map { $_->{id} } @{decode_json $data} : ();
	my %now = $name eq 'state' ? (%{{map { $_ => 0 } keys %said}}, map { $_ => 1 } @now) : (%said, $data => $name eq 'start' ? 1 : 0);
	for (keys %now) {
		next if $now{$_} == $said{$_};
		$changes{$_}++;
		$since{$_} = time;
	}
	%said = %now;
	$at = $number;
}

# One more event of the server's own.
sub invent {
	my $one = 1 + int rand 100;
	if (rand() < 0.1) {
		# Some of all; never so few that it must be said twice.
		for (1 .. 10) { my $n = 1 + int rand 100; $should{$n} = rand() < 0.7 ? 1 : 0 }
		push @kept, whole();
	} else {
		$should{$one} = rand() < 0.6 ? 1 : 0;
		push @kept, [++$id, $should{$one} ? 'start' : 'stop', $one];
	}
}

sub accept_one {
	my $new = $server->accept or return;
	my $head = '';
	while ($head !~ /\r\n\r\n/) { sysread $new, $head, 4096, length $head or return }
	close $client if $client;
	$client = $new;
	$count{connections}++;
	syswrite $client, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
	my ($last) = $head =~ /^Last-Event-ID: (\d+)/mi;
	$at = $last // 0;
	my $chance = rand;
	if ($chance < 0.3 || !defined $last) { # it has forgotten
		$count{lost} += grep { $_->[0] > $at } @kept;
		@kept = ();
		push @kept, whole();
	} elsif ($chance < 0.6) { # it says some once more, then what is so
		my @again = grep { $_->[0] <= $at } @kept;
		@again = @again[-5 .. -1] if @again > 5;
		$count{repeated} += @again;
		for (@again) { $client ? say_event(@$_) : last }
		$at = $last;
		push @kept, whole();
	}
}

sub look {
	for my $n (1 .. 100) {
		my $now = -e "run/streamhub.d/$n/stationrun" ? 1 : 0;
		next if $now == ($runs{$n} // 0);
		$runs{$n} = $now;
		$acts{$n}++;
		$count{strange}++ if ($acts{$n} // 0) > ($changes{$n} // 0);
		push @took, time - $since{$n} if $since{$n} && $said{$n} == $now;
		delete $since{$n} if $said{$n} == $now;
	}
}

my ($began, $invented, $truth, $until) = (time, 0, 0, 0);
while (1) {
	accept_one() if $waiting->can_read(0.02);
	while ($invented < $events && $invented < $rate * (time - $began)) { invent(); $invented++ }
	if ($invented == $events && !$truth++) { push @kept, whole(); $until = time + 180 }
	while ($client && (my ($next) = grep { $_->[0] > $at } @kept)) { say_event(@$next) }
	@kept = @kept[-200 .. -1] if @kept > 200;
	look();
	next unless $truth;
	my $wrong = grep { my $up = $_ > 95 ? 0 : $should{$_}; $up != ($runs{$_} // 0) } 1 .. 100;
	if (!$wrong || time > $until) {
		print "wrong $wrong\n";
		last;
	}
	# Somebody who was killed hears it when he comes again.
}
my @sorted = sort { $a <=> $b } @took;
my $acts = 0;
$acts += $_ for values %acts;
print "$_ $count{$_}\n" for sort keys %count;
print "acts $acts\n", "measured ", scalar @took, "\n";
printf "median %d\np99 %d\nmost %d\n", map { 1000 * ($sorted[$_ * $#sorted] // 0) } 0.5, 0.99, 1;
