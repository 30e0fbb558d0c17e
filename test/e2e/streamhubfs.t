#!/bin/sh
# streamhubfs: the view is what the facts say, and ordinary commands work on it.
. "$(dirname "$0")/../lib.sh"
tab=$(printf '\t')
live=run/streamhub.d settings=etc/streamhub/stations state=var/lib/streamhub
mkdir -p $live $settings $state
chmod 755 .

camwatch_fact() { fact_head; printf 'waiting: 1\nquiet: 3\n'; }
rtmppush_fact() { # NOW
	fact_head
	printf 'position: 1500\nlag: 7\nqueue: 2\nplayed: 17\nreconnects: 1\nstate: playing\n'
	printf 'stream: connected\nserver: rtmp://x/***\nnow: %s\nerror: \n' "$1"
}
put() { # FILE: replaced as a whole
	cat >"$1.new" && mv "$1.new" "$1"
}
station() { # ID: one that plays
	mkdir -p $live/"$1" "drop/$1/_failed" $state/"$1"
	heartbeat | put $live/"$1"/heartbeat
	camwatch_fact | put $live/"$1"/camwatch
	(fact_head && echo 'good: 5') | put $live/"$1"/segcheck
	(fact_head && echo 'archives: 1') | put $live/"$1"/segunpack
	(fact_head && echo 'packed: 1') | put $live/"$1"/segpack
	rtmppush_fact "day/$1.mp4" | put $live/"$1"/rtmppush
	printf 'NAME="Cam %s"\nWATCH_DIR=%s/drop/%s\nRTMP_URL=rtmp://host/app/key-%s\n' \
		"$1" "$T" "$1" "$1" >$settings/"$1".conf
}
station 1
station 2
echo up >$state/1/desired
printf '17\tday/0.mp4\t1500\n' >$state/1/cursor
seq 100 >$state/1/log
echo bad >drop/1/_failed/x.mp4
echo 'code: truncated' >drop/1/_failed/x.mp4.reason

# What it refuses.
refused() { # NAME CODE PATTERN COMMAND...
	what=$1 code=$2 pattern=$3
	shift 3
	run timeout 20 "$@"
	is "$what: exit code" "$rc" "$code"
	like "$what: message" "$err" "$pattern"
}
mkdir other full
touch full/.hidden file
refused "unknown option" 64 "*unknown option '-x'*" streamhubfs -x other
refused "unknown -o" 64 "*option -o: unknown 'nonsense'*" streamhubfs -o allow_other,nonsense other
refused "user without a name" 64 "*user needs a name*" streamhubfs -o user= other
refused "allow_other with a value" 64 "*no value*" streamhubfs --options allow_other=1 other
refused "two mount points" 64 "*more than one*" streamhubfs other full
refused "no mount point" 66 "*'no/such'*No such*" streamhubfs no/such
refused "a file as mount point" 66 "*'file'*" streamhubfs file
refused "a mount point that is not empty" 64 "*'full'*not empty*" streamhubfs -f full
run streamhubfs --help
like "--help: usage" "$out" "usage: streamhubfs *--foreground*--options OPT*--version*"
run streamhubfs -V
is "-V" "$out:$rc" "streamhubfs $(sed -n 's/^VERSION := //p' "$top/Makefile"):0"
if [ "$(id -u)" -eq 0 ]; then
	refused "no such user" 64 "*no user 'nobody-at-all'*" streamhubfs -o user=nobody-at-all other
else
	skip "no such user" "needs root"
fi

if ! can_mount; then
	skip "all of the view" "$no_view"
	finish
fi
ok "it starts" view_start --verbose -f
cd run/streamhub || exit 99

# The tree.
is "the tree" "$(find . ! -path './stations/2*' | sort | tr '\n' ' ')" "$(echo . ./attention ./healthy \
	./healthy/1 ./healthy/2 ./metrics ./stations ./stations/1 ./stations/1/age ./stations/1/config \
	./stations/1/cursor ./stations/1/desired ./stations/1/failed ./stations/1/failed/x.mp4 \
	./stations/1/failed/x.mp4.reason ./stations/1/heartbeat ./stations/1/log ./stations/1/now \
	./stations/1/queue ./stations/1/state ./stations/1/status ./stations/1/status.json \
	./stations/1/tools ./stations/1/tools/camwatch ./stations/1/tools/rtmppush \
	./stations/1/tools/segcheck ./stations/1/tools/segpack ./stations/1/tools/segunpack ./summary ./version) "
ok "find: every file can be read" sh -c 'find . -type f -exec cat {} + >/dev/null'
is "types as find sees them" "$(find . -maxdepth 1 -type d | wc -l):$(find . -type l | wc -l):$(find . -maxdepth 1 -type f | wc -l)" 4:2:3
is "links lead to the station" "$(readlink healthy/1):$(cat healthy/1/state)" ../stations/1:playing
is "version" "$(cat version)" "streamhub $(sed -n 's/^VERSION := //p' "$top/Makefile")"

