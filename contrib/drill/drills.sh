# shellcheck shell=sh disable=SC2154,SC2034
# drills.sh: the drills of streamhub-drill, which sources this. Each breaks the scratch station that
# "begin" starts, says what it saw and what was wrong, and has the camera send clips 1 to 4; clip 4 is sent
# for those that have not. What cannot be done here sets $why.

# The drills, in the order in which they are run; what NAME does is in drill_NAME, with _ for -.
table='kill-camwatch    kill -9 of camwatch in the middle of clip 2
kill-segunpack   kill -9 of segunpack in the middle of clip 2; clip 3 comes in an archive
kill-segcheck    kill -9 of segcheck in the middle of clip 2
kill-rtmppush    kill -9 of rtmppush in the middle of clip 2
kill-segpack     kill -9 of segpack in the middle of clip 2
kill-hbwrite     kill -9 of hbwrite in the middle of clip 2
kill-supervisor  kill -9 of stationrun in the middle of clip 2; orchestrate looks after it
view-killed      kill -9 of streamhubfs in the middle of clip 2, and start it again
server-gone      kill -9 of the server in the middle of clip 2; it is back after 3 s
server-frozen    the server stands still from clip 2 on, until rtmppush has noticed
disk-full        no byte is left for facts, cursor and log from clip 2 on, until clip 3 plays
drop-full        no byte is left in the drop folder while a broken clip must be put away
clock-jump       the clock jumps a day ahead in clip 2, and back after clip 3
half-upload      clip 3 is written in two halves; the upload of clip 4 breaks off and is repeated
hostile-upload   links, FIFO, device, bad names, 1 TB of nothing, playlist, noise, archive bomb
overflow         the queue of inotify overflows while camwatch stands still
reboot           all is killed at once and /run emptied, as at a boot, and orchestrate started'

# kill_tool FACT: who wrote it.
kill_tool() { kill -9 "$(fact "$1" pid)" || wrong "$1 does not run"; }
# drill_kill FACT [LINE...]
drill_kill() {
	killed=$1
	shift
	begin "$@"
	kill_tool "$killed"
	camera 3
	again "all run again" restarted
}
drill_kill_camwatch() { drill_kill camwatch; }
drill_kill_segcheck() { drill_kill segcheck; }
drill_kill_rtmppush() { drill_kill rtmppush; }
drill_kill_hbwrite() { drill_kill heartbeat; }

drill_kill_segunpack() {
	begin UNPACK=yes
	kill_tool segunpack
	make_clip 3
	tar -czf "$drop/3.tgz" -C "$dir" 3.flv
	again "all run again" restarted
}

drill_kill_segpack() {
	mkdir -p "$dir/kept"
	drill_kill segpack "AFTER_PLAY=archive:$dir/kept"
	camera 4
	expect 60 "all clips are packed" none_waits
	saw "$(cat "$dir"/kept/*/*.index | wc -l) packed"
	[ "$(cut -f 1 "$dir"/kept/*/*.index | sort -u | wc -l)" -eq 4 ] || wrong "not all 4 are packed"
}

drill_kill_supervisor() {
	begin
	helper orchestrate 2>"$dir/orchestrate"
	supervisor=$(fact stationrun pid)
	kill_tool stationrun
	camera 3
	again "another stationrun" another_runs
}
another_runs() { says stationrun state running && not says stationrun pid "$supervisor"; }

view_starts() {
	helper streamhubfs "$STREAMHUB_ROOT/run/streamhub" 2>"$dir/view"
	view=$helper
	wait_for 5 [ -e "$STREAMHUB_ROOT/run/streamhub/version" ]
}
drill_view_killed() {
	mkdir -p "$STREAMHUB_ROOT/run/streamhub"
	if [ ! -w /dev/fuse ] || { [ "$(id -u)" -ne 0 ] && ! command -v fusermount3 >/dev/null; }; then
		why="needs FUSE, and the right to mount"
		return
	fi
	view_starts || wrong "no view: $(tail -n 1 "$dir/view")"
	begin
	kill -9 "$view"
	wait "$view" 2>/dev/null
	camera 3
	view_starts || wrong "the view does not come back: $(tail -n 1 "$dir/view")"
	saw "the view is back after $(seconds $(($(now) - fault))) s"
	expect 10 "the view shows it playing" grep -qs '^state: playing' "$STREAMHUB_ROOT/run/streamhub/stations/1/status"
	undisturbed
}

drill_server_gone() {
	begin
	kill -9 "$server"
	wait "$server" 2>/dev/null
	camera 3
	sleep 3
	server_starts
	again "it is called" grep -q begins "$server_log"
}

drill_server_frozen() {
	filler=200000 # more than the kernel holds for who does not read
	begin
	kill -STOP "$server"
	camera 3
	expect 60 "rtmppush notices" says rtmppush stream disconnected
	saw "noticed after $(seconds $(($(now) - fault))) s"
	kill -CONT "$server"
	again "connected" says rtmppush stream connected
	undisturbed
}

# small_disk FOLDER: it gets a disk of its own.
small_disk() {
	mkdir -p "$1"
	if mount -t tmpfs -o size=1m drill "$1" 2>/dev/null; then disks="$disks $1"; else why="needs the right to mount"; fi
}
# fill FOLDER...: to the last byte, also what becomes free again. make_room: in all of them.
fill() {
	: >"$dir/full"
	# shellcheck disable=SC2016 # for the inner shell
	helper sh -c 'while [ -e "$0" ]; do for d; do cat /dev/zero >>"$d/fill"; done; sleep .02; done
		for d; do rm "$d/fill"; done' "$dir/full" "$@" 2>/dev/null
	for folder; do expect 10 "it is full" is_full "$folder"; done
}
is_full() { [ "$(df --output=avail "$1" | tail -n 1)" -eq 0 ]; }
make_room() {
	rm "$dir/full"
	wait "$helper"
}

