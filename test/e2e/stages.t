#!/bin/sh
# stages: the units run what the table of stages says, with the defaults of the settings.
. "$(dirname "$0")/../lib.sh"
units=$top/contrib/systemd
mkdir -p etc/streamhub/stations drop store
stationctl new default >/dev/null 2>&1
template=$T/etc/streamhub/stations/default.conf

# command_of TOOL ID: what its unit would run for the station, where systemd's words stand for its folders.
# shellcheck disable=SC1090,SC2034 # the settings are such a file; the line names what is set
command_of() {
	(
		sed -n 's/^Environment=//p' "$units/$1@.service" | tr ' ' '\n' >defaults
		. ./defaults
		. "$T/etc/streamhub/stations/$2.conf"
		STREAMHUB_STORE=$T/store
		S=$T/var/lib t=$T/run i=$2
		sed -n '/^ExecStart=/{s///;:a;/\\$/{N;s/\\\n//;ba};p}' "$units/$1@.service" |
			sed -e 's|%S|$S|g; s|%t|$t|g; s|%i|$i|g; s| -u %d/settings||; s| \$STREAMHUB_MORE||' \
				-e 's/[[:space:]]\{1,\}/ /g' >line
		eval "echo \"$(cat line)\""
	)
}

printf '%s\n' "WATCH_DIR=$T/drop" RTMP_URL=rtmp://127.0.0.1/live/x MIN_FILE_AGE=1 SCAN_INTERVAL=2 \
	HOLD_NEWEST=3 MAX_LAG=4 MAX_CLIP=5 PROFILE=any MAX_RETRIES=6 RETRY_AFTER=7 \
	STAMPS=continue IDLE=/a.mp4 AUDIO=keep CATCH_UP=1 \
	UNPACK=yes >etc/streamhub/stations/a.conf
{
	cat etc/streamhub/stations/a.conf
	echo "AFTER_PLAY=archive:$T/store"
} >etc/streamhub/stations/b.conf
printf '%s\n' "WATCH_DIR=$T/drop" SOURCE_URL=rtsp://127.0.0.1/x SEGMENT_TIME=8 KEEP_FOR=9 KEEP_BYTES=10 \
	>etc/streamhub/stations/c.conf
printf '%s\n' "PLAYLIST=$T/l.m3u" RTMP_URL=rtmp://127.0.0.1/live/x TZ=Europe/Madrid \
	>etc/streamhub/stations/d.conf
sed "s|/l.m3u|/100%\\\\\\\\ \$l.m3u|" etc/streamhub/stations/d.conf >etc/streamhub/stations/e.conf
for id in a b c d e; do
	run stationrun -n $id
	is "stationrun -n $id" "$rc:$err" 0:
	sed 's/^[[:space:]]*//; s/^[A-Z]*_URL=\*\*\* //; s/ |$//' .out >$id.commands
done
is "a source that is recorded only" "$(cut -d ' ' -f 1 c.commands | tr '\n' ' ')" "segcut hbwrite "
for unit in "$units"/*@.service; do
	tool=$(basename "$unit" @.service)
	grep -q '^ExecStart=' "$unit" && grep -q '^PartOf=streamhub@' "$unit" || continue
	id=a
	[ "$tool" != segpack ] || id=b
	[ "$tool" != segcut ] || id=c
	[ "$tool" != playlist ] || id=d
	is "$tool: its unit runs what stationrun runs" "$(command_of "$tool" $id)" \
		"$(grep "^$tool " $id.commands)"
	is "$tool: its unit's defaults are the settings'" \
		"$(sed -n 's/^Environment=//p' "$unit" | tr ' ' '\n' | grep -v '^STREAMHUB_' |
			while read -r line; do
				grep -qx "#$line" "$template" || echo "$line"
			done)" ""
	is "$tool: its unit knows what it uses" \
		"$(grep -o '\${[A-Z_]*}' "$unit" | sort -u | tr -d '${}' | while read -r key; do
			grep -q "^Environment=.*\<$key=" "$unit" || grep -q "^$key=" "$template" ||
				[ "$key" = STREAMHUB_STORE ] || echo "$key"
		done)" ""
done
# Of a list nothing is moved, and each unit has a command of its own, with systemd's quotes.
is "a list" "$(cut -d ' ' -f 1 d.commands | tr '\n' ' ')" "playlist segcheck rtmppush hbwrite "
run stationctl unit e
is "its units run what stationrun runs" "$(echo "$out" | sed -n 's/^ExecStart=\(..*\)/\1/p' |
	sed 's| -u %d/settings||; s/"\([^"]*\)"/\1/g; s/%%/%/g; s/\$\$/$/g; s/\\\\/\\/g')" \
	"$(sed "s/'//g" e.commands | grep -v ^hbwrite)"
is "none of them may write where clips are" "$(echo "$out" | grep ReadWrite)" ""

# All of them end together: each is part of all others, and none runs beside a halt.
stages=$(cut -d ' ' -f 1 b.commands c.commands d.commands | sort -u)
halting='/^ExecStopPost=.*case/{s/.* in \([0-9:*|]*\)) to=halt@.*/\1/;s/:[*]//g;p}'
for unit in "$units"/*@.service "$units"/*@.socket; do
	name=$(basename "$unit") tool=$(basename "$unit" | sed 's/@.*//')
	others=$(sed -n 's/^PartOf=//p' "$unit" | tr ' ' '\n' | sed -n 's/@%i.service//p' | sort)
	[ -n "$others" ] || continue
	[ "$name" != "$tool@.service" ] || others=$(printf '%s\n%s' "$others" "$tool" | sort)
	is "$name is part of all stages" "$others" "$stages"
	[ "$name" = "$tool@.socket" ] ||
		is "$name halts the station when it must not be started again" \
			"$(sed -n "$halting" "$unit" | tr '|' ' ')" \
			"$(sed -n 's/^RestartPreventExitStatus=//p' "$unit")"
done
for unit in streamhub-halt@.target streamhub-again@.service; do
	is "$unit stops all stages" \
		"$(sed -n 's/^Conflicts=//p' "$units/$unit" | tr ' ' '\n' | sed 's/@.*//' | sort)" "$stages"
done
is "which have ended before all is started again" \
	"$(sed -n 's/^After=//p' "$units/streamhub-again@.service")" \
	"$(sed -n 's/^Conflicts=//p' "$units/streamhub-again@.service")"
is "what is started again is what a station's target starts" "$(grep ^Wants= "$units/streamhub-go@.target")" \
	"$(grep ^Wants= "$units/streamhub@.target")"
is "which is all stages" \
	"$(sed -n 's/^Wants=//p' "$units/streamhub@.target" | tr ' ' '\n' | sed 's/@.*//' | sort)" "$stages"
is "each stage has a unit" "$(echo "$stages" | while read -r tool; do
	[ -e "$units/$tool@.service" ] || echo "$tool"; done)" ""
finish
