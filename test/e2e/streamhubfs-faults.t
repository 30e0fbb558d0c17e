#!/bin/sh
# streamhubfs: hostile facts and quarantines, dead mounts, a second instance, its rights.
. "$(dirname "$0")/../lib.sh"
live=run/streamhub.d settings=etc/streamhub/stations
mkdir -p $live $settings drop/_failed run/streamhub var/lib/streamhub
chmod 755 .
station() { # ID
	mkdir -p $live/"$1"
	heartbeat >$live/"$1"/heartbeat
	(fact_head && printf 'waiting: 0\nquiet: 1\n') >$live/"$1"/camwatch
}
station 1
echo "WATCH_DIR=$T/drop" >$settings/1.conf
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

v=run/streamhub
s=$v/stations/1
if ! can_mount; then
	skip "all of the faults" "$no_view"
	finish
fi
ok "it starts" view_start

# A fact that is none is an error to who reads it, and a verdict; the others are as before.
mkdir odd
head -c 65537 /dev/zero | tr '\0' a >odd/huge
head -c 1000 /dev/urandom >odd/noise
heartbeat | head -c 60 >odd/half
mkfifo odd/fifo
ln -s "$T/$live/1/heartbeat" odd/link
ln -s nowhere odd/dangling
mkdir odd/folder
: >odd/empty
perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "odd/socket", Listen => 1) or die'
for kind in huge noise half fifo link dangling folder empty socket; do
	for fact in camwatch heartbeat; do
		mv $live/1/$fact kept
		cp -RP odd/$kind $live/1/$fact
		shown=$s/tools/$fact
		[ $fact = camwatch ] || shown=$s/heartbeat
		run timeout 10 cat $shown
		like "$kind as $fact: an error for it" "$rc:$out:$err" "1::*Input/output error"
		is "$kind as $fact: the state" "$(timeout 10 cat $s/state)" error
		is "$kind as $fact: others" "$(timeout 10 cat $s/now)" -
		like "$kind as $fact: in the summary" "$(timeout 10 tail -n 1 $v/summary)" "1 *error *"
		rm -r $live/1/$fact
		mv kept $live/1/$fact
	done
done
is "when it is gone all is well" "$(cat $s/state)" waiting
printf '\1\n' >$live/1/segcheck
ok "an error for one is none for another" sh -c "cat $s/tools/camwatch >/dev/null && ! cat $s/tools/segcheck 2>/dev/null"
rm $live/1/segcheck
station 1

# What lies in the place of a station.
: >$live/file
ln -s 1 $live/link
mkdir "$live/-bad" "$live/.hidden" "$live/new
line"
is "names of stations" "$(ls $v/stations | tr '\n' ' ')" "1 file link "
run cat $v/stations/link/status
like "a link in a station's place is not followed" "$rc:$err" "1:*Input/output error"
for name in -bad .hidden .. nothing "$(head -c 65 /dev/zero | tr '\0' x)"; do
	ok "no station '$name'" [ ! -e "$v/stations/$name/status" ]
done
rm $live/file $live/link

# The log and the cursor.
mkdir -p var/lib/streamhub/1
ln -s /etc/passwd var/lib/streamhub/1/log
run cat $s/log
like "a link in the place of the log" "$rc:$out" 1:
rm var/lib/streamhub/1/log
mkfifo var/lib/streamhub/1/log
run timeout 10 cat $s/log
is "a FIFO in the place of the log" "$rc:$out" 1:
echo x >var/lib/streamhub/1/cursor
ok "a cursor that is none" sh -c "! cat $s/cursor 2>/dev/null"
echo sideways >var/lib/streamhub/1/desired
ok "a wish that is none" sh -c "! cat $s/desired 2>/dev/null"
is "a wish that is none: status" "$(value $s/status error)" "desired: neither up nor down"
rm -r var/lib/streamhub/1

# The quarantine shows what lies in it and nothing else.
echo secret >outside
ln -s "$T/outside" drop/_failed/link
ln -s "$T" drop/_failed/root
mkfifo drop/_failed/fifo
mkdir drop/_failed/folder
echo hidden >drop/_failed/.hidden
odd=$(printf 'new\nline \033[31m\377')
echo odd >"drop/_failed/$odd"
head -c 3000000 /dev/urandom >drop/_failed/big
is "quarantine: its files" "$(ls $s/failed | wc -l)" 3
ok "quarantine: a large one" cmp $s/failed/big drop/_failed/big
is "quarantine: any name" "$(cat "$s/failed/$odd")" odd
for name in link root fifo folder .hidden; do
	ok "quarantine: no $name" [ ! -e "$s/failed/$name" ]
