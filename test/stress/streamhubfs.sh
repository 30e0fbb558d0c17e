#!/bin/sh
# streamhubfs under load: 10,000 readers that stay open while the facts change, 50 kills, 10,000
# stations.
BIN=${BIN:-$(cd "$(dirname "$0")/../.." && pwd)/build}
. "$(dirname "$0")/../lib.sh"
if ! can_mount; then
	skip "streamhubfs under load" "$no_view"
	finish
fi
live=run/streamhub.d v=run/streamhub
mkdir -p $live
# shellcheck disable=SC3045 # dash has it
ulimit -n 20000 2>/dev/null
# shellcheck disable=SC3045
if [ "$(ulimit -n)" -lt 12000 ]; then
	skip "streamhubfs under load" "needs 12000 open files"
	finish
fi

# The facts of 100 stations, each changed about 20 times a second, with its number at both ends.
cat >writer.pl <<'EOF'
use strict; use warnings; use Time::HiRes "sleep";
my ($live, $boot, $stations) = @ARGV;
open my $u, "<", "/proc/uptime" or die; my ($up) = split / /, <$u>;
for (my $n = 0; ; $n++) {
	my $id = $n % $stations + 1;
	mkdir "$live/$id";
	for my $name ("rtmppush", "heartbeat") {
		open my $f, ">", "$live/$id/.$name" or die;
		print $f "first: $n\ntime: 2026-01-01T00:00:00Z\nboot: $boot\nmono: $up\npid: 1\nqueue: $n\nplayed: $n\n",
			"now: ", "n" x ($n % 900), "\nlast: $n\n";
		close $f;
		rename "$live/$id/.$name", "$live/$id/$name";
	}
	sleep 0.0004 if $n > $stations;
}
EOF
perl writer.pl $live "$(cat /proc/sys/kernel/random/boot_id)" 100 &
writer=$!
view_start
cleanup_hook='kill $writer; view_stop'
wait_for 20 test -s $v/stations/100/tools/rtmppush

# Opens ROUNDS times 10,000 files, and only then reads them, half of each at first.
cat >readers.pl <<'EOF'
use strict; use warnings;
my ($view, $rounds) = @ARGV;
my ($bad, %seen) = (0);
for my $round (1 .. $rounds) {
	my @open;
	for my $i (0 .. 9999) {
		my $id = $i % 100 + 1;
		my $file = $i % 3 ? "tools/rtmppush" : "status";
		open my $h, "<", "$view/stations/$id/$file" or do { print "$file: $!\n"; $bad++; next };
		push @open, [$h, $file];
	}
	for (@open) {
		sysread $_->[0], my $half, 60;
		defined $half && length $half == 60 or $bad++;
		push @$_, $half;
	}
	for (@open) {
		my ($h, $file, $text) = @$_;
		while (my $n = sysread $h, my $more, 100) { $text .= $more }
		my ($first, $last) = $file eq "status" ? $text =~ /^queue: (\d+)\n.*^played: (\d+)\n/ms
			: $text =~ /^first: (\d+)\n.*^last: (\d+)\n\z/ms;
		defined $last && $first == $last && (stat $h)[7] == length $text or do { $bad++; print "mixed: $text\n" if $bad < 3 };
		$seen{$last // ""}++;
	}
}
print "$bad bad, ", scalar(keys %seen) > 1000 ? "many" : "few", " versions\n";
EOF
resident() { awk '/^VmRSS:/ { print $2 }' /proc/$view/status; }
perl readers.pl $v 3 >/dev/null
before=$(resident)
run timeout 600 perl readers.pl $v 7
is "7 x 10,000 open readers: each has one snapshot" "$out$err" "0 bad, many versions"
after=$(resident)
echo "# resident: $before KiB after 30,000 open readers, $after KiB after 70,000 more"
ok "memory stays flat" [ "$after" -lt $((before + before / 4)) ]

# kill -9 under load; the next one is usable within two seconds, and nobody helps.
cat >load.sh <<'EOF'
while :; do cat "$1"/stations/*/status "$1"/summary; ls -lR "$1"; done >/dev/null 2>&1
EOF
for _ in 1 2; do
	sh load.sh $v &
	loads="${loads-} $!"
done
cleanup_hook='kill $writer $loads; view_stop'
mkfifo beats
hbwrite -e playing "$live/1/heartbeat" <beats >passed 2>hbwrite.err &
beats=$!
exec 7>beats
cleanup_hook='kill $writer $loads $beats; view_stop'
slow=0 longest=0
for n in $(seq 50); do
	echo "clip $n" >&7
	kill -9 "$view"
	wait "$view" 2>/dev/null
	started=$(date +%s%3N)
	streamhubfs 2>>errors 7>&- &
	view=$!
	# shellcheck disable=SC2016 # for the inner shell
	wait_for 10 sh -c 'grep -q ^played: "$1" 2>/dev/null' sh $v/stations/1/status || slow=$((slow + 1))
	took=$(($(date +%s%3N) - started))
	[ $took -le 2000 ] || slow=$((slow + 1))
	[ $took -le $longest ] || longest=$took
done
echo "# longest until it was usable again: $longest ms"
is "50 kills under load: usable within 2 s each time" "$slow" 0
exec 7>&-
wait $beats
is "50 kills under load: a tool beside it has not noticed" "$?:$(cat hbwrite.err):$(cksum <passed)" "0::$(seq -f 'clip %g' 50 | cksum)"
is "50 kills under load: its heartbeat is whole" "$(value $live/1/heartbeat count)" 50
ok "50 kills under load: nothing but dead mounts was said" sh -c '! grep -v "removed the mount of one that died" errors'
# shellcheck disable=SC2086 # a list
kill $loads $writer
# shellcheck disable=SC2086
wait $loads $writer 2>/dev/null
view_stop
is "after all that SIGTERM ends it: exit code" $? 0

# 10,000 stations.
perl -e 'my ($live, $head) = @ARGV; for my $id (1 .. 10000) { mkdir "$live/$id";
	for (["heartbeat", "last: \n"], ["camwatch", "waiting: 0\nquiet: 1\n"]) {
		open my $f, ">", "$live/$id/$_->[0]" or die; print $f "$head\n$_->[1]" } unlink "$live/$id/rtmppush" }' $live "$(fact_head)"
view_start
cleanup_hook=view_stop
is "10,000 stations: ls" "$(ls $v/stations | wc -l)" 10000
is "10,000 stations: summary" "$(wc -l <$v/summary)" 10001
is "10,000 stations: healthy" "$(ls $v/healthy | wc -l)" 10000
is "10,000 stations: the last" "$(cat $v/stations/10000/state)" waiting
is "10,000 stations: find" "$(find $v/stations -name status | wc -l)" 10000
echo "# resident with 10,000 stations: $(resident) KiB"
view_stop
is "10,000 stations: exit code" $? 0
cleanup_hook=:
finish
