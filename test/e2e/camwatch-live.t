#!/bin/sh
# camwatch as it runs: what comes by event, folders that come and go, holding, signals.
. "$(dirname "$0")/../lib.sh"

start() { # OPTION...: camwatch on d, paths into the file out, status in st
	rm -rf st && mkdir st
	: >out
	camwatch -s st "$@" d >out 2>err &
	pid=$!
	wait_for 10 test -e st/camwatch
}
stop() {
	kill -TERM $pid
	wait $pid
	rc=$?
}
printed() { [ "$(tr '\n' ' ' <out)" = "$1" ]; }
prints() { # NAME WANTED: soon
	if wait_for 10 printed "$2"; then
		result 0 "$1"
	else
		is "$1" "$(tr '\n' ' ' <out)" "$2"
	fi
}
fact() { [ "$(value st/camwatch "$1")" = "$2" ]; }
said() { grep -q "$1" err; }

mkdir d
start -a 0 -n never -i 3600
echo x >d/1.mp4
prints "a new file" "d/1.mp4 "
mkdir -p d/a/b/c && echo x >d/a/b/c/2.mp4
prints "a new tree with a file at once" "d/1.mp4 d/a/b/c/2.mp4 "
mkdir -p away/e && echo x >away/e/3.mp4
mv away d/in
prints "a tree moved in brings its contents" "d/1.mp4 d/a/b/c/2.mp4 d/in/e/3.mp4 "
echo x >.tmp4 && mv .tmp4 d/4.mp4
prints "renamed into place" "d/1.mp4 d/a/b/c/2.mp4 d/in/e/3.mp4 d/4.mp4 "
echo x >d/.5.mp4 && ln d/.5.mp4 d/5.mp4 && rm d/.5.mp4
prints "link and unlink, as OpenSSH renames" "d/1.mp4 d/a/b/c/2.mp4 d/in/e/3.mp4 d/4.mp4 d/5.mp4 "
mv d/in out-of-it && echo x >out-of-it/e/6.mp4
mkdir d/in && echo x >d/in/7.mp4
prints "a folder moved out is not reported from; one in its place is" \
	"d/1.mp4 d/a/b/c/2.mp4 d/in/e/3.mp4 d/4.mp4 d/5.mp4 d/in/7.mp4 "
mv d/a d/z && echo x >d/z/b/c/8.mp4
ok "a folder moved within reports under its new name" wait_for 10 grep -qx d/z/b/c/8.mp4 out
rm -r d/z d/in && mkdir -p d/z && echo x >d/z/9.mp4
ok "removed and made again" wait_for 10 grep -qx d/z/9.mp4 out
touch d/10.mp4
mkdir d/_failed d/.unpacked && echo x >d/_failed/no.mp4 && echo x >d/.unpacked/no.mp4
echo x >>d/10.mp4
ok "empty, then written" wait_for 10 grep -qx d/10.mp4 out
echo xx >d/1.mp4
again() { [ "$(grep -cx d/1.mp4 out)" = 2 ]; }
ok "the same name with new contents is a new clip" wait_for 10 again
chmod 600 d/1.mp4
mkdir d/locked && echo x >d/locked/11.mp4
ok "in step again" wait_for 10 grep -qx d/locked/11.mp4 out
is "what is unchanged is not printed again" "$(sort out | uniq -d)" d/1.mp4
ok "nothing of folders left out" sh -c '! grep -q no.mp4 out'
stop
is "SIGTERM: exit code" "$rc" 0
is "nothing was said" "$(grep -v 'is late' err)" ""

# Holding the newest.
rm -rf d && mkdir d
start -a 0 -i 3600
echo x >d/1.mp4
echo x >d/2.mp4
prints "-n always: the newest is held" "d/1.mp4 "
echo x >d/3.mp4
prints "-n always: until a newer one comes" "d/1.mp4 d/2.mp4 "
ok "-n always: held, not waiting" wait_for 10 fact held 1
is "-n always: newest" "$(value st/camwatch waiting) $(value st/camwatch newest)" "0 3.mp4"
: >d/4.mp4
prints "-n always: an empty newer one will do" "d/1.mp4 d/2.mp4 d/3.mp4 "
stop
rm -rf d && mkdir d
start -a 0 -n 1 -i 3600
echo x >d/1.mp4
prints "-n 1: a quiet second" "d/1.mp4 "
stop

