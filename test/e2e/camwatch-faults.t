#!/bin/sh
# camwatch: failing calls; a clock that jumps. It is killed at each of its calls by make fault.
. "$(dirname "$0")/../lib.sh"
camwatch=$plain/camwatch # strace and the leak sanitizer exclude each other

mkdir d
for n in 1 2 3 4 5 6; do
	echo x >d/$n.mp4
	touch -d "2026-01-02 10:0$n" d/$n.mp4
done

# Calls that fail.
run strace -qq -o /dev/null -e inject=unlinkat:error=EIO "$camwatch" -1 -a 0 -l 60 -L delete d
is "unlinkat fails: goes on" "$rc:$out" "0:d/6.mp4"
like "unlinkat fails: said" "$err" "*'1.mp4' is late*could not be deleted: Input/output error*"
is "unlinkat fails: all are there" "$(ls d | wc -l)" 6
run strace -qq -o /dev/null -e inject=inotify_add_watch:error=ENOSPC "$camwatch" -1 -a 0 d
is "no watches: prints all the same" "$(echo "$out" | wc -l)" 6
like "no watches: said" "$err" "*fs.inotify.max_user_watches is reached: scanning instead*"
run strace -qq -o /dev/null -e inject=inotify_init1:error=EMFILE "$camwatch" -1 -a 0 d
is "no inotify: prints all the same" "$rc:$(echo "$out" | wc -l)" 0:6
like "no inotify: said" "$err" "*fs.inotify.max_user_instances is reached: scanning instead*"
run strace -qq -o /dev/null -e inject=inotify_init1:error=ENOSYS "$camwatch" -1 -a 0 d
like "no inotify in this kernel" "$rc:$err" "66:*'d': cannot be watched: Function not implemented*"
run strace -qq -o /dev/null -e inject=openat2:error=ENOSYS "$camwatch" -1 -a 0 d
like "no openat2, which a filter takes away" "$rc:$err" \
	"66:*'d': cannot be watched: Function not implemented*"
run strace -qq -o /dev/null -P "$T/d" -e inject=getdents64:error=EIO:when=1 "$camwatch" -1 -a 0 d
like "the folder cannot be read: said" "$err" "*folder 'd/': Input/output error*"
run strace -qq -o /dev/null -e inject=fcntl:error=EINVAL:when=20+ "$camwatch" -1 -a 0 d
is "leases do not work: prints all the same" "$rc:$(echo "$out" | wc -l)" 0:6
mkdir st
run strace -qq -o /dev/null -e inject=renameat:error=ENOSPC "$camwatch" -1 -a 0 -s st d
is "the fact cannot be written: prints all the same" "$rc:$(echo "$out" | wc -l)" 0:6
like "the fact cannot be written: said" "$err" "*fact 'camwatch': No space left*"

run strace -qq -o /dev/null -P /proc/sys/kernel/random/boot_id -e inject=openat:error=ENOENT \
	"$camwatch" -1 -s . d
is "no boot id: exit code" "$rc" 71
like "no boot id: said" "$err" "*boot id '/proc/sys/kernel/random/boot_id': No such file or directory"

# A clock that jumps, for the process; the files keep the time of the kernel.
rm -rf d && mkdir d
echo +0 >clock
: >out
lib=$(faketime -f +0 sh -c 'echo "$LD_PRELOAD"')
LD_PRELOAD=$lib FAKETIME_TIMESTAMP_FILE=$T/clock FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 \
	"$camwatch" -a 1 -n never -i 1 -s st d >out 2>err &
pid=$!
cleanup_hook='kill $pid'
printed() { [ "$(tr '\n' ' ' <out)" = "$1" ]; }
held() { [ "$(value st/camwatch held)" = "$1" ]; }
echo x >d/1.mp4
ok "before the clock jumps" wait_for 20 printed "d/1.mp4 "
echo +1d >clock
echo x >d/2.mp4
ok "a day ahead: goes on" wait_for 20 printed "d/1.mp4 d/2.mp4 "
echo -1h >clock
echo x >d/3.mp4
ok "an hour back: what is of the future waits" wait_for 20 held 1
echo x >d/4.mp4 && touch -d '2 hours ago' d/4.mp4
ok "an hour back: both do, as the kernel's own time of change says so" wait_for 20 held 2
is "an hour back: nothing was printed" "$(wc -l <out)" 2
echo +0 >clock
ok "back again: goes on, in order, and what is past is forgotten" wait_for 20 printed \
	"d/1.mp4 d/2.mp4 d/4.mp4 d/3.mp4 "
ok "it is said" grep -q \
	"'2.mp4', the last one, is 3[56].. s ahead of this computer's clock: going on from now" err
# Clips that come with their times: late by three hours, then ahead by two.
moved() { echo x >.moved && touch -d "$2" .moved && mv .moved "d/$1"; } # NAME TIME
for n in 5 6 7; do moved $n.mp4 '3 hours ago'; done
blame="by the times that come with them: look at the camera's clock"
said() { [ "$(value st/camwatch mistimed)" = 3 ] && value st/camwatch mistimed_why | grep -qx "$1"; }
ok "all late: by how much and which clock" wait_for 20 \
	said "the last 3 clips were late by 10[78].. s, $blame"
moved 8.mp4 now
quiet() { [ "$(value st/camwatch mistimed):$(value st/camwatch mistimed_why)" = 0: ]; }
ok "one in time: well again" wait_for 20 quiet
for n in 9 10 11; do moved $n.mp4 '2 hours'; done
ok "all of the future: by how much and which clock" wait_for 20 \
	said "3 clips are held, as they are of the future by 7[12].. s, $blame"
ok "no busy loop" awk '{ exit $14 + $15 > 100 }' "/proc/$pid/stat"
kill -TERM $pid
wait $pid
is "SIGTERM: exit code" $? 0
cleanup_hook=:
finish
