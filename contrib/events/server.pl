#!/usr/bin/perl
# server.pl FILE FOLDER [PORT]: a small server of events for reconcile, on loopback, and a page whose buttons
# send them: `make run-sse`. The streams are the settings ID.conf in FOLDER. FILE keeps what was sent. It
# listens at PORT (3000), or at the next one that is free, and prints the address of the page.
#
#   GET /events               the stream: what came after Last-Event-ID (or ?after=N), or else the whole state
#   GET /streams              the streams as JSON, and the id behind which all that is kept was sent
#   POST /start?id=ID, /stop?id=ID, /state?id=ID&id=ID
#                             sends this event and answers with its id; needs the header "X-Streamhub: 1",
#                             which no page of another server can send
use strict;
use warnings;
use Errno qw(EADDRINUSE EAGAIN EINTR ENOENT EWOULDBLOCK);
use File::Basename qw(dirname);
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use constant {
	HEAD_MAX => 8192,        # bytes of a request
	OUT_MAX => 1 << 20,      # bytes that a client has not taken yet
	CLIENTS_MAX => 200,      # more have to wait
	STREAMS_MAX => 100,      # clients of /events; more are refused
	SENT_MAX => 1000,        # events that are kept
	PATIENCE => 10,          # seconds that a request may take
	KEEP_ALIVE => 15,        # seconds between comments on a stream
	PORTS => 100,            # that are tried
};

my ($file, $folder, $port) = @ARGV;
die "usage: server.pl FILE FOLDER [PORT]\n" unless defined $folder;
my $here = dirname(__FILE__);
my %files = (
	'/' => ['page.html', 'text/html'],
	'/page.css' => ['page.css', 'text/css'],
	'/page.js' => ['page.js', 'text/javascript'],
);
my %reasons = (
	200 => 'OK', 400 => 'Bad Request', 403 => 'Forbidden', 404 => 'Not Found', 405 => 'Method Not Allowed',
	408 => 'Request Timeout', 413 => 'Content Too Large', 431 => 'Request Header Fields Too Large',
	500 => 'Internal Server Error', 503 => 'Service Unavailable',
);
my $safe = join "\r\n", 'Cache-Control: no-store', 'X-Content-Type-Options: nosniff',
	'Cross-Origin-Resource-Policy: same-origin', 'Referrer-Policy: no-referrer',
	"Content-Security-Policy: default-src 'none'; img-src data:; script-src 'self'; style-src 'self'; connect-src 'self'; "
		. "base-uri 'none'; form-action 'none'; frame-ancestors 'none'", 'Connection: close', '';

# What was sent: [id, event, stream...], the oldest first, which is a state. $kept is FILE.
my (@sent, $kept, %clients);

sub now { return clock_gettime(CLOCK_MONOTONIC) }

sub complain { print STDERR "server.pl: @_\n" }

sub streams {
	opendir my $in, $folder or complain("$folder: $!"), return;
	return sort map { /\A([A-Za-z0-9_][A-Za-z0-9._-]{0,63})\.conf\z/ ? $1 : () } readdir $in;
}

# The streams that should run after these events.
sub wanted {
	my %up;
	for (@_) {
		my (undef, $event, @ids) = @$_;
		%up = () if $event eq 'state';
		$event eq 'stop' ? delete @up{@ids} : (@up{@ids} = @ids);
	}
	return sort keys %up;
}

sub line { my ($id, $event, @ids) = @{shift()}; return "$id\t$event\t" . join(',', @ids) . "\n" }

# Of more events than are kept, the oldest become one state.
sub forget {
	my $n = @sent - SENT_MAX;
	return if $n <= 0;
	my @old = splice @sent, 0, $n + 1;
	unshift @sent, [$old[-1][0], 'state', wanted(@old)];
}

