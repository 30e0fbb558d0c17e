#!/bin/sh
# The troubles of streamhub(7): a view that was killed.
. "$(dirname "$0")/../troubles.sh"
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
