#!/bin/sh
# A station that keeps or moves what it has played: nothing of that is lost at the next start, and a
# second clip of the same name finds a place.
. "$(dirname "$0")/../stations.sh"
need_nginx
record=off nginx_starts || exit 99
on_air() { [ "$(grep -c 'was on the air' "var/lib/streamhub/$1/log")" -ge "$2" ]; }
# shellcheck disable=SC2034 # lib.sh evaluates it
end_mine=$cleanup_hook
cleanup_hook='stationctl stop keep move 2>/dev/null; eval "$end_mine"'
station keep AFTER_PLAY=keep
mkdir moved
station move "AFTER_PLAY=move:$T/moved"
mkdir drop/move/13 drop/move/14
stationctl start keep move 2>start.err
# clips N: one of 5 seconds in each folder.
clips() {
	for folder in drop/keep drop/move/13 drop/move/14; do
		cp "$good" "$folder/.new"
		mv "$folder/.new" "$folder/$1.mp4"
	done
}
clips 1
ok "keep: the first is played" wait_for 30 on_air keep 1
ok "move: both of the same name are played" wait_for 40 on_air move 2
is "move: both are kept" "$(ls moved | tr '\n' ' ')" "1.1.mp4 1.mp4 "
clips 2
ok "keep: the second is played" wait_for 30 on_air keep 2
ok "move: both are played" wait_for 40 on_air move 4
run stationctl restart keep move
is "restarted" "$rc" 0
clips 3
ok "keep: the third is played" wait_for 30 on_air keep 3
ok "move: the third is played" wait_for 40 on_air move 6
is "keep: all are there" "$(cd drop/keep && ls -- *.mp4 | tr '\n' ' ')" "1.mp4 2.mp4 3.mp4 "
is "move: all are there" "$(ls moved | tr '\n' ' '):$(find drop/move -type f)" \
	"1.1.mp4 1.mp4 2.1.mp4 2.mp4 3.1.mp4 3.mp4 :"
is "none was deleted" "$(grep -c deleted var/lib/streamhub/*/log)" "var/lib/streamhub/keep/log:0
var/lib/streamhub/move/log:0"
run stationctl status keep move
like "both are well" "$rc:$out" "0:*keep*move*"
is "unit: nothing deletes" "$(stationctl unit keep | grep -Fxc 'Environment="STREAMHUB_MORE=-L keep"')" 2
finish
