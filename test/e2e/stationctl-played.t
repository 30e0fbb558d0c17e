#!/bin/sh
# stationctl clean played: which clips were played, by the cursor and by the folder that they are moved to,
# and those that cannot be removed.
. "$(dirname "$0")/../control.sh"
mkdir -p var/lib/streamhub/1/player drop/day drop/_played moved/below
one_station

mkdir -p drop/day drop/_played
n=0
for clip in drop/a.mp4 drop/day/b.mp4 drop/now.mp4 drop/z.mp4 drop/notes.txt drop/_played/c.mp4 moved/d.mp4 \
	moved/notes.txt moved/below/e.mp4; do
	n=$((n + 1))
	echo clip >"$clip"
	touch -d "2026-01-01 00:00:0$n" "$clip"
done
run stationctl clean -y played 1
like "played: deleted ones are none" "$rc:$out:$err" "0::*station '1': 0 played files removed*"
printf '%s\t%s\t%s\n' "$(stat -c %.9Y drop/z.mp4 | tr -d .)" z.mp4 40 >var/lib/streamhub/1/player/cursor
run stationctl clean -y played 1
like "played: where clips are deleted, those that are there were not played" "$rc:$out:$err" \
	"0::*station '1': 0 played files removed*"
rm var/lib/streamhub/1/player/cursor
one_station AFTER_PLAY=keep
run stationctl clean -y played 1
like "played: no cursor yet" "$rc:$out:$err" "0::*station '1': 0 played files removed*"
echo noise >var/lib/streamhub/1/player/cursor
run stationctl clean -y played 1
like "played: no cursor at all" "$rc:$out:$err" "74::*cursor '$T/var/lib/streamhub/1/player/cursor':*"
printf '%s\t%s\t%s\n' "$(stat -c %.9Y drop/now.mp4 | tr -d .)" now.mp4 40 >var/lib/streamhub/1/player/cursor
run stationctl clean -y played 1
is "played: those before the cursor" "$rc:$out" "0:$T/drop/a.mp4
$T/drop/day/b.mp4"
is "played: the rest is there" "$(find drop -type f | sort | tr '\n' ' ')" \
	"drop/_played/c.mp4 drop/notes.txt drop/now.mp4 drop/z.mp4 "
one_station "AFTER_PLAY=move:$T/moved"
run stationctl clean -y played 1
is "played: moved" "$rc:$out" "0:$T/moved/d.mp4"
is "played: nothing below, and no other files" "$(find moved -type f | sort | tr '\n' ' ')" \
	"moved/below/e.mp4 moved/notes.txt "

mkdir -p drop/_gone elsewhere/x
echo clip >elsewhere/x/f.mp4
rmdir drop/_gone
ln -s ../elsewhere/x drop/_gone
one_station "AFTER_PLAY=move:$T/drop/_gone"
run stationctl clean -y played 1
like "played: a link is not followed" "$rc:$out:$err" "74::*folder '$T/drop/_gone':*"
ok "played: what it leads to is there" [ -e elsewhere/x/f.mp4 ]
rm drop/_gone
one_station "AFTER_PLAY=move:$T/drop/./"
run stationctl clean -y played 1
like "played: the drop folder itself is refused" "$rc:$out:$err" \
	"78::*AFTER_PLAY: expected another folder than WATCH_DIR"
one_station

one_station AFTER_PLAY=keep MIN_FILE_AGE=0 HOLD_NEWEST=never
echo clip >drop/a.mp4
touch -d "2026-01-01 00:00:01" drop/a.mp4
if [ "$(id -u)" -eq 0 ]; then
	chattr +i drop/a.mp4 2>/dev/null && immutable=1
fi
if [ "${immutable-}" ]; then
	run stationctl clean -y played 1
	chattr -i drop/a.mp4
	like "cannot be removed: said" "$rc:$out:$err" \
		"74::*'$T/drop/a.mp4': Operation not permitted*0 played files removed*"
else
	skip "cannot be removed: said" "needs root and chattr"
fi
run stationctl clean -y played 1
is "and when it can be, it is" "$rc:$out" "0:$T/drop/a.mp4"
echo clip >drop/a.mp4
touch -d "2026-01-01 00:00:01" drop/a.mp4
run sh -c 'stationctl clean -y played 1 >/dev/full'
like "standard output is full: removed, and said" "$rc:$err" "74:*No space left*"
finish
