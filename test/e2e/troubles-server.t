#!/bin/sh
# The troubles of streamhub(7): servers that refuse, freeze or hang up; and what is stale, and when it is
# restarted.
# Takes long.
. "$(dirname "$0")/../troubles.sh"
# What takes long: a server that does nothing.
perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 9, LocalAddr => "127.0.0.1");
	$| = 1; print $s->sockport, "\n"; sleep' >frozen.port &
mine $!
wait_for 10 [ -s frozen.port ]
started frozen "RTMP_URL=rtmp://127.0.0.1:$(cat frozen.port)/live/key"; clip frozen/1.mp4

# The server.
started refused RTMP_URL=rtmp://127.0.0.1:1/live/key; clip refused/1.mp4
becomes refused reconnecting "Connection refused"
started nobody RTMP_URL=rtmp://no.such.host.invalid/live/key; clip nobody/1.mp4
becomes nobody reconnecting "no address is known for"
started unknown "RTMP_URL=rtmp://127.0.0.1:$port/nosuch/key"; clip unknown/1.mp4
becomes unknown reconnecting "the server hung up without a reason: it may refuse the key"
started first; clip first/1.mp4 first/2.mp4
becomes first playing
started second "RTMP_URL=rtmp://127.0.0.1:$port/live/first"; clip second/1.mp4
becomes second reconnecting "the server says: Already publishing"
becomes frozen reconnecting "the server has not answered for 10 s"

# Stale, and what is done about it.
started stale RTMP_URL=rtmp://127.0.0.1:1/live/key STALE_AFTER=1; clip stale/1.mp4 stale/2.mp4
becomes stale stale "heartbeat too old: Connection refused"
like "a server that is away: no restart" "$(orchestrate -n 2>/dev/null | grep '^stale')" "stale	keep	*"
started hung STALE_AFTER=1; clip hung/1.mp4 hung/2.mp4 hung/3.mp4 hung/4.mp4
would_restart() { orchestrate -n 2>/dev/null | grep -q '^hung.restart'; }
hangs() { # the player, in the middle of a clip
	wait_for 30 state hung playing
	kill -STOP "$(value run/streamhub.d/hung/rtmppush pid)"
	becomes hung stale "heartbeat too old"
	wait_for 30 would_restart
}
hangs
orchestrate -1 --budget 1 2>orchestrate.log
seen orchestrate orchestrate.log "restart, as heartbeat too old"
hangs
orchestrate -1 --budget 1 2>orchestrate.log
seen orchestrate orchestrate.log "restart: too often, left alone"
own missing
mkdir -p var/lib/streamhub/missing
echo up >var/lib/streamhub/missing/desired
becomes missing stale "no heartbeat"

started lost; clip lost/1.mp4 lost/2.mp4 lost/3.mp4
becomes lost playing
kill -9 "$server"
seen lost "$all/stations/lost/status" "error: the server has closed the connection"
finish