# A writer; age.
rm -rf d && mkdir d
start -a 0 -n never -i 3600
exec 3>d/1.mp4
echo x >&3
echo x >d/2.mp4
prints "a file that is open for writing holds nothing back" "d/2.mp4 "
ok "it is counted as held" wait_for 10 fact held 1
echo x >&3
exec 3>&-
prints "it comes when it is closed" "d/2.mp4 d/1.mp4 "
stop
rm -rf d && mkdir d
start -a 0 -n never -i 3600 -o name
exec 3>d/1.mp4
echo x >&3
echo x >d/2.mp4
ok "by name: a file that is open for writing" wait_for 10 fact waiting 2
is "by name: holds back what comes after it" "$(cat out)" ""
exec 3>&-
prints "by name: in order then" "d/1.mp4 d/2.mp4 "
stop
rm -rf d && mkdir d
start -a 1 -n never -i 3600
began=$(date +%s%N)
echo x >d/1.mp4
prints "-a 1" "d/1.mp4 "
ok "-a 1: not before a second" [ "$(($(date +%s%N) - began))" -ge 1000000000 ]
stop

# Late while it runs.
rm -rf d && mkdir d
start -a 0 -n never -i 1
echo x >d/2.mp4
prints "before the late one" "d/2.mp4 "
echo x >.early && touch -d '1 hour ago' .early && mv .early d/1.mp4
ok "a late one is said" wait_for 10 said "'1.mp4' is late"
ok "and counted" wait_for 10 fact late 1
is "and neither printed nor removed" "$(cat out) $(ls d | tr '\n' ' ')" "d/2.mp4 1.mp4 2.mp4 "
stop
is "it is said once" "$(grep -c "'1.mp4' is late" err)" 1

# The root goes and comes.
rm -rf d && mkdir d
start -a 0 -n never -i 1
echo x >d/1.mp4
prints "before the root goes" "d/1.mp4 "
rm -r d
ok "root gone: said" wait_for 10 said "'d' is gone: waiting"
mkdir d && echo x >d/2.mp4
prints "root back: goes on" "d/1.mp4 d/2.mp4 "
mv d moved && mkdir d && echo x >d/3.mp4
prints "root replaced: goes on in the new one" "d/1.mp4 d/2.mp4 d/3.mp4 "
echo x >moved/4.mp4
mkdir d/x && echo x >d/x/5.mp4
prints "the old root is left" "d/1.mp4 d/2.mp4 d/3.mp4 d/x/5.mp4 "
stop
if mount -t tmpfs none d 2>/dev/null; then
	cleanup_hook='umount -l "$T/d"'
	start -a 0 -n never -i 1
	echo x >d/1.mp4
	prints "on a mount" "d/1.mp4 "
	umount -l d
	cleanup_hook=:
	rm -rf d/* && echo x >d/2.mp4
	prints "unmounted: goes on with what lies below" "d/1.mp4 d/2.mp4 "
	stop
else
	skip "unmounting the root" "needs the right to mount"
fi

# Overflow of the kernel's queue, while the process is stopped.
rm -rf d && mkdir d
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

# Yesterday's empty folders give their watches back, and are not lost out of sight.
rm -rf d && mkdir -p d/new d/old
touch -d '2 days ago' d/old
start -a 0 -n never -i 1
watches() { [ "$(cat /proc/$pid/fdinfo/* 2>/dev/null | grep -c '^inotify wd')" = "$1" ]; }
ok "an old empty folder gives its watch back" wait_for 10 watches 2
echo x >d/old/1.mp4
prints "an old empty folder is seen again when something comes" "d/old/1.mp4 "
ok "and watched again" wait_for 10 watches 3
stop

# Back-pressure: a stuck reader; the order is decided as late as can be.
rm -rf d && mkdir d
mkfifo slow
camwatch -a 0 -n never d >slow 2>err &
pid=$!
exec 4<slow
perl -e 'for (1 .. 20000) { open F, ">", "d/clip-with-a-long-name-$_.mp4"; print F "x" }'
stuck() { [ "$(cut -d' ' -f3 /proc/$pid/stat)" = S ] && grep -q poll /proc/$pid/wchan; }
ok "a stuck reader makes it wait in poll" wait_for 20 stuck
head -n 5 <&4 >five
is "a slow reader gets them in order" "$(sed 's/.*-//; s/.mp4//' five | tr '\n' ' ')" "1 2 3 4 5 "
stop
is "SIGTERM with a stuck reader: exit code" "$rc" 0
exec 4<&-

finish
