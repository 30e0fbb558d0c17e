#!/bin/sh
# segunpack on archives that nobody sane would make (test/fixtures/archives.pl): each gets its
# verdict soon and with little memory, and nothing changes outside of its place.
# Longer than 150 lines, for all of it needs the same archives, and a list of what may not change.
# Takes long.
. "$(dirname "$0")/../lib.sh"
clip=$top/test/fixtures/good-mp4.mp4
umask 0

# each.pl SECONDS TABLE TOOL [ARG...]: a line for each file of the table: its name, the verdict,
# the exit code, milliseconds of the processor and, of the largest process, kilobytes; what it
# said is in err/.
cat >each.pl <<'X'
use strict;
require 'syscall.ph';
my ($seconds, $table, @tool) = @ARGV;
open my $list, '<', $table or die;
mkdir 'err';
while (<$list>) {
	chomp;
	my ($file) = split /\t/;
	my $pid = fork // die;
	if (!$pid) {
		open STDOUT, '>', 'out' or die;
		open STDERR, '>', "err/$file" or die;
		alarm $seconds; # it stays over exec
		exec @tool, "w/set/$file" or die;
	}
	my $status = pack 'i', 0;
	my $usage = "\0" x 256;
	syscall(SYS_wait4(), $pid, $status, 0, $usage) == $pid or die "wait4: $!";
	my ($user, $user_part, $system, $system_part) = unpack 'q4', $usage;
	my $ms = 1000 * ($user + $system) + ($user_part + $system_part) / 1000;
	my $code = unpack 'i', $status;
	$code = $code & 127 ? "signal " . ($code & 127) : $code >> 8;
	my @out = do { open my $f, '<', 'out' or die; <$f> };
	chomp @out;
	my $err = do { local $/; open my $f, '<', "err/$file" or die; <$f> // '' };
	my $verdict = 'none';
	if ($code eq '0') {
		my $inside = grep { m(^w/set/\.unpacked/\Q$file\E/[^/]+$) && -f } @out;
		$verdict = @out && $inside == @out ? 'ok' : 'odd';
		$verdict = 'pass' if @out == 1 && $out[0] eq "w/set/$file";
	} elsif ($code eq '1' && !@out) {
		($verdict) = $err =~ /\bbad, ([a-z-]+)/;
		if (open my $reason, '<', "w/set/_failed/$file.reason") {
			my ($code) = map { /^code: (.*)/ } <$reason>;
			$verdict .= " but its reason is $code" if $code ne $verdict;
		}
	}
	s(.*/)() for @out;
	printf "%s\t%s\t%s\t%d\t%d\t%s\n",
		$file, $verdict // 'unsaid', $code, $ms, unpack('x32 q', $usage), join ' ', @out;
}
X

# compare.pl TABLE RESULT: what is not as it should be.
cat >compare.pl <<'X'
use strict;
my ($table, $result) = map { my $f; open $f, '<', $_ or die; [map { chomp; [split /\t/] } <$f>] } @ARGV;
die 'lengths' if @$table != @$result;
for (0 .. $#$table) {
	my ($file, $wanted, $clips) = @{$table->[$_]};
	my ($same, $got, $code, $ms, $kb, $names) = @{$result->[$_]};
	print "$file: $got (exit code $code), not $wanted\n"
		unless $same eq $file && grep { $_ eq $got } split /\|/, $wanted;
	print "$file: gave $names, not $clips\n" if $got eq 'ok' && defined $clips && $names ne $clips;
}
X

mkdir -p w/outside w/beside/deep
cp "$clip" w/outside/precious.mp4
cp "$clip" w/beside/x.mp4
cp "$clip" w/x.mp4.not
ln -s ../outside w/beside/link
echo above >above
perl "$top/test/fixtures/archives.pl" w/set "$clip" >table
ok "the recipe makes enough" [ "$(wc -l <table)" -gt 150 ]
ok "the recipe makes less than 30 MB" [ "$(du -sk w/set | cut -f 1)" -lt 30000 ]
cut -f 1 table | sort >listed
is "the table has each file, once" "$(ls w/set | diff listed -)" ""

# All that is not theirs: names, inodes, modes, times, sizes, contents.
canary() {
	find w above /etc/passwd -path w/set -prune -o -printf '%p %i %y %m %n %s %T@ %l\n' | sort
	find w above /etc/passwd -path w/set -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
}
inside() { # CHECK: what must not be in the places for clips
	find w/set/.unpacked ! -type f ! -type d
	find w/set/.unpacked -type f \( -links +1 -o ! -name .of ! -perm 644 \)
	find w/set/.unpacked -name '*[[:cntrl:]]*' -o -name '*.partial'
	find w/set/.unpacked -mindepth 3
	find w/set/.unpacked -type f ! -name .of -print0 | xargs -0 sha256sum | cut -d ' ' -f 1 | sort -u |
		grep -vxF "$fine"
}
# The clip, an empty one, and a megabyte of zeros.
fine=$(sha256sum "$clip" /dev/null | cut -d ' ' -f 1; head -c 1048576 /dev/zero | sha256sum | cut -d ' ' -f 1)
canary >before
(cd w/set && sha256sum -- *) >sums

# What changed just now may still grow, and is tried again.
youth_of=w/set
young() { [ -n "$(find $youth_of -newerct '6 seconds ago' -print -quit)" ]; }
old() { ! young; }
ok "they get old" wait_for 20 old

# Without a limit of memory a large dictionary is no harm.
grep -v "^dictionary-" table >table.san
perl each.pl 60 table.san segunpack >result
is "sanitized: the verdicts" "$(perl compare.pl table.san result)" ""
is "sanitized: no report" "$(grep -l 'Sanitizer\|runtime error' err/* | tr '\n' ' ')" ""
is "sanitized: nothing else changed" "$(canary | diff before -)" ""
is "sanitized: the archives are as they were" "$(cd w/set && sha256sum -- * | diff ../../sums -)" ""
is "sanitized: clips, and nothing else" "$(inside)" ""
is "sanitized: what is not good leaves nothing" \
	"$(ls -A w/set/.unpacked | sort)" "$(awk -F '\t' '$2 == "ok" { print $1 }' result | sort)"

rm -rf w/set/.unpacked
canary >before
perl each.pl 20 table "$plain/segunpack" -q w/set/_failed >result
is "the verdicts" "$(perl compare.pl table result)" ""
is "nothing else changed" "$(canary | diff before -)" ""
is "clips, and nothing else" "$(inside)" ""
is "what is not good leaves nothing" \
	"$(ls -A w/set/.unpacked | sort)" "$(awk -F '\t' '$2 == "ok" { print $1 }' result | sort)"
is "what is good or no archive stays, with the two folders" "$(ls -A w/set)" \
	"$({ awk -F '\t' '$3 == 0 { print $1 }' result; echo .unpacked; echo _failed; } | sort)"
is "what is bad is in the quarantine, with its reason" "$(cd w/set/_failed && printf '%s\n' *)" \
	"$(awk -F '\t' '$3 == 1 { print $1; print $1 ".reason" }' result | sort)"
is "all are whole" "$(cat sums)" \
	"$(cd w/set && find . _failed -maxdepth 1 -type f ! -name '*.reason' ! -path './.*' -printf '%f\n' |
		sort -u |
		while read -r file; do if [ -f "$file" ]; then sha256sum -- "$file"; else (cd _failed &&
			sha256sum -- "$file"); fi; done)"
