#!/bin/sh
# The troubles of streamhub(7): clips that are there and not played, clips that go, and a camera that sends
# nothing.
. "$(dirname "$0")/../troubles.sh"
own new
becomes new stopped
# Stopped, and its settings removed: it is there no more, though its heartbeat is.
started removed; stationctl stop removed 2>>start.err
ok "stopped: it is listed" [ -e "$all/stations/removed" ]
rm "$conf/removed.conf"
has_left() { [ ! -e "$all/stations/removed" ] && [ -z "$(find "$all/stations" -name removed)" ]; }
ok "removed: it leaves the view" wait_for 10 has_left
is "removed: it leaves the list" "$(stationctl list | grep -c ^removed)" 0
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
seen broken "$all/stations/broken/failed/1.mp4.reason" \
	"reason: box 'mdat' at 5095 says 44760 bytes, 14905 are there"
finish
