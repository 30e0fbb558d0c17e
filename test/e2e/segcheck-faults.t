#!/bin/sh
# segcheck without its parser, short of everything, with files that change under its eyes, and with
# clocks that jump. It is killed at each of its calls by make fault.
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
		mount -o remount,ro m && { $segcheck -q m/_failed -d 0 m/bad.mp4 $good; r=\$?; ls m m/_failed; exit \$r; }"
	is "a quarantine that cannot be written to" "$rc:$(echo $out)" "74:$good m: _failed bad.mp4 m/_failed:"
	like "a quarantine that cannot be written to: said" "$err" "*'m/bad.mp4' is bad*could not be moved*Read-only file system*"
else
	skip "another user's limits, no /proc, a read-only quarantine" "needs root"
fi

# The quarantine is taken away while it is used.
rm -rf q && mkdir q
clipped q/1.mp4
clipped q/2.mp4
"$segcheck" -q q/_failed -d 0 <in >printed 2>err &
pid=$!
exec 9>in
echo q/1.mp4 >&9
ok "the quarantine is there" wait_for 20 is_there q/_failed/1.mp4.reason
rm -r q/_failed
printf 'q/2.mp4\n%s\n' "$good" >&9
ok "the quarantine is gone: goes on" wait_for 20 printed 1
exec 9>&-
wait $pid
is "the quarantine is gone: the clip stays" "$?:$(ls q)" "66:2.mp4"
ok "the quarantine is gone: said" said "'q/2.mp4' is bad.*could not be moved to 'q/_failed'"

# Two that look again into one quarantine: each clip comes back once.
rm -rf q && mkdir -p q/_failed
reason() { # NAME
	printf 'time: 2026-01-01T00:00:00Z\nboot: b\nmono: 1.000\npid: 1\ncode: zeros\nreason: r\ntries: 1\nsize: 1\nfrom: %s\n' \
		"$T/q/$1" >"q/_failed/$1.reason"
}
for n in $(seq 1 60); do
	cp "$good" q/_failed/$n.mp4
	reason $n.mp4
	touch -d '1 hour ago' q/_failed/$n.mp4.reason
done
mkfifo in2
"$segcheck" -q q/_failed -R 60 <in >/dev/null 2>err &
pid=$!
"$segcheck" -q q/_failed -R 60 <in2 >/dev/null 2>err2 &
other=$!
exec 9>in 8>in2
home() { [ "$(ls q/*.mp4 2>/dev/null | wc -l)" -eq "$1" ] && [ -z "$(ls q/_failed)" ]; }
ok "two look again: all are back" wait_for 20 home 60
exec 9>&- 8>&-
wait $pid
is "two look again: the one" $? 0
wait $other
is "two look again: the other" $? 0
is "two look again: each said once" "$(sort err err2 | sed -n 's/.*\(.q.[0-9]*.mp4\). is good by now: back.*/\1/p' | sort -u | wc -l) $(cat err err2 | grep -vc 'looked into')" "60 60"

# Clocks. The files keep the time of the kernel.
lib=$(faketime -f +0 sh -c 'echo "$LD_PRELOAD"')
at() { # OFFSET COMMAND...
	offset=$1
	shift
	LD_PRELOAD=$lib FAKETIME=$offset NO_FAKE_STAT=1 FAKETIME_DONT_FAKE_MONOTONIC=1 "$@"
}
looks_again() { # OFFSET: whether a clip that was tried just now is looked into again
	rm -rf q && mkdir -p q/_failed
	cp "$good" q/_failed/1.mp4
	reason 1.mp4
	at "$1" "$segcheck" -q q/_failed -R 600 <in >/dev/null 2>err &
	pid=$!
	exec 9>in
	echo "$good" >&9 # after it the first look is over
	[ "$2" = 0 ] || wait_for 20 is_there q/1.mp4
	exec 9>&-
	wait $pid
	ls q
}
is "-R: not yet" "$(looks_again +0 0)" _failed
is "-R: the clock is ahead" "$(looks_again +2h 1)" "1.mp4
_failed"
is "-R: the clock was set back" "$(looks_again -2h 1)" "1.mp4
_failed"
clipped q/2.mp4
run at +2h "$segcheck" -q q/_failed -d 3600 q/2.mp4
is "-d: the clock is ahead: not fresh" "$rc:$(value q/_failed/2.mp4.reason tries)" 1:1
clipped q/2.mp4
rm q/_failed/2.mp4*
run at -2h "$segcheck" -q q/_failed -d 1 -r 2 q/2.mp4
is "-d: the clock was set back: no more than its tries" "$rc:$(value q/_failed/2.mp4.reason tries)" 1:2
finish
