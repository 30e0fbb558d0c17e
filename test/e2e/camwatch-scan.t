#!/bin/sh
# camwatch where events are lost: its queue overflows, there are no watches left, or the file system tells
# nothing. It scans.
. "$(dirname "$0")/../camera.sh"
# Overflow of the kernel's queue, while the process is stopped.
start -a 0 -n never -i 3600
kill -STOP $pid
limit=$(cat /proc/sys/fs/inotify/max_queued_events)
perl -e 'for (1 .. shift) { open F, ">", "d/$_.mp4"; print F "x"; close F }' $((limit + 100))
kill -CONT $pid
all() { [ "$(wc -l <out)" -ge $((limit + 100)) ]; }
ok "overflow: every file is printed" wait_for 60 all
is "overflow: once" "$(sort out | uniq -d | wc -l)" 0
ok "overflow: in order" sh -c 'tr -cd "0-9\n" <out | sort -nc'
ok "overflow: counted" wait_for 10 fact overflows 1
stop
like "overflow: said" "$(cat err)" "*the queue of events overflowed: reading all again*"

# Where inotify has no watches or instances left, in a user namespace of its own: it scans.
for limit in watches instances; do
	rm -rf d && mkdir d
	unshare -Ur sh -c "echo 0 >/proc/sys/user/max_inotify_$limit" 2>/dev/null || {
		skip "the limit of $limit" "needs user namespaces with limits of their own"
		continue
	}
	rm -rf st && mkdir st
	unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_inotify_$1 &&
		exec "$0" -s st -a 0 -n never -i 1 d' "$BIN/camwatch" $limit >out 2>err &
	pid=$!
	ok "no $limit left: says so" wait_for 10 said "max_user_$limit is reached: scanning instead"
	echo x >d/1.mp4
	prints "no $limit left: scans" "d/1.mp4 "
	mkdir d/a && echo x >d/a/2.mp4
	prints "no $limit left: folders too" "d/1.mp4 d/a/2.mp4 "
	ok "no $limit left: mode" wait_for 10 fact mode scan
	mv d gone
	ok "no $limit left: the folder goes" wait_for 10 said "is gone"
	mv gone d
	echo x >d/3.mp4
	prints "no $limit left: it is back" "d/1.mp4 d/a/2.mp4 d/3.mp4 "
	stop
	is "no $limit left: said once" "$(grep -c 'is reached' err)" 1
done

# A FUSE file system tells nothing of what others write: it scans.
rm -rf d && mkdir d other
if bindfs -f other d 2>/dev/null & fuse=$!; wait_for 5 mountpoint -q d; then
	cleanup_hook='umount -l "$T/d"'
	start -a 0 -n never -i 1
	echo x >other/1.mp4
	prints "FUSE: scans" "d/1.mp4 "
	mkdir other/a && echo x >other/a/2.mp4
	prints "FUSE: folders too" "d/1.mp4 d/a/2.mp4 "
	echo xx >other/1.mp4
	ok "FUSE: new contents too" wait_for 10 again
	is "FUSE: mode" "$(value st/camwatch mode)" scan
	stop
	is "FUSE: said once" "$(grep -c 'network or FUSE file system' err)" 1
	umount -l d
	cleanup_hook=:
	wait $fuse
else
	skip "a FUSE file system" "needs the right to mount one"
fi
finish
