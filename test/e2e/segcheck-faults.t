#!/bin/sh
# segcheck without its parser, short of everything, and with files that change under its eyes. It is killed at
# each of its calls by make fault.
. "$(dirname "$0")/../lib.sh"
segcheck=$plain/segcheck # strace and the leak sanitizer exclude each other
hooked=$plain/segcheck-hooked
good=$top/test/fixtures/good-mp4.mp4
clipped() { # NAME
	head -c 2000 "$good" >"$1"
}
is_there() { [ -e "$1" ]; }
said() { grep -q "$1" err; }

# Without its parser.
mkfifo in
"$segcheck" <in >printed 2>err &
pid=$!
exec 9>in
printed() { [ "$(wc -l <printed)" -eq "$1" ]; }
echo "$good" >&9
ok "a clip before" wait_for 20 printed 1
parser=$(pgrep -P $pid)
kill -KILL "$parser"
zombie() { [ "$(awk '{ print $3 }' "/proc/$parser/stat")" = Z ]; }
ok "the parser is killed while it is idle" wait_for 20 zombie
echo "$good" >&9
ok "the next clip gets another one" wait_for 20 printed 2
exec 9>&-
wait $pid
is "a killed parser: exit code" "$?:$(cat err)" "0:"

echo spin >spin.mp4
setsid "$hooked" spin.mp4 >/dev/null 2>&1 &
pid=$!
busy() { [ "$(pgrep -s $pid | wc -l)" -eq 2 ]; }
ok "a parser is at work" wait_for 20 busy
kill -KILL $pid
wait $pid 2>/dev/null
none() { [ -z "$(pgrep -s $pid)" ]; }
ok "kill -9: no parser is left" wait_for 20 none

# Files that change while they are read.
cp "$good" change.mp4
perl -e '
	open F, "+<", "change.mp4" or die;
	binmode F;
	local $/;
	my $all = <F>;
	while (getppid() == $ARGV[0]) {
		truncate F, 100 + rand 4000;
		sysseek F, 0, 0;
		syswrite F, $all;
		rename "change.mp4", "other";
		symlink "/etc/passwd", "change.mp4";
		rename "other", "change.mp4";
	}' $$ &
changer=$!
perl -e 'print "change.mp4\n" x 500' | "$segcheck" >printed 2>err
code=$?
kill $changer
wait $changer 2>/dev/null
is "a file that changes while it is read: no other is printed" "$(grep -vxc change.mp4 printed)" 0
like "a file that changes while it is read: exit code" "$code" "[016]*"
is "a file that changes while it is read: no parser dies of it" "$(grep -c parser- err)" 0

# Nobody reads what it prints.
mkfifo blocked
exec 7<>blocked
mkdir s
perl -e 'print "$ARGV[0]\n" x 1000' "$good" | "$segcheck" -j -s s >blocked 2>err 7<&- &
pid=$!
checked() { [ "$(value s/segcheck checked 2>/dev/null)" -ge "$1" ] 2>/dev/null; }
ok "blocked output: goes on while there is room" wait_for 20 checked 100
kill -TERM $pid
wait $pid
is "blocked output: SIGTERM" "$?:$(cat err)" "0:"
exec 7<&-

# Short of something. What cannot be looked into is not called bad, nor lost.
mkdir d
for n in $(seq 1 200); do ln "$good" d/$n.mp4 2>/dev/null || cp "$good" d/$n.mp4; done
run sh -c "ulimit -n 6; exec $segcheck -q d/_failed d/*.mp4"
is "no descriptors: exit code" "$rc" 69
like "no descriptors: said" "$err" "*Too many open files*"
run sh -c "ulimit -n 12; exec $segcheck -q d/_failed d/*.mp4"
is "few descriptors: enough" "$rc:$(echo "$out" | wc -l)" 0:200
run sh -c "ulimit -n 40; exec $segcheck -J 16 d/*.mp4"
like "few descriptors, many parsers: all or none is called missing" "$rc" "[06]*"
run sh -c "ulimit -v 800000; exec $segcheck $good"
is "less memory than the parser may have" "$rc:$out" "0:$good"
run "$segcheck" -J 16 d/*.mp4
is "-J 16: in order" "$rc:$out" "0:$(printf '%s\n' d/*.mp4)"
if [ "$(id -u)" -eq 0 ]; then
	clipped bad.mp4
	chmod 755 "$T"
	cp "$segcheck" segcheck # where the other user can get at it
	run setpriv --reuid 65533 --clear-groups bash -c "ulimit -v 800000; exec $T/segcheck d/1.mp4"
	is "less memory, another user" "$rc:$out" "0:d/1.mp4"
	run setpriv --reuid 65533 --clear-groups bash -c "ulimit -u 1; exec $T/segcheck d/1.mp4"
	is "no processes: exit code" "$rc:$out" "69:"
	like "no processes: said" "$err" "*no sandboxed parser can be run*Resource temporarily unavailable*"
	run unshare -m sh -c "mount -t tmpfs none /proc && exec $segcheck d/1.mp4"
	is "no /proc" "$rc:$out" "0:d/1.mp4"
	run unshare -m sh -c "mount -t tmpfs none /proc && exec $segcheck -q _failed -d 0 bad.mp4"
	is "no /proc: a bad one stays" "$rc:$(wc -c <bad.mp4):$(ls -A _failed)" "66:2000:"
	mkdir m
	run unshare -m sh -c "mount -t tmpfs none m && mkdir m/_failed && cp bad.mp4 m &&
		mount -o remount,ro m &&
		{ $segcheck -q m/_failed -d 0 m/bad.mp4 $good; r=\$?; ls m m/_failed; exit \$r; }"
	is "a quarantine that cannot be written to" "$rc:$(echo $out)" \
		"74:$good m: _failed bad.mp4 m/_failed:"
	like "a quarantine that cannot be written to: said" "$err" \
		"*'m/bad.mp4' is bad*could not be moved*Read-only file system*"
else
	skip "another user's limits, no /proc, a read-only quarantine" "needs root"
fi
finish
