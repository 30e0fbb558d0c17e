#!/bin/sh
# stationctl and stations that do not begin: broken logs, folders that are missing or the system's, no room;
# and those that begin in odd surroundings.
. "$(dirname "$0")/../control.sh"
settings 2 "NAME=Back	door"

# It does not begin.
mkdir -p var/lib/streamhub/2
ln -s elsewhere var/lib/streamhub/2/log
run stationctl start 2
like "start fails: said" "$rc:$err" "69:*[[]stationrun] log *station '2': did not start: exit code 74"
is "start fails: the wish was recorded first" "$(wish 2)" up
run stationctl status 2
like "start fails: status" "$rc:$out" "1:✗ Back*door (2) not running · desired up*"
rm var/lib/streamhub/2/log
mkdir bin
cp "$(command -v stationctl)" bin
cat >bin/stationrun <<'X'
#!/bin/sh
{ seq -f 'filler %g' 300; printf 'first\nlast words\n'; } >>"$STREAMHUB_ROOT/var/lib/streamhub/2/log"
kill -9 $$
X
chmod +x bin/stationrun
run bin/stationctl start 2
like "start fails: the end of the log" "$rc:$err" \
	"69:*station '2': did not start: signal 9*station '2': log: first*station '2': log: last words"
is "start fails: whole lines of the log" \
	"$(echo "$err" | grep 'log: ' | grep -cvE "station '2': log: (filler [0-9]+|first|last words)$")" 0
ok "start fails: not more of the log" [ "$(echo "$err" | grep -c "log: filler")" -lt 200 ]
run stationctl logs 2
is "logs: what is left of it" "$rc:$(echo "$out" | tail -n 2)" "0:first
last words"
mv drop/2 drop/gone
rm var/lib/streamhub/2/desired
missing="WATCH_DIR '$T/drop/2': No such file or directory"
for verb in start restart check; do
	run stationctl $verb 2
	like "no drop folder: $verb is refused" "$rc:$err" \
		"78:*[[]ERROR] [[]stationctl] '$conf/2.conf': $missing"
done
is "no drop folder: check" "$out" "2${tab}faulty"
is "no drop folder: nothing was made" "$(wish 2)$(fact 2 pid)" ""
touch drop/2
run stationctl start 2
like "a file is no drop folder" "$rc:$err" "78:*WATCH_DIR '$T/drop/2': Not a directory"
rm drop/2

# Folders that are no camera's, and one that clips are to be moved to.
mkdir drop/2
cp "$conf/2.conf" good.conf
for folder in /var/log /dev/shm /mnt; do
	sed "s|^WATCH_DIR=.*|WATCH_DIR=$folder|" good.conf >"$conf/2.conf"
	run stationctl check 2
	like "the system's drop folder: $folder" "$rc:$err" \
		"78:*WATCH_DIR: expected a folder of the camera's: '$folder' is the system's*"
done
for verb in start restart check; do
	{ cat good.conf; echo "AFTER_PLAY=move:$T/nothere"; } >"$conf/2.conf"
	run stationctl $verb 2
	like "no folder to move to: $verb is refused" "$rc:$err" \
		"78:*'$conf/2.conf': AFTER_PLAY '$T/nothere': No such file or directory*"
	{ cat good.conf; echo AFTER_PLAY=archive:/var/cache/x; } >"$conf/2.conf"
	run stationctl $verb 2
	like "the system's folder to move to: $verb is refused" "$rc:$err" \
		"78:*AFTER_PLAY: expected a folder for clips: '/var/cache/x' is the system's*"
done
mv good.conf "$conf/2.conf"
rmdir drop/2
stationrun 2 2>/dev/null & # by a supervisor of its own, which has to wait for a disk
mine $!
ill() { run stationctl status 2; case $out in *No*) ;; *) false ;; esac }
ok "run, but: it waits" wait_for 10 ill
like "run, but: status" "$rc:$out" \
	"1:✗ Back*door (2) running pid * · error · $missing"
mv drop/gone drop/2
stationctl stop 2 2>/dev/null

# Started by one who ignores SIGCHLD, and who holds a lock: the tools are looked after all the
# same, and nothing of the caller is kept.
perl -e '$SIG{CHLD} = "IGNORE"; exec "flock", "-n", "caller.lock", "stationctl", "start", "2"' 2>err
wait_for 10 test -s run/streamhub.d/2/segcheck
kill -9 "$(value run/streamhub.d/2/segcheck pid)"
restarted() { [ "$(fact 2 restarts)" = 1 ]; }
ok "SIGCHLD ignored: a tool that ends is seen" wait_for 10 restarted
ok "the caller's descriptors are not kept" flock -n caller.lock true
stationctl stop 2 2>/dev/null

# No room for its fact: it cannot be found by others, so it is not left running.
if [ "$(id -u)" -eq 0 ] && mkdir full && mount -t tmpfs -o size=16k none full 2>/dev/null; then
	mkdir -p full/root/etc/streamhub full/root/run/streamhub.d
	rm -r full/root/run
	mkdir full/root/run roomy
	cp -r "$conf" full/root/etc/streamhub
	ln -s "$T/roomy" full/root/var
	head -c 100000 /dev/zero >full/fill 2>/dev/null
	STREAMHUB_ROOT=$T/full/root run stationctl start 2
	ok "no room for its fact: start fails: $rc" [ "$rc" -gt 1 ]
	is "no room for its fact: nothing runs" \
		"$(grep -lsazFx "STREAMHUB_ROOT=$T/full/root" /proc/[0-9]*/environ)" ""
	umount full
else
	skip "no room for its fact" "needs root and tmpfs"
fi
finish
