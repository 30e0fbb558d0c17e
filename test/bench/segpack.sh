#!/bin/sh
# segpack on 100 clips of 10 MB, beside tar cf of the same clips in the same run: 1.3 times
# its time is wanted. tar leaves its archive in memory; segpack's is on the disk, verified,
# and the clips are gone, so it is compared with tar and a sync, too, and with that and a
# cmp of the archive with the clips.
. "$(dirname "$0")/../lib.sh"
CLIPS=${CLIPS:-100}
RUNS=${RUNS:-3}
ffmpeg -nostdin -v error -f lavfi -i "testsrc2=s=1280x720:r=15:d=16,noise=alls=20:allf=t" \
	-f lavfi -i "sine=440:r=44100:d=16" -c:v libx264 -preset ultrafast -b:v 4900k -maxrate 4900k \
	-bufsize 2400k -g 30 -bf 0 -c:a aac -b:a 64k source.mp4 || exit 1
mkdir kept
n=0
while [ $((n += 1)) -le "$CLIPS" ]; do
	cp source.mp4 "kept/$n.mp4"
	touch -d "2026-01-02 10:00:00.$n Z" "kept/$n.mp4"
done
sync
echo "# $CLIPS clips of $(stat -c %s source.mp4) bytes, of one hour"

# What is packed goes: links to the clips, made before the clock starts, are what is given.
perl - "$plain/segpack" "$RUNS" <<'X'
use strict;
use warnings;
use Time::HiRes 'time';
my ($segpack, $runs) = @ARGV;
my %times;
my @peers = (
	['tar cf', 'tar cf out.tar drop'],
	['tar cf, sync', 'tar cf out.tar drop && sync out.tar'],
	['tar cf, sync, compare', 'tar cf out.tar drop && sync out.tar && tar df out.tar'],
	['segpack', "find drop -type f | sort -V | '$segpack' store >/dev/null"],
);
for my $run (0 .. $runs) {
	for (@peers) {
		my ($name, $command) = @$_;
		system('rm -rf drop store out.tar && mkdir store && cp -al kept drop && sync -f .') and die;
		my $start = time;
		system('sh', '-c', $command) and die "bench: $command failed\n";
		push @{$times{$name}}, time - $start if $run; # the first warms up
		my $left = () = glob 'drop/*';
		die "bench: $command: $left clips left\n" if $name eq 'segpack' && $left;
	}
}
my %median = map { my @t = sort { $a <=> $b } @{$times{$_}}; ($_ => $t[$#t / 2]) } keys %times;
for my $peer (@peers[0 .. 2]) {
	my $ratio = $median{segpack} / $median{$peer->[0]};
	printf "segpack, beside %s: %.0f ms, peer %.0f ms, ratio %.2f, wanted at most 1.3: %s\n",
		$peer->[0], $median{segpack} * 1e3, $median{$peer->[0]} * 1e3, $ratio,
		$ratio <= 1.3 ? 'kept' : 'MISSED';
}
X