# A station.
s=stations/1
is "status: its keys, in order" "$(head -n 15 $s/status | cut -d : -f 1 | tr '\n' ' ')" \
	"station name desired state stream heartbeat age now position lag queue failed played reconnects error "
is "status: values" "$(grep -v -e ^heartbeat -e ^age $s/status | cut -d ' ' -f 2- | tr '\n' ,)" \
	"1,Cam 1,up,playing,connected,day/1.mp4,1.500,7,3,1,17,1,-,"
is "status.json is status" "$(perl -MJSON::PP -e 'local $/; my ($json, $status) = @ARGV;
	my $j = decode_json(do { open my $f, "<", $json; <$f> }); open my $f, "<", $status; my $text = <$f>;
	for (split /\n/, $text) { my ($k, $v) = /^(\w+): (.*)/; my $own = $j->{$k} // "-"; $own = "1.500" if $k eq "position";
		print "$k: $v, not $own\n" if $k ne "age" && $own ne $v; delete $j->{$k} } print %$j' $s/status.json $s/status)" ""
is "state" "$(cat $s/state)" playing
is "now" "$(cat $s/now)" day/1.mp4
is "queue" "$(cat $s/queue)" 3
is "desired" "$(cat $s/desired)" up
is "desired: none" "$(cat stations/2/desired)" -
is "cursor" "$(cat $s/cursor)" "17${tab}day/0.mp4${tab}1500"
is "cursor: none" "$(cat stations/2/cursor)" -
is "log" "$(cat $s/log)" "$(seq 100)"
is "log: none" "$(cat stations/2/log)" ""
is "config: no secret" "$(cat $s/config)" "NAME=Cam 1
WATCH_DIR=$T/drop/1
RTMP_URL=***"
ok "no secret anywhere" sh -c '! grep -rq key-1 .'
for tool in camwatch segunpack segcheck rtmppush segpack; do
	ok "tools/$tool: as written" cmp -s $s/tools/$tool "$T/$live/1/$tool"
done
ok "heartbeat: as written" cmp -s $s/heartbeat "$T/$live/1/heartbeat"
is "stalecheck takes it as a heartbeat" "$(stalecheck $s/heartbeat | cut -f 2)" ok
is "failed: as it lies there" "$(cat $s/failed/x.mp4 $s/failed/x.mp4.reason)" "bad
code: truncated"

# All stations.
is "summary" "$(sed 's/  */ /g' summary | cut -d ' ' -f 1-3,5-)" "STATION STATE DESIRED LAG QUEUE FAILED PLAYED NAME ERROR
1 playing up 7 3 1 17 Cam 1 -
2 playing - 7 3 0 17 Cam 2 -"
like "metrics" "$(cat metrics)" '*streamhub_healthy{station="1"} 1*# EOF'
if command -v promtool >/dev/null; then
	run sh -c 'promtool check metrics <metrics'
	is "promtool takes the metrics" "$rc:$out$err" 0:
else
	skip "promtool takes the metrics" "needs promtool of the package prometheus"
fi

# What changes is seen at once.
rtmppush_fact day/2.mp4 | put "$T/$live/1/rtmppush"
is "a new fact" "$(cat $s/now)" day/2.mp4
echo down >"$T/$state/1/desired"
is "a new wish" "$(value $s/status desired)" down
heartbeat 500 | put "$T/$live/1/heartbeat"
is "stopped by hand: its state" "$(cat $s/state)" stopped
ok "stopped by hand: no link to it" sh -c '[ ! -e healthy/1 ] && [ ! -e attention/1 ]'
echo up >"$T/$state/1/desired"
is "stale" "$(cat $s/state):$(value $s/status error):$(ls attention):$(ls healthy)" "stale:heartbeat too old:1:2"
heartbeat | put "$T/$live/1/heartbeat"
(fact_head && printf 'waiting: 0\nquiet: 601\n') | put "$T/$live/1/camwatch"
rtmppush_fact x | sed 's/^queue: .*/queue: 0/' | put "$T/$live/1/rtmppush"
is "silent" "$(cat $s/state):$(ls attention)" silent:1
(cd "$T" && station 3)
is "a station that comes" "$(echo stations/*):$(cat stations/3/state)" "stations/1 stations/2 stations/3:playing"
rm -r "$T/$live/3" "$T/$settings/3.conf"
is "a station that goes" "$(ls stations | tr '\n' ' ')" "1 2 "
gone() { [ ! -e stations/3 ]; }
ok "a station that goes: its name" wait_for 5 gone
echo ACTIVE=perhaps >"$T/$settings/new.conf"
is "broken settings" "$(cat stations/new/state):$(value stations/new/status error):$(ls attention | tail -n 1)" \
	"error:settings: line 1: ACTIVE: expected yes or no:new"
