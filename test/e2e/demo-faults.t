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
finish