# Reads FILE up to the first line that is none, and writes it anew. At first all streams should run.
sub load {
	if (open my $in, '<', $file) {
		while (<$in>) {
			my ($id, $event, $ids) = /\A(\d{1,15})\t(start|stop|state)\t([\w.,-]*)\n\z/ or last;
			last unless @sent ? $id > $sent[-1][0] : $event eq 'state';
			push @sent, [$id, $event, split /,/, $ids];
		}
	}
	elsif ($! != ENOENT) { die "server.pl: $file: $!\n" }
	@sent = [0, 'state', streams()] unless @sent;
	forget();
	open $kept, '>', "$file.new" or die "server.pl: $file.new: $!\n";
	my $text = join '', map { line($_) } @sent;
	(syswrite($kept, $text) // 0) == length $text && rename "$file.new", $file or die "server.pl: $file: $!\n";
}

sub as_event {
	my ($id, $event, @ids) = @{shift()};
	my @data = map { qq({"id":"$_"}) } @ids;
	return "id: $id\nevent: $event\ndata: " . ($event eq 'state' ? '[' . join(',', @data) . ']' : $data[0]) . "\n\n";
}

sub answer {
	my ($client, $status, $type, $body, @more) = @_;
	$client->{out} .= join "\r\n", "HTTP/1.1 $status $reasons{$status}", "Content-Type: $type; charset=utf-8",
		'Content-Length: ' . length $body, @more, $safe . "\r\n$body";
	$client->{ending} = 1;
	$client->{until} = now() + PATIENCE;
}

sub refuse { my ($client, $status, $why, @more) = @_; answer($client, $status, 'text/plain', "$why\n", @more) }

# What cannot be kept is not sent: a client would have an id that we do not know after a restart.
sub send_event {
	my ($client, @event) = @_;
	my $new = [$sent[-1][0] + 1, @event];
	my ($size, $text) = (-s $kept, line($new));
	if ((syswrite($kept, $text) // 0) != length $text) {
		complain("$file: $!");
		truncate $kept, $size;
		sysseek $kept, $size, 0;
		return refuse($client, 500, 'the event cannot be kept');
	}
	push @sent, $new;
	forget();
	$_->{out} .= as_event($new) for grep { $_->{stream} } values %clients;
	answer($client, 200, 'text/plain', "$$new[0]\n");
}

sub open_stream {
	my ($client, $after) = @_;
	return refuse($client, 503, 'too many streams', 'Retry-After: 5')
		if STREAMS_MAX <= grep { $_->{stream} } values %clients;
	my $is_known = ($after // '') =~ /\A\d{1,15}\z/ && $after >= $sent[0][0] && $after <= $sent[-1][0];
	my @events = $is_known ? grep { $$_[0] > $after } @sent : [$sent[-1][0], 'state', wanted(@sent)];
	$client->{out} .= "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n$safe\r\nretry: 1000\n\n"
		. join '', map { as_event($_) } @events;
	$client->{stream} = 1;
	$client->{until} = now() + KEEP_ALIVE;
}

sub send_file {
	my ($client, $name, $type) = @_;
	open my $in, '<', "$here/$name" or return refuse($client, 500, "$name: $!");
	answer($client, 200, $type, do { local $/; <$in> });
}

sub list_streams {
	my ($client) = @_;
	my %up = map { $_ => 1 } wanted(@sent);
	answer($client, 200, 'application/json', qq({"first":$sent[0][0],"streams":[)
		. join(',', map { qq({"id":"$_","up":) . ($up{$_} ? 'true' : 'false') . '}' } streams()) . "]}\n");
}

# A page of another server can make a browser send a POST, but neither this header nor our origin.
sub post {
	my ($client, $event, $query, %fields) = @_;
	return refuse($client, 403, 'only from the page itself, or with the header "X-Streamhub: 1"')
		if !$fields{'x-streamhub'} || ($fields{origin} // "http://$fields{host}") ne "http://$fields{host}"
		|| ($fields{'sec-fetch-site'} // 'same-origin') ne 'same-origin';
	return refuse($client, 413, 'no body is read') if $fields{'content-length'} || $fields{'transfer-encoding'};
	my (%known, @ids, %seen);
	$known{$_} = 1 for streams();
	for (split /&/, $query) {
		my ($id) = /\Aid=(.*)\z/s or return refuse($client, 400, 'only id=ID');
		$id =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
		return refuse($client, $id =~ /\A[\w.-]+\z/a ? 404 : 400, 'no such stream') unless $known{$id};
		push @ids, $id unless $seen{$id}++;
	}
	return refuse($client, 400, 'one id=ID') if $event ne 'state' && @ids != 1;
	send_event($client, $event, @ids);
}

sub request {
	my ($client, $head) = @_;
	my ($line, @lines) = split /\r\n/, $head;
	my ($method, $path, $query) = ($line // '') =~ m{\A([A-Z]+) (/[!->@-~]*)(?:\?([!-~]*))? HTTP/1\.[01]\z}
		or return refuse($client, 400, 'no request of HTTP/1.1');
	my %fields;
	for (@lines) {
		my ($name, $value) = /\A([\w!#\$%&'*+.^`|~-]+):[ \t]*([^\0-\x08\x0a-\x1f\x7f]*?)[ \t]*\z/a;
		return refuse($client, 400, 'a bad header, or one twice') if !defined $name || exists $fields{lc $name};
		$fields{lc $name} = $value;
	}
	# Another name may be one of the net that leads to us: then its pages would be of our origin.
	return refuse($client, 403, 'no such host') unless ($fields{host} // '') =~ /\A(127\.0\.0\.1|localhost):$port\z/i;
	my ($event) = $path =~ m{\A/(start|stop|state)\z};
	return refuse($client, 404, 'no such page') unless $event || $files{$path} || $path =~ m{\A/(events|streams)\z};
	my $allowed = $event ? 'POST' : 'GET';
	return refuse($client, 405, "only $allowed", "Allow: $allowed") if $method ne $allowed;
	return post($client, $event, $query // '', %fields) if $event;
	return send_file($client, @{$files{$path}}) if $files{$path};
	return list_streams($client) if $path eq '/streams';
	open_stream($client, $fields{'last-event-id'} // (($query // '') =~ /\Aafter=(\d+)\z/)[0]);
}

sub drop { my $client = shift; delete $clients{fileno $client->{socket}}; close $client->{socket} }

sub must_wait { return $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR }

# After the answer the rest is read and thrown away: to close on unread bytes would cut the answer off.
sub take {
	my ($client) = @_;
	my $n = sysread $client->{socket}, my $bytes, 65536;
	return must_wait() || drop($client) unless defined $n;
	return drop($client) if $n == 0;
	return if $client->{ending} || $client->{stream};
	$client->{in} .= $bytes;
	my $end = index $client->{in}, "\r\n\r\n";
	if ($end >= 0 && $end <= HEAD_MAX) { request($client, substr $client->{in}, 0, $end) }
	elsif (length $client->{in} > HEAD_MAX) { refuse($client, 431, 'too long') }
}

sub give {
	my ($client) = @_;
	my $n = syswrite $client->{socket}, $client->{out};
	return must_wait() || drop($client) unless defined $n;
	substr $client->{out}, 0, $n, '';
	return drop($client) if length $client->{out} > OUT_MAX;
	shutdown $client->{socket}, 1 if $client->{ending} && $client->{out} eq '';
}

# The time of a client is up.
sub expire {
	my ($client) = @_;
	return drop($client) if $client->{ending} || length $client->{out} > OUT_MAX;
	return refuse($client, 408, 'too slow') unless $client->{stream};
	$client->{out} .= ":\n\n";
	$client->{until} = now() + KEEP_ALIVE;
}

sub greet {
	my $socket = shift->accept or return;
	$socket->blocking(0);
	$clients{fileno $socket} = {socket => $socket, in => '', out => '', until => now() + PATIENCE};
}

sub listen_at {
	for (1 .. PORTS) {
		my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 64,
			ReuseAddr => 1, Blocking => 0);
		return $server if $server;
		die "server.pl: port $port: $!\n" if $! != EADDRINUSE || $port == 65535;
		$port++;
	}
	die "server.pl: no port is free up to $port\n";
}

$SIG{PIPE} = 'IGNORE';
$SIG{TERM} = sub { exit };
$port //= 3000;
$port =~ /\A[1-9]\d{0,4}\z/ && $port < 65536 or die "server.pl: '$port' is no port\n";
load();
my $server = listen_at();
$| = 1;
print "http://127.0.0.1:$port/\n";
while (1) {
	my @all = values %clients;
	my $reading = IO::Select->new((@all < CLIENTS_MAX ? $server : ()), map { $_->{socket} } @all);
	my $writing = IO::Select->new(map { $_->{socket} } grep { $_->{out} ne '' } @all);
	my $until = now() + KEEP_ALIVE;
	$until = $_->{until} < $until ? $_->{until} : $until for @all;
	my $wait = $until - now();
	my ($readable, $writable) = IO::Select->select($reading, $writing, undef, $wait > 0 ? $wait : 0);
	for (@{$readable // []}) {
		if ($_ == $server) { greet($server) }
		elsif ($clients{fileno $_ // -1}) { take($clients{fileno $_}) }
	}
	for (@{$writable // []}) { give($clients{fileno $_}) if defined fileno $_ && $clients{fileno $_} }
	for (values %clients) { expire($_) if $_->{until} <= now() }
}
