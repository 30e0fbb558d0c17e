#!/bin/sh
# segcut killed at KILLS (1000) random moments, in eight folders at a time: no half clip under a visible
# name, no more than one part, each clip good, each in the catalogue, and how much of the last second is lost.
. "$(dirname "$0")/../segcut.sh"
need_nginx
PATH=$plain:$PATH
kills=${KILLS:-1000}
source_file src.flv 60 -bf 2 -c:a aac
record=off nginx_starts
ffmpeg -v error -nostdin -re -stream_loop -1 -i src.flv -c copy -f flv "$RTMP_URL" 2>push.err &
mine $!
export SOURCE_URL=$RTMP_URL
cat >killer.pl <<'EOP'
use strict;
use Time::HiRes qw(time);
my ($folder, $times, $seed) = @ARGV;
open my $kills, '>', "$folder.kills" or die;
srand $seed;
mkdir $folder;
for (1 .. $times) {
	my $pid = fork() // die;
	if (!$pid) {
		open STDOUT, '>>', "$folder.printed";
		open STDERR, '>>', "$folder.err";
		exec 'segcut', '-d', 2, $folder;
	}
	select undef, undef, undef, .05 + rand 4;
	my $when = time;
	kill 9, $pid;
	waitpid $pid, 0;
	my @parts = sort glob "$folder/*/.*.part";
	printf $kills "%d %s\n", 1000 * $when, $parts[-1] =~ m{\.(\w+\.\w+\.mp4)\.part$} if @parts;
	print "$folder: ", scalar @parts, " parts\n" if @parts > 2;
}
EOP
for n in 1 2 3 4 5 6 7 8; do
	perl killer.pl $n $((kills / 8)) $n >$n.odd 2>&1 &
	eval "killer$n=$!"
	mine $!
done
for n in 1 2 3 4 5 6 7 8; do eval reap "\$killer$n"; done
is "never more parts than one of each clip under way" "$(cat ./*.odd)" ""
for n in 1 2 3 4 5 6 7 8; do
	SOURCE_URL=rtmp://127.0.0.1:1/a/b segcut --retries 1 $n 2>$n.last
	is "$n: no part is left" "$(find $n -name '*.part')" ""
	find $n -name '*.mp4' | sort >$n.all
	is "$n: each clip is good" "$(xargs segcheck <$n.all 2>$n.bad | wc -l)" "$(wc -l <$n.all)"
	is "$n: each is in the catalogue, once" "$(cut -f 9 $n/catalogue.tsv)" "$(sed "s,^$n/,," $n.all)"
	is "$n: what was printed is there" "$(sort $n.printed | comm -23 - $n.all)" ""
done
# From the end of what was kept of the clip under way to the kill; all of it, where nothing was kept.
perl -MTime::Local -e '
	my %ms;
	for (glob "*/catalogue.tsv") {
		open my $in, "<", $_;
		while (<$in>) { my @f = split /\t/; $ms{$1} = $f[2] if $f[8] =~ m{/(.*)\n} }
	}
	for (glob "*.kills") {
		open my $in, "<", $_;
		while (<$in>) {
			my ($when, $name) = split;
			my ($Y, $M, $D, $h, $m, $s, $f) = $name =~ /^(....)(..)(..)T(..)(..)(..)\.(...)/ or next;
			push @lost, $when - 1000 * timegm($s, $m, $h, $D, $M - 1, $Y) - $f - ($ms{$name} // 0);
		}
	}
	@lost = sort { $a <=> $b } @lost;
	printf "%d %d %d %d\n", scalar @lost, $lost[@lost / 2], $lost[@lost * .99], $lost[-1]' >lost
read -r n half most worst <lost
note "$n kills with a clip under way: $half ms lost in the median, $most in 99 of 100, $worst at most"
ok "clips were under way: $n" [ "$n" -gt 0 ]
ok "half of the kills lose less than a second: $half ms" [ "$half" -lt 1000 ]
echo "# $(cat ./*.all | wc -l) clips, $(cat ./*.err | grep -c 'was under way') of them mended, $(cat ./*.printed | wc -l) printed"
finish
