#!/bin/sh
# make run: the demo shows what it should, and is ended by Ctrl-C, at a terminal too; nothing of it is left.
. "$(dirname "$0")/../demo.sh"
clip() { value "$STREAMHUB_ROOT/run/streamhub.d/1/rtmppush" played; }
played() { [ "$(clip)" -ge "$1" ] 2>/dev/null; }
told_late() { grep -q "late.mp4' is late, .*: deleted" "$STREAMHUB_ROOT/var/lib/streamhub/1/log"; }
broken() { [ -e "$(echo "$STREAMHUB_ROOT"/drop/_failed/*-broken.mp4.reason)" ]; }

ok "it starts" demo_starts
demo_port >port
like "it says what to look at" "$(cat demo.out)" "*demo/run/streamhub*/1/status*make status*"
if can_mount; then
	ok "the view shows it" wait_for 20 grep -q '^state: playing' demo/run/streamhub/stations/1/status
else
	skip "the view shows it" "$no_view"
fi
ok "clips are played" wait_for 30 played 2
ok "a broken clip is put away" wait_for 30 broken
refused() { grep -qE "^demo: refused: [0-9]*-broken.mp4: box 'mdat' at .* says " demo.out; }
ok "a broken clip is told, and why" wait_for 30 refused
ok "a late one is told" wait_for 60 told_late
run make_in_top status
like "make status" "$rc:$out" "0:* Demo (1) running pid *"
run make_in_top test-stream STATION=1
like "make test-stream: not while it runs" "$rc:$err" \
	"2:*station '1': it runs, or somebody is at it: stop it first*"
ok "rows of the summary follow" grep -q '^1 .*up.*Demo' demo.out
run "$top/contrib/demo"
like "another one beside it: refused" "$rc:$err" "1:demo: a demo runs below '*/demo' already"
demo_ends INT
is "Ctrl-C ends it" "$rc:$(tail -n 1 demo.out)" \
	"0:demo: ended; nothing runs any more, and demo/ stays to be looked at"
like "nothing odd was said" "$(grep -v INFO demo.err)" ""
ok "nothing is left" nothing_left

# By make, at a terminal: Ctrl-C is for the demo alone.
perl -e '
	use POSIX;
	my ($unlocked, $n) = (pack("i", 0)) x 2;
	open my $pty, "+<", "/dev/ptmx" or die;
	ioctl $pty, 0x40045431, $unlocked or die; # TIOCSPTLCK
	ioctl $pty, 0x80045430, $n or die; # TIOCGPTN
	my $pid = fork;
	if (!$pid) {
		POSIX::setsid();
		open STDIN, "+<", "/dev/pts/" . unpack "i", $n or die; # which becomes its terminal
		open STDOUT, ">&STDIN"; open STDERR, ">&STDIN"; close $pty;
		delete @ENV{qw(MAKEFLAGS MAKELEVEL)};
		exec "make", "-s", "-C", @ARGV, "run";
	}
	my ($all, $sent) = ("", 0);
	while (sysread $pty, my $got, 4096) {
		$all .= $got;
		$sent++ || syswrite $pty, "\003" if $all =~ /Ctrl-C ends it/;
	}
	waitpid $pid, 0;
	print $all;
	exit $? >> 8 || $? & 127' "$top" BUILD="$plain" >make.out
is "make run, Ctrl-C: exit code" $? 0
is "make run, Ctrl-C: the last words are the demo's" "$(tail -n 1 make.out | tr -d '\r')" \
	"demo: ended; nothing runs any more, and $STREAMHUB_ROOT/ stays to be looked at"
is "make run, Ctrl-C: no word of make" "$(grep -c 'make' make.out)" 1 # make status
ok "make run: nothing is left" nothing_left
finish
