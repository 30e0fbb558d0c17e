#!/bin/sh
# hbwrite: told to end at each of its system calls, with calls that fail, and on a disk that is
# full. It is killed at each of its calls by make fault.
. "$(dirname "$0")/../lib.sh"
hbwrite=$plain/hbwrite # strace and the leak sanitizer exclude each other

whole() { [ "$(cut -d: -f1 hb | tr '\n' ' ')" = "time boot mono pid count state message last " ]; }
leftovers() { find . -name '.hb.*' | wc -l; }

# All calls of one run, as "name times".
strace -qq -f -o trace "$hbwrite" -1 -m old hb
sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' trace | sort | uniq -c | awk '{ print $2, $1 }' >calls
ok "there are calls to kill at" [ "$(wc -l <calls)" -gt 10 ]

# SIGTERM at each of its calls is no reason to leave a temporary.
broken=0 left=0 ended=0
while read -r call times; do
	n=1
	while [ "$n" -le "$times" ]; do
		strace -qq -o /dev/null -e "inject=$call:signal=TERM:when=$n" "$hbwrite" -1 -m new hb
		case $? in 0) ended=$((ended + 1)) ;; 143) ;; *) broken=$((broken + 1)) ;; esac
		whole || broken=$((broken + 1))
		left=$((left + $(leftovers)))
		n=$((n + 1))
	done
done <calls 2>/dev/null
is "SIGTERM at each call: whole, no temporary" "$broken:$left" 0:0
ok "SIGTERM at some calls came too late to stop it" [ "$ended" -gt 0 ]

rm hb
seq 2000 >input

# Failing calls: nothing passing through is lost, the old heartbeat stays, all is said.
for error in ENOSPC EIO EDQUOT; do
	for call in write renameat; do
		"$hbwrite" -1 -m old hb
		# Every write after the dynamic loader's is the fact's, but for messages to fd 2.
		run strace -qq -o /dev/null -e "inject=$call:error=$error:when=1" "$hbwrite" -1 -m new hb
		is "-1, $error at $call: exit code" "$rc" 74
		like "-1, $error at $call: said" "$err" "*ERROR*heartbeat 'hb':*"
		is "-1, $error at $call: old stays, no temporary" "$(value hb message):$(leftovers)" old:0
		rm hb
		run strace -qq -o trace -e trace=write,renameat -e \
			"inject=$call:error=$error:when=$([ $call = write ] && echo 2 || echo 1)" \
			"$hbwrite" -m new hb <input
		is "filter, $error at $call: all passes" "$out" "$(cat input)"
		like "filter, $error at $call: said" "$err" \
			"*WARN*heartbeat 'hb':*INFO*heartbeat 'hb': written again*"
		is "filter, $error at $call: made good at the end" "$rc:$(value hb count)" 0:2000
	done
done
run strace -qq -o /dev/null -e "inject=renameat:error=EIO" "$hbwrite" hb <input
is "filter, EIO to the end: all passes" "$out" "$(cat input)"
is "filter, EIO to the end: exit code" "$rc" 74
is "filter, EIO to the end: said once" "$(echo "$err" | grep -c "heartbeat 'hb'")" 1
is "filter, EIO to the end: no temporary" "$(leftovers)" 0
run strace -qq -o /dev/null -P "$T/input" -e "inject=read:error=EINTR:when=1" "$hbwrite" hb <input
is "EINTR at read: passes" "$rc:$out" "0:$(cat input)"
for error in EMFILE ENFILE ENOMEM; do
	rm -f hb
	# The last open of the run is the temporary's.
	strace -qq -o trace -e trace=openat "$hbwrite" -1 hb 2>err
	opens=$(grep -c openat trace)
	run strace -qq -o /dev/null -e "inject=openat:error=$error:when=$opens" "$hbwrite" -1 hb
	is "-1, $error at open: exit code" "$rc" 74
	like "-1, $error at open: said" "$err" "*heartbeat 'hb':*"
