#!/bin/sh
# rtmppush and a server that is not there, says nothing, or says half a word and then nothing.
. "$(dirname "$0")/../sink.sh"
clips 1
make_clip longer.mp4 8

# Nobody there; refused.
push d/1.mp4 --retries 1
is "nobody there" "$rc:$out" "69:"
like "nobody there: said, without the key" "$err" \
	"*'rtmp://127.0.0.1:$port/live/[*][*][*]': cannot be reached: *refused*giving up*"

# Stopped while it waits for a server that says nothing: nothing is tried again.
perl -MIO::Socket::INET -e '
	my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
	my $c = $l->accept;
	open my $f, ">", "came";
	sysread $c, my $b, 1 while sysread $c, my $b, 65536;' "$port" &
mute=$!
wait_for 20 listens "$port"
echo d/1.mp4 >one
rtmppush --retries 1 <one >printed 2>err &
pid=$!
came() { [ -e came ]; }
ok "mute: it connects" wait_for 20 came
kill -TERM $pid
wait $pid
is "mute: stopped" "$?:$(cat printed err)" "0:"
wait $mute

# A server that takes all, says half a word and then nothing.
word=$(free_port)
perl -MIO::Socket::INET -MIO::Select -e '
	my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
	my $c = $l->accept;
	my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[1]") or die;
	my ($all, $n, $b) = IO::Select->new($c, $s);
	while (my @r = $all->can_read) {
		for my $from (@r) {
			sysread $from, $b, 65536 or exit;
			next if $n > 20000 && $from == $s;
			syswrite $from == $c ? $s : $c, $b;
			my $had = $n;
			$n += length $b if $from == $c;
			syswrite $c, "\3" if $had <= 20000 && $n > 20000;
		}
	}' "$word" "$port" &
mine $!
sink
wait_for 20 listens "$word"
began=$(now)
echo longer.mp4 >one
RTMP_URL=rtmp://127.0.0.1:$word/live/secretkey run rtmppush --retries 1 <one
took=$(($(now) - began))
is "half a word: exit code and output" "$rc:$out" "69:"
like "half a word: said" "$err" "*the session is lost: the server has taken nothing for 10 s; giving up*"
ok "half a word: noticed in time ($took ms)" [ $took -lt 40000 ]
kill $sink
reap $sink
finish
