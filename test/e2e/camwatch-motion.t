#!/bin/sh
# A motion camera: CLIPS clips (16) with pauses of 0 to 20 minutes, under a clock that is three
# thousand times as fast. By the settings that a station has by default, each is printed.
. "$(dirname "$0")/../lib.sh"
CLIPS=${CLIPS:-16}
SEED=${SEED:-$$}
note "SEED=$SEED"

# Each is renamed into place with the time of the fast clock.
cat >camera.pl <<'EOF2'
use strict;
use Time::HiRes qw(sleep time);
my ($count, $seed) = @ARGV;
srand $seed;
for my $n (1 .. $count) {
	sleep rand 1200;
	open my $file, '>', 'd/.upload' or die $!;
	print $file "clip $n\n";
	close $file;
	my $now = time;
	utime $now, $now, 'd/.upload';
	rename 'd/.upload', sprintf 'd/%04d.mp4', $n or die $!;
}
EOF2
cat >play.sh <<'EOF2'
"$camwatch" -l 300 -L delete -s st d >printed 2>err &
echo $! >pid
perl camera.pl "$CLIPS" "$SEED"
for _ in $(seq 100); do
	[ "$(wc -l <printed)" = "$CLIPS" ] && break
	sleep 100 # by the fast clock
done
kill $! && wait # faketime ends when none of its processes is left
EOF2
mkdir d st
cleanup_hook='kill "$(cat pid)" 2>/dev/null'
camwatch=$plain/camwatch CLIPS=$CLIPS SEED=$SEED faketime -f '+0 x3000' sh play.sh
is "each is printed in order, the last one too" "$(cat printed)" "$(seq -f 'd/%04.0f.mp4' "$CLIPS")"
is "none is late" "$(grep -c 'is late' err)" 0
is "none is gone" "$(ls d | wc -l)" "$CLIPS"
finish
