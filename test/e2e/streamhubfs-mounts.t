#!/bin/sh
# streamhubfs and its mount: a second instance, readers that stay, a mount that cannot be made, one that is
# dead, and one in another FUSE file system.
. "$(dirname "$0")/../view.sh"
need_view
waiting_station
view_start || exit 99

# A second instance, and readers that stay when it is ended.
run timeout 20 streamhubfs
is "a second instance: exit code" "$rc" 75
like "a second instance: message" "$err" "*'$T/run/streamhub'*another streamhubfs*"
is "a second instance does no harm" "$(cat $s/state)" waiting
exec 3<$s/status 4<$s/log
start=$(date +%s%N)
view_stop
is "SIGTERM with readers: exit code" $? 0
ok "SIGTERM with readers: within a second" [ $(($(date +%s%N) - start)) -lt 1000000000 ]
ok "SIGTERM with readers: unmounted" [ ! -e $v/version ]
exec 3<&- 4<&-

# Another that is just starting; and libfuse, whose words are told as ours.
run timeout 20 flock $v streamhubfs
like "another is starting" "$rc:$err" "75:*mount point '$T/run/streamhub': another streamhubfs is starting"
if [ "$(id -u)" -eq 0 ]; then
	run timeout 20 strace -qq -o /dev/null -e inject=mount:error=EIO "$plain/streamhubfs"
	like "it cannot be mounted" "$rc:$err" \
		"69:*[[]ERROR] [[]streamhubfs] fuse: mount failed: Input/output error"
else
	skip "it cannot be mounted" "only root mounts without help"
fi

# However it dies, the next one starts, and nobody has to help.
child_of() { # PID
	for stat in /proc/[0-9]*/stat; do
		[ "$(cut -d ' ' -f 4 "$stat" 2>/dev/null)" != "$1" ] || echo "${stat%/stat}" | tr -dc 0-9
	done
}
unmounted() { ! grep -q " $T/run/streamhub " /proc/self/mountinfo; }
ok "it starts again" view_start
kill -9 $view
wait $view 2>/dev/null
if [ "$(id -u)" -eq 0 ]; then
	ok "killed: its child unmounts" wait_for 5 unmounted
else
	skip "killed: its child unmounts" "needs root"
fi
ok "and again" view_start
guard=$(child_of $view)
[ -z "$guard" ] || kill -9 "$guard"
kill -9 $view
wait $view 2>/dev/null
ok "killed with its child: a dead mount" sh -c "ls $v 2>&1 | grep -q 'not connected'"
ok "killed with its child: the next one starts" view_start
like "killed with its child: it says so" "$(cat .view)" "*removed the mount of one that died*"
is "killed with its child: and works" "$(cat $s/state)" waiting
umount $v || fusermount3 -u $v || kill $view
wait $view
is "unmounted by somebody: exit code" $? 0
cleanup_hook=:

# A folder of another FUSE file system is a mount point like any other.
if command -v bindfs >/dev/null; then
	mkdir -p other/view bound
	bindfs --no-allow-other other bound
	streamhubfs bound/view 2>"$T/.view" &
	view=$!
	bound_up() { [ -e bound/view/version ] || ! kill -0 $view 2>/dev/null; }
	wait_for 10 bound_up
	ok "in a folder of another FUSE file system" [ -e bound/view/version ]
	kill $view
	wait $view
	umount bound || fusermount3 -u bound
fi
finish
