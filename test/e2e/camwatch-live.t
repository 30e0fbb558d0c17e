#!/bin/sh
# camwatch as it runs: what comes by event, folders that come and go, also the one that it watches, signals,
# and a reader that is stuck.
. "$(dirname "$0")/../camera.sh"
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
ok "the same name with new contents is a new clip" wait_for 10 again
chmod 600 d/1.mp4
mkdir d/locked && echo x >d/locked/11.mp4
ok "in step again" wait_for 10 grep -qx d/locked/11.mp4 out
is "what is unchanged is not printed again" "$(sort out | uniq -d)" d/1.mp4
ok "nothing of folders left out" sh -c '! grep -q no.mp4 out'
stop
is "SIGTERM: exit code" "$rc" 0
is "nothing was said" "$(grep -v 'is late' err)" ""

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
if mount -t tmpfs -o size=2m none d 2>/dev/null; then
	cleanup_hook='umount -l "$T/d"'
	start -a 0 -n never -i 1
	echo x >d/1.mp4
	prints "on a mount" "d/1.mp4 "
	is "room on the disk: no error" "$(value st/camwatch error)" ""
	dd if=/dev/zero of=d/fill bs=64k 2>/dev/null
	ok "a full disk: an error" wait_for 40 fact error "the disk of 'd' is full: uploads are cut off"
	rm d/fill
	ok "room again: no error" wait_for 40 fact error ""
	umount -l d
	mount -t tmpfs -o size=2m,nr_inodes=9 none d
	prints "another mount" "d/1.mp4 "
	echo x >d/3.mp4
	prints "another mount: goes on" "d/1.mp4 d/3.mp4 "
	for n in 1 2 3 4 5 6 7 8 9; do
		touch d/fill$n || break
	done 2>/dev/null
	ok "no inodes left: an error" wait_for 40 fact error \
		"the disk of 'd' has no inodes left: uploads are refused"
	rm d/fill*
	ok "inodes again: no error" wait_for 40 fact error ""
	umount -l d
	cleanup_hook=:
	rm -rf d/* && echo x >d/2.mp4
	prints "unmounted: goes on with what lies below" "d/1.mp4 d/3.mp4 d/2.mp4 "
	stop
else
	skip "unmounting the root" "needs the right to mount"
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
