#!/bin/sh
# The troubles of streamhub(7) are brought about, and what is seen is what the page says.
. "$(dirname "$0")/../stations.sh"
need_nginx
can_mount || { skip "what the view says" "$no_view"; finish; }
conf=$T/etc/streamhub/stations all=$T/run/streamhub
mkdir -p "$conf"
end_mine=$cleanup_hook # view_start has one of its own
end_all() {
	for id in "$conf"/*.conf; do
		stationctl stop "$(basename "$id" .conf)" 2>/dev/null &
		stops="$stops $!"
	done
	# shellcheck disable=SC2086 # words
	wait $stops
	eval "$end_mine"
	view_stop
}
stops=
ok "the view" view_start
cleanup_hook=end_all
record=off nginx_starts
mandoc -T utf8 -O width=1000 "$top/man/streamhub.7" | perl -pe 's/.\x08//g' >page

# own ID [LINE...]: settings with a key of its own; started ID [LINE...]: it is wanted.
own() {
	own=$1
	shift
	settings "$own" "RTMP_URL=rtmp://127.0.0.1:$port/live/$own" "$@"
}
started() {
	own "$@"
	stationctl start "$1" 2>>start.err
}
clip() { for clip; do cp "$good" "drop/$clip" || return; done; }
bad() { # FILE: whose upload broke off an hour ago
	head -c 20000 "$good" >bad.new
	touch -d '1 hour ago' bad.new
	mv bad.new "drop/$1"
}
state() { [ "$(cat "$all/stations/$1/state")" = "$2" ]; }
has() { sed "s|$T/drop/[a-z0-9]*|/srv/ftp/camera1|g" "$1" 2>&1 | grep -qF -e "$2"; }
# seen WHAT FILE TEXT: there is such a text in this file, and the page has it.
seen() {
	if wait_for 40 has "$2" "$3"; then
		result 0 "$1: $3"
	else
		result 1 "$1: $3"
		show "$(tail -n 10 "$2")"
	fi
	ok "$1: the page has it" grep -qF -e "$3" page
}
log() { seen "$1" "$all/stations/$1/log" "$2"; }
camwatch_says() { seen "$1" "$all/stations/$1/tools/camwatch" "$2"; }
# becomes ID STATE [ERROR]: and the page has both.
becomes() {
	ok "$1: state: $2" wait_for 40 state "$1" "$2"
	ok "$1: the page has the state" grep -qF "state: $2" page
	[ $# -eq 2 ] || seen "$1" "$all/stations/$1/status" "error: $3"
}

# What takes long: a server that does nothing.
perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 9, LocalAddr => "127.0.0.1");
	$| = 1; print $s->sockport, "\n"; sleep' >frozen.port &
mine $!
wait_for 10 [ -s frozen.port ]
started frozen "RTMP_URL=rtmp://127.0.0.1:$(cat frozen.port)/live/key"; clip frozen/1.mp4

own new
becomes new stopped
started quiet SILENT_AFTER=1
becomes quiet silent "the camera sends nothing"

# Clips that are there and not played.
started held HOLD_NEWEST=always; clip held/1.mp4
camwatch_says held "held: 1"
becomes held waiting
started young HOLD_NEWEST=always MIN_FILE_AGE=600; clip young/1.mp4 young/2.mp4 young/3.mp4
camwatch_says young "waiting: 2"
becomes young waiting
started future; cp "$good" f.mp4; touch -d 'next year' f.mp4; mv f.mp4 drop/future/
camwatch_says future "held: 1"
started odd; mkfifo drop/odd/f.mp4
log odd "'f.mp4': is no regular file: passed over"
camwatch_says odd "skipped: 1"

# Clips that go.
started late; clip late/2.mp4
becomes late playing
cp "$good" l.mp4; touch -d '1 hour ago' l.mp4; mv l.mp4 drop/late/1.mp4
log late "'1.mp4' is late, what comes after it is out: deleted"
camwatch_says late "late: 1"
own lag; cp "$good" l.mp4; touch -d '1 hour ago' l.mp4; mv l.mp4 drop/lag/1.mp4; clip lag/2.mp4
stationctl start lag 2>>start.err
log lag "'1.mp4' is late, too far behind the newest: deleted"
started broken; bad broken/1.mp4
ok "broken: it is put away" wait_for 30 [ -e drop/broken/_failed/1.mp4.reason ]
seen broken "$all/stations/broken/failed/1.mp4.reason" "code: truncated"
seen broken "$all/stations/broken/failed/1.mp4.reason" "reason: box 'mdat' at 5095 says 44760 bytes, 14905 are there"

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
would_restart() { orchestrate -n 2>/dev/null | grep -q '^stale.restart'; }
wait_for 30 would_restart
orchestrate -1 --budget 1 2>orchestrate.log
seen orchestrate orchestrate.log "restart, as heartbeat too old: Connection refused"
wait_for 30 state stale stale
wait_for 30 would_restart
orchestrate -1 --budget 1 2>orchestrate.log
seen orchestrate orchestrate.log "restart: too often, left alone"
own missing
mkdir -p var/lib/streamhub/missing
echo up >var/lib/streamhub/missing/desired
becomes missing stale "no heartbeat"

# Errors.
settings bad MAX_LAG=5m
becomes bad error "settings: line 5: MAX_LAG: expected seconds, 0 to 31622400"
own gone; rmdir drop/gone
stationctl start gone 2>>start.err
becomes gone error "WATCH_DIR '/srv/ftp/camera1': No such file or directory"
started killed
kill -9 "$(value run/streamhub.d/killed/camwatch pid)"
becomes killed error "camwatch was ended by signal 9"

# Folders that cannot be written to. In name spaces, or as another user, who has a root of his own.
if [ "$(id -u)" -eq 0 ]; then
	own readonly; clip readonly/1.mp4
	mkdir drop/readonly/_failed
	unshare -m sh -c "mount --bind drop/readonly drop/readonly && mount -o remount,ro,bind drop/readonly &&
		stationctl start readonly" 2>>start.err
	log readonly "'/srv/ftp/camera1/1.mp4' was played, but not deleted: Read-only file system"
	own nofailed; bad nofailed/1.mp4
	unshare -m sh -c "mount --bind drop/nofailed drop/nofailed && mount -o remount,ro,bind drop/nofailed &&
		stationctl start nofailed" 2>>start.err
	becomes nofailed error "segcheck ended with exit code 66"
	log nofailed "quarantine '/srv/ftp/camera1/_failed': Read-only file system"

	chmod 755 .
	other=$T/other
	mkdir -p "$other/etc/streamhub/stations" "$other/run" "$other/var" drop/denied drop/closed
	chmod 700 drop/closed
	for id in denied closed; do
		sed "s|drop/new|drop/$id|" "$conf/new.conf" >"$other/etc/streamhub/stations/$id.conf"
	done
	chown -R nobody "$other"
	chmod 600 "$other"/etc/streamhub/stations/*
	mkdir tools # where nobody can get at them
	for tool in stationctl stationrun camwatch segcheck rtmppush hbwrite; do
		cp "$plain/$tool" tools
	done
	as_nobody() { STREAMHUB_ROOT=$other PATH=$T/tools:$PATH setpriv --reuid nobody --regid nogroup --clear-groups "$@"; }
	as_nobody stationctl start denied closed 2>>start.err
	bad denied/1.mp4
	seen denied "$other/var/lib/streamhub/denied/log" "quarantine '/srv/ftp/camera1/_failed': Permission denied"
	seen closed "$other/var/lib/streamhub/closed/log" "WATCH_DIR '/srv/ftp/camera1': Permission denied"
	as_nobody stationctl stop denied closed 2>>start.err

	own full; clip full/1.mp4
	mkdir -p run/streamhub.d/full
	# Its facts are seen there alone, so it is stopped there.
	timeout 60 unshare -m sh -c "mount -t tmpfs -o size=8k none run/streamhub.d/full && stationctl start full
		until ! echo >>run/streamhub.d/full/fill; do :; done
		until grep 'fact .rtmppush.*No space' var/lib/streamhub/full/log; do sleep .1; done
		rm run/streamhub.d/full/fill
		stationctl stop full" >/dev/null 2>>start.err
	log full "fact 'rtmppush': No space left on device"
else
	skip "folders that cannot be written to" "needs root"
fi

started lost; clip lost/1.mp4 lost/2.mp4 lost/3.mp4
becomes lost playing
kill -9 "$server"
seen lost "$all/stations/lost/status" "error: the server has closed the connection"

# The view itself.
keeper=$(pgrep -P "$view")
kill -9 "$keeper" "$view"
wait_for 10 [ ! -e "$all/version" ]
ls "$all" 2>dead
seen "the view" dead "Transport endpoint is not connected"
ok "the view again" view_start
cleanup_hook=end_all
seen "the view" .view "removed the mount of one that died"
view_stop
is "the view has ended" "$(ls "$all")" ""
finish
