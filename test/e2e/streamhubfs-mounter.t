#!/bin/sh
# streamhubfs as two: one mounts and has the right to, the other answers and has none. Whichever of
# them dies, no reader waits, nothing stays mounted, and the two work again when started again.
# shellcheck disable=SC2086 # words
. "$(dirname "$0")/../lib.sh"
live=run/streamhub.d settings=etc/streamhub/stations v=run/streamhub
mkdir -p $live/1 $settings $v elsewhere
chmod 755 .
heartbeat >$live/1/heartbeat
(fact_head && printf 'waiting: 0\nquiet: 1\n') >$live/1/camwatch

# What it refuses.
while IFS='|' read -r what options pattern; do
	run timeout 20 streamhubfs $options
	like "refused: $what" "$rc:$err" "64:*$pattern*"
done <<X
both|-M a -m b|options -M, -m and -o: one of them
a mounter for some|--mount-for a -o allow_other|options -M, -m and -o: one of them
a place for one that does not mount|--mounted-by a elsewhere|the mounter has the MOUNTPOINT
X
if [ "$(id -u)" -ne 0 ] || ! can_mount; then
	skip "a mounter and its servers" "needs root: $no_view"
	finish
fi
run timeout 20 streamhubfs -m socket
like "refused: a server as root" "$rc:$err" "64:*not as root*"

# One that becomes another user cannot be looked into by LeakSanitizer.
export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"
nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
cleanup_hook='kill $mounter $server 2>/dev/null; wait'
mounter='' server=''
mounter_start() {
	streamhubfs -M "$T/socket" "$v" 2>>mounter.err &
	mounter=$!
	wait_for 10 listens && chown 65534 socket
}
listens() { grep -q "00010000 .* $T/socket\$" /proc/net/unix; }
up_or_gone() { [ -e $v/version ] || ! kill -0 $server 2>/dev/null; }
server_start() {
	$nobody --inh-caps +dac_read_search --ambient-caps +dac_read_search streamhubfs -m socket \
		2>server.err &
	server=$!
	wait_for 10 up_or_gone && [ -e $v/version ]
}
unmounted() { ! grep -q " $T/$v " /proc/self/mountinfo; }
rights() { awk '/^Cap(Prm|Eff):/ { print $2 }' "/proc/$1/status" | tr '\n' ' '; }
options_of() {
	sed -n "s|.* $T/$v \(.*\)|\1|p" /proc/self/mountinfo |
		sed 's/user_id=[0-9]*,group_id=[0-9]*/ids/'
}

# What goes wrong before there is a mounter.
run timeout 20 $nobody streamhubfs -m socket
like "no mounter: message" "$rc:$err" "66:*mounter 'socket'*No such file*"
run timeout 20 streamhubfs -M "$(head -c 200 /dev/zero | tr '\0' x)" $v
like "a socket's path is too long" "$rc:$err" "71:*too long*"
echo kept >file
run timeout 20 streamhubfs -M file $v
like "a file in the socket's place stays" "$rc:$(cat file):$err" "71:kept:*socket 'file'*in use*"

# The two.
ok "the mounter is there" mounter_start
ok "nothing is mounted for nobody" unmounted
keeps_one() { [ "$(rights $mounter)" = "0000000000200000 0000000000200000 " ]; }
ok "the mounter's rights: CAP_SYS_ADMIN" wait_for 10 keeps_one
is "the socket is for its user alone" "$(stat -c %a socket)" 600
chmod 700 $live/1
ok "a server is there" server_start
is "it shows what only root may read" "$(cat $v/stations/1/state)" waiting
is "its rights: CAP_DAC_READ_SEARCH" "$(rights $server)" "0000000000000004 0000000000000004 "
is "others may look" "$($nobody cat $v/stations/1/state)" waiting
keeps_none() { [ "$(find /proc/$mounter/fd -lname /dev/fuse)" = "" ]; }
ok "the mounter keeps no copy of the descriptor" wait_for 10 keeps_none
two=$(options_of)
run timeout 20 $nobody streamhubfs -m socket
like "a second server" "$rc:$err:$(cat mounter.err)" "75:*mounter 'socket'*:*another streamhubfs serves it*"
run timeout 20 streamhubfs
like "a second one of another kind" "$rc:$err" "75:*another streamhubfs*"
is "the first is as before" "$(cat $v/stations/1/state)" waiting

# A server that ends, or dies, or is stopped, with readers.
exec 3<$v/stations/1/log
kill $server
wait $server
is "SIGTERM to the server: exit code" $? 0
ok "and it was unmounted by then" unmounted
exec 3<&-
ok "another" server_start
tail -f $v/stations/1/now >/dev/null 2>&1 &
reader=$!
kill -9 $server
wait $server 2>/dev/null
ok "killed: unmounted" wait_for 10 unmounted
kill $reader 2>/dev/null
wait $reader 2>/dev/null
ok "and another" server_start
is "it works" "$(cat $v/stations/1/state)" waiting

# One that is stopped cannot answer, and is not asked.
kill -STOP $server
timeout 20 cat $v/version >/dev/null 2>&1 &
reader=$!
kill $mounter
wait $mounter
is "SIGTERM to the mounter of a stopped server: exit code" $? 0
ok "unmounted" unmounted
kill -CONT $server
wait $server
like "the server ends without a mounter" "$?:$(cat server.err)" "75:*the mounter has ended*"
wait $reader
ok "and its reader does not wait" [ $? -ne 124 ]

# A mounter that dies leaves a dead mount; the next one removes it.
ok "both again" mounter_start
ok "with a server" server_start
kill -9 $mounter
wait $mounter 2>/dev/null
wait $server
is "the mounter killed: its server's exit code" $? 75
ok "a dead mount" sh -c "ls $v 2>&1 | grep -q 'not connected'"
ok "the next mounter" mounter_start
like "says that it removed it" "$(cat mounter.err)" "*removed the mount of one that died*"
ok "and has a server" server_start
is "which works" "$(cat $v/stations/1/state)" waiting

# Somebody else unmounts.
umount $v
wait $server
is "unmounted by somebody: exit code" $? 0
ok "a server after that" server_start
kill $server $mounter
wait $server
wait $mounter
is "the end: exit code of the mounter" $? 0
ok "nothing stays mounted" unmounted
ok "nor is there a socket" [ ! -e socket ]

# One process mounts with the same options.
ok "one process" view_start
is "mounts with the same options" "$(options_of | cut -d ' ' -f 1,3-)" "$(echo "$two" | cut -d ' ' -f 1,3-)"
view_stop
cleanup_hook=:
finish
