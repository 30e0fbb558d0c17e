#!/bin/sh
# make run: its server ends, it is killed and started again, its port is somebody else's, and there is no way
# to mount the view.
. "$(dirname "$0")/../demo.sh"

# Its server ends: said, and the end.
demo_starts
kill "$(pgrep -P $demo rtmpsink)"
wait $demo
like "the server has ended: said" "$?:$(cat demo.err)" "1:*the server has ended: *"

# Killed, and started again; while the usual port is somebody else's; with no way to mount.
demo_starts
demo_port >port
left=$(pgrep -P $demo rtmpsink)
kill -9 $demo
wait $demo 2>/dev/null
all_gone() { for pid in $left; do ! kill -0 "$pid" 2>/dev/null || return; done; }
ok "killed: its server goes with it" wait_for 10 all_gone
perl -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
	sleep 600' "$(cat port)" &
squatter=$!
mine $squatter
ok "somebody else has the port" wait_for 10 listens "$(cat port)"
mkdir bin
printf '#!/bin/sh\necho "fuse: device not found" >&2\nexit 69\n' >bin/streamhubfs
chmod +x bin/streamhubfs
for tool in "$BIN"/*; do
	[ -d "$tool" ] || [ -e "bin/${tool##*/}" ] || ln -s "$tool" bin/
done
BUILD=$T/bin
ok "killed: it starts again" demo_starts
like "without FUSE: said" "$(cat demo.out)" "*no view, as FUSE is not permitted here: fuse: device not found*"
ok "without FUSE: a line of the status" wait_for 20 grep -q 'Demo (1) running pid' demo.out
ok "the server has another port" [ "$(demo_port)" -ne "$(cat port)" ]
demo_ends TERM
is "SIGTERM ends it" "$rc" 0
kill $squatter
reap $squatter
BUILD=$BIN
ok "nothing is left of both" wait_for 10 nothing_left

# Two that start at once: each has a server of its own.
STREAMHUB_ROOT=$T/other env --default-signal=INT "$top/contrib/demo" >other.out 2>other.err &
other=$!
mine $other
ok "two at once: the one starts" demo_starts
ok "two at once: the other, too" wait_for 30 grep -qs "Ctrl-C ends it" other.out
port_of() { sed -n 's/^RTMP_URL=//p' "$1/etc/streamhub/stations/1.conf"; }
ok "two at once: at another port" [ "$(port_of demo)" != "$(port_of other)" ]
has_played() { [ "$(value "$1/run/streamhub.d/1/rtmppush" played)" -ge 1 ] 2>/dev/null; }
ok "two at once: the one plays" wait_for 60 has_played demo
ok "two at once: the other plays" wait_for 60 has_played other
demo_ends INT
kill -INT $other
reap $other
is "two at once: both end well" "$rc:$?:$(grep -v INFO other.err)" 0:0:
finish