drill_disk_full() {
	small_disk "$STREAMHUB_ROOT/var"
	small_disk "$STREAMHUB_ROOT/run"
	[ -z "$why" ] || return
	begin
	fill "$STREAMHUB_ROOT/var" "$STREAMHUB_ROOT/run"
	camera 3
	expect 30 "clip 3 plays" arrives 3
	saw "the cursor stood at $(cursor)"
	[ "$(cursor)" != 3.flv ] || wrong "the cursor was written all the same"
	make_room
	camera 4
	expect 30 "the cursor goes on" cursor_is 4.flv
}

drill_drop_full() {
	small_disk "$drop"
	[ -z "$why" ] || return
	begin
	make_clip 3
	cp "$dir/3.flv" "$drop"
	head -c 2000 "$dir/1.flv" >"$drop/broken.flv"
	fill "$drop"
	expect 30 "that it cannot be put away is said" said "broken.flv.*No space left"
	expect 30 "clip 3 plays" arrives 3
	make_room
	[ "$(wc -c <"$drop/broken.flv")" -eq 2000 ] || wrong "the broken clip is not what it was"
	saw "the broken clip is named and left where it was"
	rm "$drop/broken.flv"
	undisturbed
}

drill_clock_jump() {
	# shellcheck disable=SC2016 # for the inner shell
	preload=$(faketime -f +0 sh -c 'echo "$LD_PRELOAD"' 2>/dev/null) || {
		why="needs faketime"
		return
	}
	echo +0 >"$dir/clock"
	export FAKETIME_TIMESTAMP_FILE="$dir/clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1
	export LD_PRELOAD="$preload"
	begin
	unset LD_PRELOAD
	echo +1d >"$dir/clock"
	make_clip 3
	touch -d 'now + 1 day' "$dir/3.flv"
	cp -p "$dir/3.flv" "$drop"
	expect 30 "clip 3 plays" arrives 3
	fact rtmppush time | grep -q "^$(date -u -d 'now + 1 day' +%F)" || wrong "the clock has not jumped"
	stationctl status 1 >/dev/null || wrong "it counts as unwell"
	echo +0 >"$dir/clock"
	camera 4
	expect 30 "clip 4 plays" arrives 4
	saw "clips 3 and 4 play, whatever the clock says"
	undisturbed
}

drill_half_upload() {
	begin
	make_clip 3
	make_clip 4
	half=$(($(wc -c <"$dir/3.flv") / 2))
	{
		head -c $half "$dir/3.flv"
		head -c $half "$dir/4.flv" >"$drop/4.flv"
		sleep 3
		tail -c "+$((half + 1))" "$dir/3.flv"
	} >"$drop/3.flv"
	expect 30 "what broke off is put away" put_away 1
	saw "put away: $(reasons)"
	cp "$dir/4.flv" "$drop"
	undisturbed
}

drill_hostile_upload() {
	begin UNPACK=yes
	lines='two
lines.flv'
	escape=$(printf '\033[2J.flv')
	cp "$dir/1.flv" "$drop/$lines"
	cp "$dir/1.flv" "$drop/$escape"
	mkfifo "$drop/fifo.mp4"
	ln -s /etc/passwd "$drop/link.mp4"
	ln -s "$dir/1.flv" "$drop/link.flv"
	names=5
	mknod "$drop/device.mp4" c 1 5 2>/dev/null && names=6
	truncate -s 1T "$drop/nothing.mp4"
	printf '#EXTM3U\n#EXTINF:9,\n/etc/passwd\n' >"$drop/playlist.mp4"
	head -c 100000 /dev/urandom >"$drop/noise.mp4"
	head -c 64000000 /dev/zero >"$dir/zeros.mp4"
	tar -czf "$drop/bomb.tgz" -C "$dir" zeros.mp4
	make_clip 3
	cp "$dir/3.flv" "$drop/-rf \$(reboot)\`halt\` \"%s\".flv"
	expect 60 "4 files are put away" put_away 4
	expect 20 "$names names are passed over" passed_over $names
	saw "put away: $(reasons); $names names passed over"
	undisturbed
	rm "$drop/$lines" "$drop/$escape"
}

passed_over() { [ "$(sed -n "s/.*\[camwatch] \('.*'\): .* passed over$/\1/p" "$STREAMHUB_ROOT/var/lib/streamhub/1/log" | sort -u | wc -l)" -eq "$1" ]; }

drill_overflow() {
	begin
	most=$(cat /proc/sys/fs/inotify/max_queued_events)
	camwatch=$(fact camwatch pid)
	kill -STOP "$camwatch"
	: >"$drop/a.part"
	perl -e 'chdir shift or die; for (0 .. shift) { rename "a.part", "b.part"; rename "b.part", "a.part" }' "$drop" "$most"
	camera 3
	rm "$drop/a.part"
	kill -CONT "$camwatch"
	expect 30 "clip 3 plays" arrives 3
	expect 20 "camwatch tells of it" says camwatch overflows 1
	saw "a name changed $((most * 2)) times, the queue holds $most"
	undisturbed
}

drill_reboot() {
	begin
	# shellcheck disable=SC2046 # words
	kill -9 $(left | grep -vx "$server") 2>/dev/null # the tools go when stationrun has gone
	rm -rf "$STREAMHUB_ROOT/run"
	camera 3
	expect 10 "all have ended" left_is "$server"
	helper orchestrate 2>"$dir/orchestrate"
	again "the station runs" says stationrun state running
	saw "a real boot, in a container, is in make check-system"
}
