#!/bin/sh
# SOURCES (20) segcuts of a live source of 1 Mbit/s at nginx for 30 s, and as many ffmpegs that cut it:
# processor time and private memory, and what their clips hold.
. "$(dirname "$0")/../segcut.sh"
need_nginx
PATH=$plain:$PATH
sources=${SOURCES:-20}
ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=640x360:r=25:d=60,noise=alls=30:allf=t" -f lavfi -i "sine=d=60" \
	-c:v libx264 -preset ultrafast -b:v 900k -minrate 900k -maxrate 900k -bufsize 450k -g 50 -sc_threshold 0 \
	-pix_fmt yuv420p -c:a aac -b:a 96k src.flv
record=off nginx_starts
ffmpeg -v error -nostdin -re -stream_loop -1 -i src.flv -c copy -f flv "$RTMP_URL" 2>push.err &
mine $!
# all.pl NAME COMMAND: so many of it for 30 s, %d being the number; seconds of processor and KB a process.
cat >all.pl <<'EOP'
my ($name, $count, @command) = @ARGV;
my (@pids, $kb);
for my $n (1 .. $count) {
	my $pid = fork() // die;
	if (!$pid) {
		open STDOUT, '>', '/dev/null';
		open STDERR, '>', "$name.err";
		mkdir "$name$n";
		s/%d/$n/ for @command;
		exec @command or exit 127;
	}
	push @pids, $pid;
}
select undef, undef, undef, 30;
for my $pid (@pids) {
	open my $rollup, '<', "/proc/$pid/smaps_rollup" or next;
	while (<$rollup>) { $kb += $1 if /^Private_\w+: +(\d+)/ }
}
kill 'TERM', @pids;
waitpid $_, 0 for @pids;
my @t = times;
printf "%.2f %d\n", $t[2] + $t[3], $kb / $count;
EOP
ours=$(SOURCE_URL=$RTMP_URL perl all.pl ours $sources segcut -d 10 ours%d)
theirs=$(perl all.pl theirs $sources ffmpeg -v error -nostdin -i "$RTMP_URL" -c copy -f segment -segment_time 10 \
	-segment_format mp4 -segment_format_options movflags=frag_keyframe+empty_moov -reset_timestamps 1 theirs%d/%03d.mp4)
echo "$ours $theirs" | awk -v n="$sources" '{
	printf "segcut, %d sources of 1 Mbit/s for 30 s: %.2f s of CPU, ffmpeg %.2f s, ratio %.2f, wanted at most 0.3: %s\n",
		n, $1, $3, $1 / $3, $1 / $3 <= .3 ? "kept" : "MISSED"
	printf "segcut, private memory: %d KB, ffmpeg %d KB, ratio %.2f, wanted at most 0.3: %s\n",
		$2, $4, $2 / $4, $2 / $4 <= .3 ? "kept" : "MISSED" }'

# held NAME: pictures in the finished clips of three of them, and those that came twice or are no source's.
held() {
	for n in 1 2 3; do
		find "$1$n" -name '*.mp4' | sort | while read -r clip; do
			ffmpeg -v error -nostdin -i "$clip" -map 0:v -c copy -f framemd5 - 2>/dev/null
		done | awk -F, '!/^#/ { print $NF }' >"$1.held"
		awk 'NR == FNR { sent[$1]; next } { all++; twice += seen[$1]++ > 0; strange += !($1 in sent) }
			END { print all + 0, twice + 0, strange + 0 }' src.held "$1.held"
	done | awk '{ a += $1; b += $2; c += $3 } END { print a, b, c }'
}
ffmpeg -v error -nostdin -i src.flv -map 0:v -c copy -f framemd5 - | awk -F, '!/^#/ { print $NF }' >src.held
echo "$(held ours) $(held theirs)" | awk '{
	printf "clips of three: segcut %d pictures, %d twice, %d strange; ffmpeg %d, %d twice, %d strange\n", $1, $2, $3, $4, $5, $6 }'
