#!/bin/sh
# stationctl unit: the paths that the services of a station may write to, and what it says of a move that
# cannot be.
. "$(dirname "$0")/../control.sh"

# unit: paths as systemd takes them; what it says of a move that cannot be.
one_station 'AFTER_PLAY=move:/mnt/x' 'WATCH_DIR="/srv/a b%c\\d"'
run stationctl unit 1
is "unit: a path with odd characters" \
	"$rc:$(printf "%s\n" "$out" | grep -Fxc 'ReadWritePaths="-/srv/a b%%c\\d"')" 0:3
like "unit: no common folder" "$err" "*WARN*station '1': nothing can be moved to '/mnt/x'*"
is "unit: nothing else is said" "$(printf '%s\n' "$err" | wc -l)" 1
one_station WATCH_DIR=/var/tmp/drop MIN_FILE_AGE=0
run stationctl unit 1
like "unit: WATCH_DIR in /tmp" "$rc:$err" "0:*WARN*cannot see WATCH_DIR '/var/tmp/drop'*"
is "unit: MIN_FILE_AGE=0: a service sees who is still writing" \
	"$(echo "$err" | grep -c MIN_FILE_AGE):$(echo "$out" | grep -c PrivateUsers)" 0:0
one_station "AFTER_PLAY=move:$T/moved"
run stationctl unit 1
is "unit: one folder for both, for the player" \
	"$(echo "$out" | grep -Fxc "ReadWritePaths=\"-$T\""):$(echo "$out" |
		grep -Fxc "ReadWritePaths=\"-$T/drop\"")" 1:2
one_station "AFTER_PLAY=move:$T/drop/_played" "WATCH_DIR=$T/drop" LATE=delete
run stationctl unit 1
is "unit: moved within the drop folder, which the player writes anyhow" \
	"$rc:$(echo "$out" | grep -Fxc "ReadWritePaths=\"-$T/drop\"")" 0:3
like "unit: moved within the drop folder: nothing is said of it" "$(echo "$err" | grep -c 'may write')" 0
one_station "AFTER_PLAY=move:$T/far/moved" "WATCH_DIR=$T/near/drop"
run stationctl unit 1
like "unit: moved from folder to folder: what both are in" "$rc:$err:$out" \
	"0:*WARN*to move clips to '$T/far/moved', rtmppush may write all of '$T'*:*ReadWritePaths=\"-$T\"*"
for after in keep:0 delete:1 "move:$T/moved:1"; do
	one_station "AFTER_PLAY=${after%:*}" LATE=keep
	run stationctl unit 1
	is "unit: camwatch writes where killed tools leave something to put back: $after" \
		"$(echo "$out" | sed -n '/camwatch@1/,/segcheck@1/p' |
			grep -Fxc "ReadWritePaths=\"-$T/drop\"")" "${after##*:}"
done
run env SERVICE_USER=cam SERVICE_PREFIX=x stationctl unit 1
is "unit: another user and prefix" \
	"$(echo "$out" | grep -c '^User=cam$'):$(echo "$out" | grep -c '^PartOf=x@1.target$'):$(echo "$out" |
		grep -c '^WantedBy=x.target$')" 8:8:1
for bad in SERVICE_USER=../x "SERVICE_PREFIX=a b" SERVICE_PREFIX=-x; do
	run env "$bad" stationctl unit 1
	like "unit: refused: $bad" "$rc:$err" "64:*is no plain name*"
done
one_station AFTER_PLAY=keep MIN_FILE_AGE=0 HOLD_NEWEST=never
finish
