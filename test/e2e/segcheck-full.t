#!/bin/sh
# segcheck -q: another file system, and a full one: a bad clip waits until there is room for it, and the fact
# says so.
. "$(dirname "$0")/../lib.sh"
good=$top/test/fixtures/good-mp4.mp4
clipped() { # NAME [SECONDS]: a truncated clip, last written so long ago
	head -c 2000 "$good" >"$1"
	touch -d "-${2:-60} seconds" "$1"
}
mkdir d
if [ "$(id -u)" -eq 0 ] && mkdir m && mount -t tmpfs -o size=64k none m 2>/dev/null; then
	cleanup_hook='umount -l "$T/m"'
	clipped d/x.mp4
	run segcheck -q m d/x.mp4
	is "-q: another file system is refused at the start" "$rc:$out:$(ls d/x.mp4)" "78::d/x.mp4"
	like "-q: another file system: said" "$err" \
		"*quarantine 'm' has to be on the file system of its parent*"
	mkdir m/d m/d/_failed
	run segcheck -q m/d/_failed -d 0 d/x.mp4
	is "a clip on another file system stays" "$rc:$(ls d/x.mp4)" "78:d/x.mp4"
	cp "$good" m/d/y.mp4
	head -c 2000 "$good" >m/d/y.mp4
	dd if=/dev/zero of=m/fill bs=1k 2>/dev/null
	mkdir -p live/s
	segcheck -s live/s -q m/d/_failed -d 0 -r 1 m/d/y.mp4 "$good" >full.out 2>full.err &
	pid=$!
	ok "a full disk: said" wait_for 20 grep -q \
		"'m/d/y.mp4' is bad, truncated.*no room for it.*No space left" full.err
	is "a full disk: it stays whole, and waits" \
		"$(wc -c <m/d/y.mp4):$(ls -A m/d/_failed):$(cat full.out)" "2000::"
	no_room="no room in 'm/d/_failed': No space left on device"
	has_no_room() { [ "$(value live/s/segcheck error)" = "$no_room" ]; }
	ok "a full disk: the fact" wait_for 20 has_no_room
	run stalecheck -N live
	like "a full disk: stalecheck" "$rc:$out" \
		"2:*s error (no room in *_failed_: No space left on device)*"
	rm m/fill
	wait $pid
	is "room again: it goes, and the next one comes" \
		"$?:$(ls m/d/_failed | tr '\n' ' '):$(cat full.out)" "1:y.mp4 y.mp4.reason :$good"
	is "room again: the fact" "$(value live/s/segcheck error)" ""
	is "room again: that was no try" "$(value m/d/_failed/y.mp4.reason tries)" 1
	is "a full disk: said once" "$(grep -c "no room" full.err)" 1
	umount -l m
	mount -t tmpfs -o size=4m,nr_inodes=12 none m
	mkdir -p m/d/_failed
	head -c 2000 "$good" >m/d/y.mp4
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		touch m/fill$n || break
	done 2>/dev/null
	segcheck -s live/s -q m/d/_failed -d 0 -r 1 m/d/y.mp4 "$good" >full.out 2>full.err &
	pid=$!
	ok "no inodes: the fact" wait_for 20 has_no_room
	run stalecheck -N live
	like "no inodes: stalecheck" "$rc:$out" "2:*s error (no room in *_failed_: No space left on device)*"
	rm m/d/y.mp4 # and what waited is taken away
	rm m/fill*
	wait $pid
	is "what waited is gone: the fact" "$(value live/s/segcheck error):$(cat full.out)" ":$good"
else
	skip "another file system, a full disk" "cannot mount a tmpfs here"
fi
finish