is "nobody takes more than 2 s of the processor" "$(awk -F '\t' '$4 > 2000 { print $1, $4 }' result)" ""
is "nobody takes more than 256 MB" "$(awk -F '\t' '$5 > 256 * 1024 { print $1, $5 }' result)" ""
by() { sort -t "$(printf '\t')" -k "$1,${1}nr" result; } # the largest of a column first
note "slowest: $(by 4 | awk -F '\t' 'NR <= 3 { printf "%s %d ms; ", $1, $4 }')largest: $(by 5 |
	awk -F '\t' 'NR <= 3 { printf "%s %d MB; ", $1, $5 / 1024 }')"

# All at once, in one run, on a clean place: the good ones in order, the bad ones told of.
mkdir w/all
mv w/set/_failed/*.reason . 2>/dev/null
find w/set -maxdepth 2 -type f ! -path '*/.unpacked/*' -exec mv -t w/all {} +
youth_of=w/all
ok "all are old again" wait_for 20 old
(cd w/all && timeout 60 "$plain/segunpack" -- * >../../out 2>../../err.all)
is "all in one run: exit code" $? 1
sed -n "s/.*'\(.*\)' is bad, .*/\1/p" err.all >got
awk -F '\t' '$3 == 1 { print $1 }' result | sort >wanted
is "all in one run: each bad one is told of, in order" "$(diff wanted got)" ""
LC_ALL=C sed 's|^\.unpacked/||; s|/.*||' out | uniq >got
awk -F '\t' '$3 == 0 { print $1 }' result | sort >wanted
is "all in one run: those that give something" "$(diff wanted got)" ""
finish
