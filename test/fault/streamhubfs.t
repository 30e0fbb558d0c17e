#!/bin/sh
# streamhubfs: however it ends, the next one can be mounted in its place and shows what is.
. "$(dirname "$0")/every.sh"
if ! can_mount; then
	skip "streamhubfs at each call" "$no_view"
	finish
fi
live=run/streamhub.d
mkdir -p $live/1 etc/streamhub/stations drop/_failed run/streamhub var/lib/streamhub/1
chmod 755 .
echo "WATCH_DIR=$T/drop" >etc/streamhub/stations/1.conf
echo bad >drop/_failed/1.mp4
v=run/streamhub
cp "$plain/streamhubfs" . # to be told from others
prepare() {
	(fact_head && printf 'waiting: 0\nquiet: 1\n') >$live/1/camwatch
	heartbeat >$live/1/heartbeat
}
gone() { ! kill -0 "$view" 2>/dev/null; }
# Mounts, reads what there is, and is told to end.
act() {
	"$@" "$T/streamhubfs" &
	view=$!
	until timeout 5 test -e $v/version || gone; do :; done
	timeout 5 find $v -type f -exec cat {} + >/dev/null 2>&1
	tool=$(pgrep -of "^$T/streamhubfs\$")
	[ -z "$tool" ] || kill -TERM "$tool"
	wait $view
}
amiss() {
	view_start || echo "again: $(cat .view); "
	[ "$(timeout 20 cat $v/stations/1/state)" = waiting ] || echo "state: $(cat $v/stations/1/state); "
	[ "$(timeout 20 cat $v/stations/1/failed/1.mp4)" = bad ] || echo "no quarantine; "
	view_stop || echo "again: exit code $?; "
	! grep -q " $T/run/streamhub " /proc/self/mountinfo || echo "still mounted; "
}
every "streamhubfs" 60
finish
