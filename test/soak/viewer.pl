# viewer.pl URL: watches a stream, connects again whenever it has to, and prints for each picture
# when it came, in seconds, and its time stamp, in ms. The first half second after it has connected
# comes at once, as ffprobe must know of both streams. SIGTERM ends it.
use strict;
use Time::HiRes qw(time sleep);
my $pid;
$SIG{TERM} = sub { kill KILL => $pid if $pid; exit };
$| = 1;
while (1) {
	$pid = open my $in, '-|', qw(stdbuf -oL ffprobe -v error -analyzeduration 500000
		-show_entries packet=codec_type,dts -of csv=p=0), $ARGV[0] or die "ffprobe: $!";
	while (<$in>) {
		printf "%.3f %d\n", time, $1 if /^video,(\d+)/;
	}
	close $in;
	sleep .2;
}