done

for error in ENOLCK EIO; do
	run strace -qq -o /dev/null -e "inject=flock:error=$error" "$hbwrite" -1 hb
	is "-1, $error at flock: exit code" "$rc:$(leftovers)" 74:0
	like "-1, $error at flock: said" "$err" \
		"*heartbeat 'hb': $([ $error = EIO ] && echo Input || echo "No locks")*"
done
# The last close of the run is that of the output.
strace -qq -o trace -e trace=close "$hbwrite" hb <input >/dev/null
run strace -qq -o /dev/null -e "inject=close:error=EIO:when=$(grep -c close trace)" "$hbwrite" hb <input
is "EIO at the last close: exit code" "$rc" 74
like "EIO at the last close: said" "$err" "*standard output: Input/output error"
for once in "" -1; do
	run strace -qq -o /dev/null -P /proc/sys/kernel/random/boot_id -e inject=openat:error=ENOENT \
		"$hbwrite" $once hb <input
	is "no boot id $once: exit code" "$rc" 71
	like "no boot id $once: said" "$err" \
		"*boot id '/proc/sys/kernel/random/boot_id': No such file or directory"
done
# The folder can be opened, but not listed: what killed ones left stays, the beat goes on.
run strace -qq -o /dev/null -e inject=getdents64:error=EIO "$hbwrite" -1 hb
is "folder that is not listed: exit code" "$rc" 0

# A disk that is really full.
mkdir disk
if mount -t tmpfs -o size=64k none disk 2>/dev/null; then
	cleanup_hook='umount -l "$T/disk"'
	"$hbwrite" -1 -m old disk/hb
	dd if=/dev/zero of=disk/fill bs=4k 2>/dev/null
	run hbwrite -1 -m new disk/hb
	is "full disk, -1: exit code" "$rc" 74
	like "full disk, -1: said" "$err" "*'disk/hb': the disk is full: free some space*"
	is "full disk, -1: old stays, no temporary" "$(value disk/hb message):$(ls -A disk | tr '\n' ' ')" \
		"old:fill hb "
	run sh -c 'seq 1000 | hbwrite disk/hb'
	is "full disk, filter: all passes" "$out" "$(seq 1000)"
	is "full disk, filter: exit code" "$rc" 74
	mkfifo in
	hbwrite disk/hb <in >passed 2>err &
	pid=$!
	exec 3>in
	echo one >&3
	ok "full disk: said while it runs" wait_for 10 grep -q "disk is full" err
	ok "full disk: the line has passed" grep -q one passed
	rm disk/fill
	echo two >&3
	beaten() { [ "$(value disk/hb count 2>/dev/null)" = 2 ]; }
	ok "space again: the beat is made good while lines flow" wait_for 10 beaten
	ok "space again: said" wait_for 10 grep -q "written again" err
	exec 3>&-
	wait $pid
	is "space again: exit code" $? 0
	mount -o remount,ro disk
	for once in "" -1; do
		run hbwrite $once disk/hb </dev/null
		is "read-only file system $once: exit code" "$rc" 74
		like "read-only file system $once: said" "$err" "*file system is read-only*"
	done
	umount disk
	cleanup_hook=:
else
	skip "full disk" "needs the right to mount a tmpfs"
fi

# The folder goes away under it: it says so and ends, what it took in is passed on.
mkdir away
mkfifo in2
hbwrite away/hb <in2 >passed 2>err &
pid=$!
exec 3>in2
echo one >&3
ok "folder there: a beat" wait_for 10 test -e away/hb
rm -r away
echo two >&3
wait $pid
is "folder gone: exit code" $? 74
like "folder gone: said" "$(cat err)" "*its folder is missing*"
is "folder gone: the lines have passed" "$(cat passed)" "$(printf 'one\ntwo')"
exec 3>&-

finish