printf 'A=1\0' >"$T/$settings/new.conf"
like "settings that are none" "$(cat stations/new/state):$(value stations/new/status error)" "error:settings: *"
ok "settings that are none: config is an error" sh -c '! cat stations/new/config 2>/dev/null'
echo NAME=later >"$T/$settings/new.conf"
is "settings and no facts" "$(cat stations/new/state):$(cat stations/new/now stations/new/age stations/new/heartbeat | tr '\n' ' ')" "stopped:- - - "
rm "$T/$settings/new.conf"
(cd "$T" && station 1)

# Commands of every day.
copies=$T/copies
mkdir "$copies"
still() { # FOLDER: is it what can be read here, but for what a second changes?
	diff -r -x age -x status -x 'status.json' -x metrics -x summary . "$1" >"$T/.diff" || show "$(cat "$T/.diff")"
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
is "grep -r" "$(grep -rl '^position: 1500' stations | sort | tr '\n' ' ')" "stations/1/tools/rtmppush stations/2/tools/rtmppush "
like "ls -l: size, owner and mode" "$(ls -ln $s/cursor)" "-r--r--r-- 1 $(stat -c '%u %g' "$T/$live/1") $(wc -c <$s/cursor) *"
is "ls -l: the time is the fact's" "$(stat -c %Y $s/now)" "$(stat -c %Y "$T/$live/1/rtmppush")"
is "ls -l: a size is what a read gives" "$(stat -c %s $s/tools/camwatch)" "$(wc -c <"$T/$live/1/camwatch")"
is "wc reads it" "$(wc -l <$s/status)" 15
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
is "tail -f: nothing twice" "$(cat "$T/.tail" "$T/.tail_now" | tr '\n' ' ')" "100 more day/1.mp4 day/7.mp4 day/longer.mp4 "

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
print "new\n" if $poll->poll(0) == 0;
print "old\n" if $poll->poll(20) == 1 && $poll->events($f) == POLLPRI;
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
polled "poll state" $s/state 'heartbeat 500 | put "$T/$live/1/heartbeat"' stale
timeout 100 perl -e 'use IO::Poll "POLLPRI"; open my $f, "<", $ARGV[0] or die; my $poll = IO::Poll->new; $poll->mask($f => POLLPRI);
	for (1 .. 5000) { $poll->poll(0.001) }' $s/desired
is "5000 short waits end" $? 0
polled "poll now" $s/now 'rtmppush_fact day/8.mp4 | put "$T/$live/1/rtmppush"' day/8.mp4
(cd "$T" && station 1)

# Each open is one snapshot, and its size is that of what is read.
exec 3<$s/now
rtmppush_fact day/9.mp4 | put "$T/$live/1/rtmppush"
is "an open file does not change" "$(perl -e 'sysread STDIN, $b, 4; print $b; sysread STDIN, $b, 99; print $b' <&3)" day/1.mp4
is "an open file has its size" "$(stat -L -c %s /dev/fd/3 3<$s/tools/rtmppush)" "$(wc -c <"$T/$live/1/rtmppush")"
exec 3<&-

# Nothing can be changed.
cat >"$T/change.pl" <<'EOF'
use strict; use warnings; use Errno 'EROFS'; use Fcntl;
my $f = "stations/1/state"; my $x = "stations/1/new";
my %calls = (write => sub { sysopen my $h, $f, O_WRONLY }, update => sub { sysopen my $h, $f, O_RDWR },
	append => sub { open my $h, ">>", $f }, create => sub { sysopen my $h, $x, O_CREAT | O_WRONLY },
	unlink => sub { unlink $f }, mkdir => sub { mkdir $x }, rmdir => sub { rmdir "stations/1/tools" },
	rename => sub { rename $f, $x }, link => sub { link $f, $x }, symlink => sub { symlink $f, $x },
	chmod => sub { chmod 0644, $f }, chown => sub { chown 1, 1, $f }, utime => sub { utime 1, 1, $f },
	truncate => sub { truncate $f, 0 }, mkfifo => sub { require POSIX; POSIX::mkfifo($x, 0600) },
	log => sub { open my $h, ">>", "stations/1/log" }, failed => sub { unlink "stations/1/failed/x.mp4" },
	station => sub { mkdir "stations/9" }, attention => sub { symlink "x", "attention/9" });
for (sort keys %calls) { $! = 0; my $done = $calls{$_}->(); print "$_: $!\n" if $done || $! != EROFS }
EOF
is "every change is refused: read-only" "$(perl "$T/change.pl")" ""

cd "$T" || exit 99
view_stop
is "SIGTERM: exit code" $? 0
cleanup_hook=:
ok "SIGTERM: unmounted" [ ! -e run/streamhub/version ]
is "it said nothing" "$(grep -v DEBUG .view)" ""
finish
