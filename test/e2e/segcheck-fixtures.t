#!/bin/sh
# segcheck on the fixtures: each gets its verdict, and a clip that is cut at any of its
# boxes is never good. The recipe still makes clips of the same verdicts.
# Takes long.
. "$(dirname "$0")/../lib.sh"
fixtures=$top/test/fixtures
verdicts=$fixtures/verdicts

# codes: of each line of -j the file, the code, and the warnings, as in verdicts.
codes() {
	perl -MJSON::PP -ne '
		my $j = decode_json($_);
		(my $file = $j->{file}) =~ s(.*/)();
		($j->{verdict} eq "good") == ($j->{code} eq "good") or $file .= " with a wrong verdict";
		print join(" ", $file, "'"$1"'", $j->{code}, join(",", @{$j->{warnings}}) || ()), "\n"'
}
# listed PROFILE: the fixtures with a verdict for it.
listed() { awk -v p="$1" '$2 == p { print $1 }' "$verdicts"; }
# judge_all FOLDER: verdicts of what is in it.
judge_all() {
	for profile in any rtmp twitch youtube; do
		listed $profile | (cd "$1" && segcheck -j -p $profile -J 2) 2>/dev/null | codes $profile
	done | sort
}

is "each fixture has its verdict" "$(judge_all "$fixtures" | diff "$verdicts" -)" ""
find "$fixtures" -type f ! -name '*.sh' ! -name surgery.pl ! -name archives.pl ! -name verdicts -printf \
	'%f\n' | sort >there
is "each is judged under any" "$(listed any | sort | diff there -)" ""
# But those that are not segcheck's word on what it has read.
sed -n '/^\.Ss CODES/,/^\.Sh/s/^\.It Cm //p' "$top/man/segcheck.1" | grep -v '^parser-\|^unplayable$' |
	sort >documented
awk '{ print $3; if ($4) { gsub(",", "\n", $4); print $4 } }' "$verdicts" | sort -u >seen
is "each documented code has a fixture" "$(grep -v -x good seen | diff documented -)" ""

# Without -j: the good ones alone are printed, the bad ones are named.
cd "$fixtures" || exit 99
for profile in any rtmp twitch youtube; do
	# shellcheck disable=SC2046 # names without blanks
	run segcheck -p $profile $(listed $profile)
	is "$profile: exit code" "$rc" 1
	is "$profile: the good ones are printed" "$out" \
		"$(awk -v p=$profile '$2 == p && $3 == "good" { print $1 }' "$verdicts")"
	is "$profile: the others are named" \
		"$(echo "$err" | sed "s/.*'\(.*\)' is bad, \([a-z-]*\): .*/\1 $profile \2/")" \
		"$(awk -v p=$profile '$2 == p && $3 != "good" { print $1, $2, $3 }' "$verdicts")"
done
wrong=
for file in $(listed any); do
	wanted=1
	! grep -q "^$file any good" "$verdicts" || wanted=0
	"$plain/segcheck" "$file" >/dev/null 2>&1
	[ $? -eq $wanted ] || wrong="$wrong $file"
done
is "exit code of each alone" "$wrong" ""
cd "$T" || exit 99

# cuts FILE FOLDER: copies of it, each cut where a box or what is in it begins, and 1 and
# 7 bytes after that; named by the place.
cat >cuts.pl <<'EOF'
use strict;
my ($file, $folder) = @ARGV;
open my $f, '<:raw', $file or die;
my $d = do { local $/; <$f> };
my %cuts;
sub walk {
	my ($at, $end) = @_;
	while ($at + 8 <= $end) {
		my ($size, $name) = unpack 'Na4', substr $d, $at, 8;
		$cuts{$_} = 1 for $at, $at + 1, $at + 7, $at + 8, $at + 9;
		walk($at + 8, $at + $size)
			if $name =~ /^(moov|trak|edts|mdia|minf|dinf|stbl|mvex|moof|traf|mfra|udta)$/;
		$at += $size;
	}
}
walk(0, length $d);
for (grep { $_ < length $d } keys %cuts) {
	open my $out, '>:raw', sprintf("%s/%05d.mp4", $folder, $_) or die;
	print $out substr $d, 0, $_;
}
EOF
# fragments: the cuts of fragmented.mp4 where the next fragment or the index would begin.
fragments() {
	perl -0777 -ne 'for (my $at = 0; $at < length;) {
		my ($size, $name) = unpack "Na4", substr $_, $at, 8;
		printf "%05d.mp4\n", $at if $name =~ /^(moof|mfra)$/ && $fragments++;
		$at += $size;
	}' "$fixtures/fragmented.mp4"
}
for clip in moov-first good-mp4 fragmented; do
	mkdir $clip
	perl cuts.pl "$fixtures/$clip.mp4" $clip || exit 99
	n=$(find $clip -type f | wc -l)
	ok "$clip: some cuts" test "$n" -gt 100
	good=$(cd $clip && segcheck -- *.mp4 2>/dev/null)
	if [ $clip = fragmented ]; then
		# Such a cut is a whole clip.
		is "$clip: $n cuts, none good but those after a fragment" "$good" "$(fragments)"
	else
		is "$clip: $n cuts, none good" "$good" ""
	fi
done

# The recipe.
run "$fixtures/make.sh" made
is "the recipe runs" "$rc:$out:$err" 0::
is "it makes what is there" "$(find made -type f -printf "%f\n" | sort | diff there -)" ""
is "of the same verdicts" "$(judge_all made | diff "$verdicts" -)" ""
finish
