#!/bin/sh
# rtmpsink: what it takes, tells and judges.
. "$(dirname "$0")/../lib.sh"
good=$top/test/fixtures/good-mp4.mp4
port=$(free_port)
url=rtmp://127.0.0.1:$port/live/x

rtmpsink -1 -o got.flv --strict "$url" >out 2>err &
pid=$!
ok "something listens" wait_for 20 listens "$port"
ffmpeg -v error -nostdin -i "$good" -c copy -f flv "$url"
wait $pid
is "one session: exit code" $? 0
is "one session: said nothing" "$(cat err)" ""
like "one session: it waits" "$(head -n 1 out)" "20*Z waits sessions 0 bytes 0 *"
like "one session: its first line" "$(grep -m 1 begins out)" \
	"20*Z begins sessions 1 bytes 0 video 0 audio 0 *"
like "one session: its last lines" "$(tail -n 2 out)" "20*Z ends sessions 1 * back 0 gaps 0 headless 0
20*Z in all sessions 1 * back 0 gaps 0 headless 0"
is "every packet, once" "$(packets got.flv | sort)" "$(packets "$good" | sort)"

# A gap is found.
ffmpeg -v error -nostdin -i "$good" -c copy -an -bsf:v 'setts=ts=if(gte(N\,5)\,TS+100000\,TS)' -f flv gap.flv
rtmpsink -1 --strict "$url" >out 2>err &
pid=$!
ok "something listens again" wait_for 20 listens "$port"
ffmpeg -v error -nostdin -i gap.flv -c copy -f flv "$url" 2>/dev/null
wait $pid
is "a gap: exit code with --strict" $? 1
like "a gap: said" "$(cat err)" "*[[]WARN] [[]rtmpsink] session 1: video packet 6 at * ms comes long after *"

# So are codecs without their headers, and time that does not go on. ffmpeg would mend that, so
# it is given bytes.
perl -e 'sub tag { my ($type, $ms, $data) = @_;
		pack("C a3 a3 x4", $type, substr(pack("N", length $data), 1), substr(pack("N", $ms), 1)) .
			$data . pack("N", 11 + length $data) }
	print "FLV\1\5\0\0\0\11\0\0\0\0", tag(9, 100, "\x17\1\0\0\0key"), tag(8, 100, "\xaf\1sound"),
		map tag(9, $_, "\x27\1\0\0\0more"), 140, 140, 120' >odd.flv
rtmpsink -1 --strict "$url" >out 2>err &
pid=$!
ok "what is odd: something listens" wait_for 20 listens "$port"
ffmpeg -v error -nostdin -f data -i odd.flv -map 0 -c copy -f data "$url"
wait $pid
is "what is odd: exit code with --strict" $? 1
is "what is odd: said" "$(sed 's/.*session/session/' err)" "session 1: video begins without its header
session 1: audio begins without its header
session 1: video packet 3 at 140 ms is not after 140 ms
session 1: video packet 4 at 120 ms is not after 140 ms"
like "what is odd: counted" "$(tail -n 1 out)" "* video 4 audio 1 dts 120 back 2 gaps 0 headless 2"

# No room for what it keeps, or prints.
rtmpsink -1 -o /dev/full "$url" >out 2>err &
pid=$!
ok "no room: something listens" wait_for 20 listens "$port"
ffmpeg -v error -nostdin -i "$good" -c copy -f flv "$url" 2>/dev/null
wait $pid
like "no room for the output" "$?:$(cat err)" "74:*ERROR*output*: No space left on device"
rtmpsink "$url" >/dev/full 2>err
like "no room for its lines" "$?:$(cat err)" "74:*ERROR*standard output: No space left on device"

# Again and again, until a signal.
rtmpsink --output all.flv "$url" >out 2>err &
pid=$!
for n in 1 2; do
	ok "session $n: something listens" wait_for 20 listens "$port"
	ffmpeg -v error -nostdin -i "$good" -c copy -f flv "$url"
	ended() { grep -q "ends sessions $n" out; }
	ok "session $n: ends" wait_for 20 ended
done
kill -TERM $pid
wait $pid
is "SIGTERM: exit code" $? 0
is "both sessions are in the file" "$(packets all.flv | wc -l)" "$(($(packets "$good" | wc -l) * 2))"

# Killed: what came is in the file.
rtmpsink -o killed.flv "$url" >out 2>err &
pid=$!
ok "to be killed: something listens" wait_for 20 listens "$port"
ffmpeg -v error -nostdin -i "$good" -c copy -f flv "$url"
ok "to be killed: the session ends" wait_for 20 grep -q "ends sessions 1" out
kill -9 $pid
wait $pid 2>/dev/null
is "killed: every packet is in the file" "$(packets killed.flv | sort)" "$(packets "$good" | sort)"

# Strangers: one who speaks something else, and one who leaves.
rtmpsink -1 -o got.flv "$url" >out 2>err &
pid=$!
for hello in 'GET / HTTP/1.0\r\n\r\n' ''; do
	ok "a stranger: something listens" wait_for 20 listens "$port"
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]") or die;
		print $s eval "\"$ARGV[1]\"";
		$s->shutdown(1);
		sysread $s, my $b, 1' "$port" "$hello"
	turned_away() { grep -q 'no publisher' err; }
	ok "a stranger: said" wait_for 20 turned_away
	: >err
done
ok "after strangers: something listens" wait_for 20 listens "$port"
ffmpeg -v error -nostdin -i "$good" -c copy -f flv "$url"
wait $pid
is "after strangers: exit code" $? 0
is "after strangers: every packet" "$(packets got.flv | sort)" "$(packets "$good" | sort)"

# A reader of its lines that has stopped does not stop it.
mkfifo full
exec 8<>full
perl -MIO::Handle -e 'open F, ">&=8";
	F->blocking(0);
	1 while syswrite F, "x" x 4096;
	1 while syswrite F, "x";
	F->blocking(1)'
rtmpsink "$url" >full 2>err &
pid=$!
wait_for 20 listens "$port"
ffmpeg -v error -nostdin -i "$good" -c copy -f flv "$url"
kill -TERM $pid
wait $pid
is "a reader that has stopped: SIGTERM ends it" $? 0
exec 8>&-

# Wrong use.
run rtmpsink http://127.0.0.1/
is "another protocol" "$rc:$out" "64:"
like "another protocol: said" "$err" "*'http://127.0.0.1/' is no rtmp:// address*"
run rtmpsink "$url" "$url"
is "two addresses" "$rc" 64
run rtmpsink -1 -o nowhere/got.flv "$url"
is "no such folder" "$rc:$out" "73:"
like "no such folder: said" "$err" "*output 'nowhere/got.flv': No such file*"
run rtmpsink -1 rtmp://192.0.2.1:1/live/x
is "an address that is not ours" "$rc:$out" "69:"
like "an address that is not ours: said" "$err" "*'rtmp://192.0.2.1:1/live/x': cannot receive: *"
run rtmpsink -h
is "-h" "$rc" 0
run rtmpsink -V
is "-V" "$rc" 0
run timeout 5 rtmpsink -v --once -o x.flv rtmp://127.0.0.1:1/x
ok "-v" [ "$rc" -ge 0 ]
finish