done
rm drop/_failed/big
ok "quarantine: it is gone" [ ! -e $s/failed/big ]
mv drop/_failed elsewhere
ln -s "$T/elsewhere" drop/_failed
is "quarantine: a link in its place" "$(ls $s/failed 2>/dev/null)" ""
rm drop/_failed
mv elsewhere drop/_failed
if [ "$(id -u)" -eq 0 ]; then
	echo mine >drop/_failed/private
	chmod 600 drop/_failed/private
	ok "quarantine: a private file stays private" sh -c "! setpriv --reuid 65534 --regid 65534 --clear-groups cat $s/failed/private 2>/dev/null"
	mkdir -p var/lib/streamhub/1
	echo said >var/lib/streamhub/1/log
	is "log: for all to read" "$(as_nobody cat $s/log)" said
	chmod 700 var/lib/streamhub/1
	private() { ! as_nobody cat $s/log 2>/dev/null; }
	ok "log: private, when its folder is" wait_for 5 private
	chmod 755 var/lib/streamhub/1
	echo bad >drop/_failed/open
	is "quarantine: for all to read" "$(as_nobody cat $s/failed/open)" bad
	mkdir outer
	chmod 700 outer
	mv drop outer
	echo "WATCH_DIR=$T/outer/drop" >$settings/1.conf
	private() { ! as_nobody cat $s/failed/open 2>/dev/null; }
	ok "quarantine: private, when a folder above it is" wait_for 5 private
	is "quarantine: not for root" "$(cat $s/failed/open)" bad
	mv outer/drop .
	rmdir outer
	rm drop/_failed/open var/lib/streamhub/1/log
	echo "WATCH_DIR=$T/drop" >$settings/1.conf
	is "quarantine: but root may" "$(cat $s/failed/private)" mine
	is "quarantine: its mode" "$(stat -c %a $s/failed/private)" 400
	chmod 750 drop
	denied() { ! as_nobody ls $s/failed >/dev/null 2>&1; }
	ok "quarantine: what the drop folder denies is denied" wait_for 5 denied
	is "others may read the rest" "$(as_nobody cat $s/state)" waiting
	chmod 755 drop

	# Rights: none to write, and of root's one, to read.
	is "another user" "$(awk '/^Uid:/ { print $2 $3 $4 $5 }' /proc/$view/status)" "$(printf '65534%.0s' 1 2 3 4)"
	is "one capability: CAP_DAC_READ_SEARCH" "$(awk '/^Cap(Prm|Eff|Inh|Amb):/ { print $2 }' /proc/$view/status | tr '\n' ' ')" \
		"0000000000000000 0000000000000004 0000000000000004 0000000000000000 "
	echo "WATCH_DIR=$T/$v/stations/1" >$settings/1.conf
	is "settings that lead back into the view: no hang" "$(timeout 10 cat $s/state)" waiting
	echo "WATCH_DIR=$T/drop" >$settings/1.conf
else
	skip "private files, rights" "needs root"
fi

# A fact that changes all the time: each read is of one moment.
perl -e 'use Time::HiRes "sleep"; my ($f, $head) = @ARGV; $SIG{ALRM} = sub { exit }; alarm 60;
	for (my $n = 0; ; $n++) { open my $h, ">", "$f.new"; print $h "${head}first: $n\n", "pad: ", "x" x ($n % 5000), "\nlast: $n\n"; close $h;
		rename "$f.new", $f; sleep 0.0005 }' $live/1/rtmppush "$(fact_head)
" &
writer=$!
wait_for 10 test -e $live/1/rtmppush
run perl -e 'my %seen; for (1 .. 2000) { open my $h, "<", $ARGV[0] or die $!; local $/; my $t = <$h>;
	my ($a) = $t =~ /^first: (\d+)/m; my ($b) = $t =~ /^last: (\d+)\n\z/m; $a == $b or die "mixed: $t"; $seen{$a}++ } print keys %seen > 20' $s/tools/rtmppush
is "1000 changes a second: each read is whole" "$rc:$out:$err" 0:1:
kill $writer
wait $writer 2>/dev/null
rm -f $live/1/rtmppush

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
	like "it cannot be mounted" "$rc:$err" "69:*[[]ERROR] [[]streamhubfs] fuse: mount failed: Input/output error"
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

# A fact that one may not read.
if [ "$(id -u)" -eq 0 ] && mount --bind /proc/1/mem $live/1/camwatch 2>.mount; then
	view_start
	run cat $s/status
	like "an unreadable fact: status" "$rc:$out:$err" "1::*Input/output error"
	run cat $s/tools/camwatch
	like "an unreadable fact: itself" "$rc:$out:$err" "1::*Input/output error"
	is "an unreadable fact: what does not show it" "$(cat $s/desired)" -
	like "an unreadable fact: summary" "$(cat $v/summary)" "*1 *error *"
	is "an unreadable fact: attention" "$(ls $v/attention)" 1
	is "an unreadable fact: ls goes on" "$(ls -l $s | wc -l)" 14
	view_stop
	cleanup_hook=:
	umount $live/1/camwatch
else
	skip "an unreadable fact" "needs the right to mount, to have a file that fails"
fi

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

# Another user than root: with fusermount3, for himself, and a dead mount is no matter either.
if [ "$(id -u)" -eq 0 ] && command -v fusermount3 >/dev/null && mknod -m 666 fuse c 10 229 && (: 3<>fuse) 2>/dev/null; then
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
station 9
appears() { [ "$(ls $v/stations)" = 9 ]; }
ok "places that come later" wait_for 5 appears
is "and what is in them" "$(cat $v/stations/9/state)" waiting
view_stop
is "the end: exit code" $? 0
cleanup_hook=:
finish
