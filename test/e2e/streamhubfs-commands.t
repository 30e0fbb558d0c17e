#!/bin/sh
# streamhubfs and the commands of every day: copies, grep, ls, watch, tail -f and poll(2) see a view that is
# whole.
. "$(dirname "$0")/../view.sh"
need_view
two_stations
view_start || exit 99
cd run/streamhub || exit 99
s=stations/1

# Commands of every day.
copies=$T/copies
mkdir "$copies"
still() { # FOLDER: is it what can be read here, but for what a second changes?
	diff -r -x age -x status -x 'status.json' -x metrics -x summary . "$1" >"$T/.diff" || show \
		"$(cat "$T/.diff")"
	[ ! -s "$T/.diff" ] && [ "$(wc -c <"$1/stations/1/status")" -gt 100 ]
}
cp -r . "$copies/cp"
ok "cp -r" still "$copies/cp"
run rsync -a ./ "$copies/rsync"
is "rsync: exit code" "$rc:$err" 0:
ok "rsync -a" still "$copies/rsync"
tar -cf "$copies/a.tar" . 2>"$T/.tar"
ok "tar: nothing shrank" sh -c '! grep -q shrank "$1"' sh "$T/.tar"
mkdir "$copies/tar"
ok "tar: can be unpacked" tar -xf "$copies/a.tar" -C "$copies/tar"
ok "tar: what is in it" still "$copies/tar"
is "grep -r" "$(grep -rl '^position: 1500' stations | sort | tr '\n' ' ')" \
	"stations/1/tools/rtmppush stations/2/tools/rtmppush "
like "ls -l: size, owner and mode" "$(ls -ln $s/cursor)" \
	"-r--r--r-- 1 $(stat -c '%u %g' "$T/$live/1") $(wc -c <$s/cursor) *"
is "ls -l: the time is the fact's" "$(stat -c %Y $s/now)" "$(stat -c %Y "$T/$live/1/rtmppush")"
is "ls -l: a size is what a read gives" "$(stat -c %s $s/tools/camwatch)" "$(wc -c <"$T/$live/1/camwatch")"
is "wc reads it" "$(wc -l <$s/status)" 30
is "head and tail" "$(tail -n 1 $s/log)$(head -c 3 $s/state)" 100pla
is "completion" "$(bash -c "compgen -f $s/tools/r")" $s/tools/rtmppush
inotifywait -q -t 20 -e close stations/2/state >"$T/.inotify" 2>&1 &
watcher=$!
seen() { cat stations/2/state >/dev/null; ! kill -0 $watcher 2>/dev/null; }
ok "inotifywait tells of other readers" wait_for 15 seen
like "inotifywait: the event" "$(cat "$T/.inotify")" "*CLOSE*"
if command -v watch >/dev/null; then
	TERM=vt100 timeout 2 watch -t -n 0.2 cat $s/state >"$T/.watch" 2>&1
	ok "watch" grep -aq playing "$T/.watch"
else
	skip "watch" "needs watch of the package procps"
fi
is "df" "$(df . | wc -l)" 2

# tail -f.
tail -n 1 -f $s/log >"$T/.tail" 2>&1 &
tail_log=$!
tail -f $s/now >"$T/.tail_now" 2>&1 &
tail_now=$!
has() { grep -qx "$2" "$T/$1"; }
ok "tail -f log: its end" wait_for 5 has .tail 100
ok "tail -f now: what plays" wait_for 5 has .tail_now day/1.mp4
echo more >>"$T/$state/1/log"
rtmppush_fact day/7.mp4 | put "$T/$live/1/rtmppush"
ok "tail -f log: what comes" wait_for 10 has .tail more
ok "tail -f now: what plays next" wait_for 10 has .tail_now day/7.mp4
rtmppush_fact day/longer.mp4 | put "$T/$live/1/rtmppush"
ok "tail -f now: and then" wait_for 10 has .tail_now day/longer.mp4
kill $tail_log $tail_now
wait $tail_log $tail_now 2>/dev/null
is "tail -f: nothing twice" "$(cat "$T/.tail" "$T/.tail_now" | tr '\n' ' ')" \
	"100 more day/1.mp4 day/7.mp4 day/longer.mp4 "

# poll(2).
cat >"$T/poll.pl" <<'EOF'
use strict; use warnings; use IO::Poll qw(POLLIN POLLPRI);
my ($file) = @ARGV;
$| = 1;
open my $f, "<", $file or die;
my $poll = IO::Poll->new;
$poll->mask($f => POLLIN);
print "readable\n" if $poll->poll(0) == 1;
$poll->mask($f => POLLPRI);
print "new\n" if $poll->poll(1.1) == 0; # so long that what follows is no longer young
my ($woken, $events) = ($poll->poll(20), $poll->events($f));
print $woken == 1 && $events == POLLPRI ? "old\n" : "woken $woken, events $events, $!\n";
open $f, "<", $file or die;
print <$f>;
EOF
polled() { # NAME FILE CHANGE WANTED
	perl "$T/poll.pl" "$2" >"$T/.poll" &
	poller=$!
	ok "$1: readable, and new" wait_for 10 has .poll new
	eval "$3"
	wait $poller
	is "$1: a change wakes up" "$(tr '\n' ' ' <"$T/.poll")" "readable new old $4 "
}
polled "poll state" $s/state 'heartbeat 200 | put "$T/$live/1/heartbeat"' stale
timeout 100 perl -e 'use IO::Poll "POLLPRI";
	open my $f, "<", $ARGV[0] or die;
	my $poll = IO::Poll->new;
	$poll->mask($f => POLLPRI);
	for (1 .. 5000) { $poll->poll(0.001) }' $s/desired
is "5000 short waits end" $? 0
polled "poll now" $s/now 'rtmppush_fact day/8.mp4 | put "$T/$live/1/rtmppush"' day/8.mp4
finish
