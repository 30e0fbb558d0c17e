#!/bin/sh
# What segcheck finds, beside what ffprobe's exit code, a walk over all packets and a full
# decode find, of 108 good clips and 20 damaged ones of each kind, all made from a seed
# (SEED, 1). segcheck is to refuse no good one, to find all damage of the structure, and to
# take less time than the walk.
. "$(dirname "$0")/../lib.sh"
SEED=${SEED:-1}
EACH=${EACH:-20}
PATH=$plain:$PATH
mkdir good damaged
ff() { ffmpeg -nostdin -v error -y "$@"; }

# Sources of two seconds that differ in what encoders differ in, each in all containers.
make_good() {
	n=0
	while [ $n -lt 12 ]; do
		n=$((n + 1))
		bf=$((n % 3)) gop=$((5 + n * 4)) rate=$((10 + n % 4 * 5)) kbit=$((400 + n * 100))
		codec="libx264 -preset ultrafast -tune zerolatency"
		[ $bf -eq 0 ] || codec="libx264 -preset veryfast"
		[ $((n % 6)) -ne 5 ] || codec="libx265 -preset ultrafast -x265-params log-level=none -tag:v hvc1"
		[ $((n % 6)) -ne 4 ] || codec="mpeg4 -tag:v mp4v"
		audio="-c:a aac -ar 44100 -b:a 48k"
		[ $((n % 4)) -ne 0 ] || audio="-c:a libmp3lame -ar 44100 -b:a 64k"
		[ $((n % 5)) -ne 0 ] || audio=-an
		# shellcheck disable=SC2086 # words of options
		ff -f lavfi -i "testsrc2=s=320x240:r=$rate:d=2,noise=alls=$((n + 8)):allf=t:all_seed=$SEED" \
			-f lavfi -i "sine=$((200 * n)):r=44100:d=2" -c:v $codec -threads 1 -b:v ${kbit}k -g $gop -bf $bf \
			$audio source.mp4 || exit 99
		g=good/$(printf %02d $n)
		more=
		[ $((n % 6)) -ge 4 ] || more="-map 0 -c copy $g-flv.flv"
		avi="-c copy -bsf:v h264_mp4toannexb -tag:v H264"
		[ $((n % 6)) -ne 4 ] || avi="-c copy -tag:v FMP4"
		[ $((n % 6)) -ne 5 ] || avi="-c:v mjpeg -q 8 -an"
		ts="-c copy"
		[ $((n % 6)) -ne 4 ] || ts="-c copy -bsf:v dump_extra" # it has no place for it
		# shellcheck disable=SC2086
		ff -i source.mp4 -map 0 -c copy $g-last.mp4 -map 0 -c copy -movflags +faststart $g-first.mp4 \
			-map 0 -c copy -movflags +frag_keyframe+empty_moov+default_base_moof $g-fragmented.mp4 \
			-map 0 -c copy -frag_duration 400000 -movflags +delay_moov+dash+global_sidx $g-sidx.mp4 \
			-map 0 -c copy -tag:v 0 $g-mov.mov -map 0 $ts $g-ts.ts -map 0 -c copy $g-mkv.mkv \
			-map 0 -c copy -live 1 $g-live.mkv -map 0 $avi $g-avi.avi $more || exit 99
	done
	for clip in good/*; do
		ffprobe -v error -select_streams v -show_entries packet=pos,size -of csv=p=0 "$clip" |
			sed -n 's/^\([0-9]*\),\([0-9]*\).*/\2 \1/p' >packets
		mv packets "$clip.packets"
	done
}

# The four of them: each is given a file with the names of clips, and prints those it finds bad.
by_exit_code() {
	while read -r clip; do
		ffprobe -v error "$clip" >/dev/null 2>&1 || echo "$clip"
	done
}
by_words() { # what has an exit code or anything to say
	while read -r clip; do
		said=$(ffmpeg -nostdin -v error -i "$clip" "$@" -f null - 2>&1 >/dev/null) &&
			[ -z "$said" ] || echo "$clip"
	done
}
by_walk() { by_words -c copy; }
by_decode() { by_words -threads 1; }
by_segcheck() { segcheck -j 2>/dev/null | perl -MJSON::PP -ne '
	my $j = decode_json($_); print "$j->{file}\n" if $j->{verdict} ne "good"'; }
ways='exit_code walk decode segcheck'

make_good
perl "$top/test/stress/damage.pl" "$SEED" "$EACH" good damaged >ledger || exit 99
find good -type f ! -name '*.packets' | sort >clips
cut -f 1 ledger >>clips
for way in $ways; do
	start=$(date +%s%N)
	by_$way <clips >found.$way
	echo $((($(date +%s%N) - start) / 1000000)) >time.$way
done

# The table: a line for each kind, the number found by each.
perl -e '
	my (%kind, @kinds, %n, %found);
	open my $f, "<", "clips"; $kind{$_} = "good ones" for map { chomp; $_ } <$f>;
	open $f, "<", "ledger"; while (<$f>) { chomp; my ($clip, $kind) = split /\t/; $kind{$clip} = $kind }
	for (sort keys %kind) { my $k = $kind{$_}; push @kinds, $k if !$n{$k}++ }
	for my $way (@ARGV) { open $f, "<", "found.$way"; while (<$f>) { chomp; $found{$kind{$_}}{$way}++ } }
	printf "# %-28s %5s %9s %6s %7s %9s\n", "", "clips", @ARGV;
	printf "# %-28s %5d %9d %6d %7d %9d\n", $_, $n{$_}, map { $_ // 0 } @{$found{$_}}{@ARGV} for @kinds;
	printf "# %-28s %5s %9.1f %6.1f %7.1f %9.1f\n", "seconds", "", map { open $f, "<", "time.$_"; <$f> / 1000 } @ARGV;
' $ways

ok "there are 100 good ones" test "$(grep -c ^good clips)" -ge 100
ok "there are 300 with damage" test "$(wc -l <ledger)" -ge 300
is "segcheck refuses no good one" "$(grep ^good found.segcheck)" ""
awk -F '\t' '$3 == "structure"' ledger | sort >structure
sort found.segcheck >found
is "segcheck finds all damage of the structure" "$(join -t "$(printf '\t')" -v 1 structure found)" ""
ok "segcheck takes less time than a walk" test "$(cat time.segcheck)" -lt "$(cat time.walk)"
finish
