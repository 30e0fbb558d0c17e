#!/bin/sh
# streamhubfs as a service: when it says that it is ready, as another user than root, and without the places
# that it shows.
. "$(dirname "$0")/../view.sh"
need_view
waiting_station

# Told to a supervisor after it works; without its user changed no memory is lost.
if [ "$(id -u)" -eq 0 ]; then
	cat >notify.pl <<'EOF'
use strict; use warnings; use Socket;
my ($view, @command) = @ARGV;
socket my $socket, PF_UNIX, SOCK_DGRAM, 0 or die;
bind $socket, sockaddr_un("notify") or die;
$ENV{NOTIFY_SOCKET} = "$ENV{PWD}/notify";
my $pid = fork;
exec @command or die if !$pid;
alarm 20;
recv $socket, my $word, 100, 0;
print $word =~ /^READY=1/ && -e "$view/version" ? "ready and mounted\n" : "not so: $word\n";
for my $i (1 .. 20) {
	for my $file (glob("$view/* $view/stations/1/* $view/stations/1/tools/* $view/nothing")) {
		my ($h, $d, @all);
		no warnings "io"; @all = <$h> if open $h, "<", $file;
		@all = readdir $d if opendir $d, $file;
	}
}
kill "TERM", $pid;
waitpid $pid, 0;
print $? >> 8, "\n";
EOF
	# libfuse forgets its copy of the mount point when it does not unmount itself.
	echo leak:fuse_session_mount >forgets
	export LSAN_OPTIONS="suppressions=$T/forgets:print_suppressions=0"
	run perl notify.pl "$T/$v" streamhubfs -o allow_other,user=root
	is "ready is told when it is mounted; no leak" "$out$err" "ready and mounted
0"
else
	skip "ready is told when it is mounted; no leak" "needs root"
fi

# Another user than root: with fusermount3, for himself, and a dead mount is no matter either.
if [ "$(id -u)" -eq 0 ] && command -v fusermount3 >/dev/null && mknod -m 666 fuse c 10 229 &&
	(: 3<>fuse) 2>/dev/null; then
	cat >as_user.sh <<'EOF'
mount --bind fuse /dev/fuse || exit
chown -R 65534:65534 run/streamhub
user="setpriv --reuid 65534 --regid 65534 --clear-groups"
start() {
	$user streamhubfs 2>>user.err &
	pid=$!
	until $user test -e run/streamhub/version || ! kill -0 $pid 2>/dev/null; do :; done
}
start
$user cat run/streamhub/stations/1/state
cat run/streamhub/version 2>/dev/null
kill -9 $pid
wait $pid 2>/dev/null
start
$user cat run/streamhub/stations/1/state
kill $pid
wait $pid
echo $?
grep -c "$PWD/run/streamhub" /proc/self/mountinfo
EOF
	run timeout 60 unshare -m sh as_user.sh
	is "another user: shows, recovers and ends" "$out$err" "waiting
waiting
0
0"
	like "another user: said" "$(cat user.err)" "*removed the mount of one that died*"
	chown -R 0:0 run/streamhub
else
	skip "another user" "needs root, fusermount3 and devices below ${TMPDIR:-/tmp}"
fi

# The view alone: without any of the places there is nothing to show.
rm -r etc run/streamhub.d
view_start
is "no places: no stations" "$(ls $v/stations):$(wc -l <$v/summary)" :1
mkdir -p $live
waiting 9
appears() { [ "$(ls $v/stations)" = 9 ]; }
ok "places that come later" wait_for 5 appears
is "and what is in them" "$(cat $v/stations/9/state)" waiting
view_stop
is "the end: exit code" $? 0
cleanup_hook=:
finish
