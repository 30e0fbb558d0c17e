#!/bin/sh
# The storm: FILES clips (200,000) made in bursts while camwatch is stopped, so that the
# kernel's queue overflows; trees five levels deep, moved in, moved out, removed and made
# again with the root; names written again. Each must be printed exactly once and in order,
# by a ledger. inotifywait has the same storm beside it, and its loss is printed.
. "$(dirname "$0")/../lib.sh"
FILES=${FILES:-200000}
mkdir d st
PATH=$plain:$PATH
camwatch -a 1 -n never -i 5 -s st d >printed 2>err &
pid=$!
peer=
cleanup_hook='kill -CONT $pid; kill $pid $peer 2>/dev/null'
if command -v inotifywait >/dev/null; then
	inotifywait -q -m -r -e close_write -e moved_to --format '%w%f' d >peer 2>peer.err &
	peer=$!
	stopped="$pid $peer"
else
	stopped=$pid
fi
wait_for 10 test -e st/camwatch

# storm FROM TO: a burst of all kinds of arrival; what is to be printed goes to the ledger.
# Each clip holds its number; the order is by mtime and then by name, as printed.
cat >storm.pl <<'EOF'
use strict;
my ($from, $to) = @ARGV;
open my $ledger, '>>', 'ledger' or die;
sub clip {
	my ($path, $note) = @_;
	open my $f, '>', $path or die "$path: $!";
	print $f "$path\n";
	close $f;
	print $ledger "$note\n" if $note;
}
my $n = $from;
while ($n < $to) {
	my $kind = $n / 1000 % 5;
	my $end = $n + 1000;
	$end = $to if $end > $to;
	my $tree = "d/t$n/b/c/e/f";
	if ($kind == 0) { # flat
		clip("d/$_.mp4", "d/$_.mp4") for $n .. $end - 1;
	} elsif ($kind == 1) { # five levels deep, written at once, and names written again
		my $at = '';
		mkdir $at .= ($at ? '/' : '') . $_ for split '/', $tree;
		clip("$tree/$_.mp4", "$tree/$_.mp4") for $n .. $end - 1;
		clip("$tree/$_.mp4", '') for $n .. $n + 9;
	} elsif ($kind == 2) { # a tree made outside and moved in
		mkdir $_ for "out$n", "out$n/b";
		clip("out$n/b/$_.mp4", "d/in$n/b/$_.mp4") for $n .. $end - 1;
		rename "out$n", "d/in$n" or die;
	} elsif ($kind == 3) { # made inside and moved to another name inside
		mkdir "d/x$n";
		clip("d/x$n/$_.mp4", "d/y$n/$_.mp4") for $n .. $end - 1;
		rename "d/x$n", "d/y$n" or die;
	} else { # renamed into place, and a tree that is moved out again: not to be printed
		for ($n .. $end - 1) {
			clip("d/.$_.tmp", '');
			rename "d/.$_.tmp", "d/$_.mp4" or die;
			print $ledger "d/$_.mp4\n";
		}
		mkdir "d/gone$n";
		clip("d/gone$n/$_.mp4", '') for 1 .. 10;
		rename "d/gone$n", "away$n" or die;
	}
	$n = $end;
}
EOF
settled() { [ "$(wc -l <printed)" -ge "$(wc -l <ledger)" ]; }
step=$((FILES / 4))
from=0
for burst in 1 2 3 4; do
	# shellcheck disable=SC2086
	kill -STOP $stopped
	perl storm.pl $from $((from + step)) || exit 99
	# shellcheck disable=SC2086
	kill -CONT $stopped
	ok "burst $burst: all is printed" wait_for 120 settled
	from=$((from + step))
	if [ $burst -eq 2 ]; then
		rm -r d
		mkdir d
		back() { grep -q 'is back' err || grep -q 'is gone' err; }
		ok "the root was seen to go" wait_for 20 back
		camwatch_watches() { [ "$(value st/camwatch watches)" -ge 1 ]; }
		ok "the root is watched again" wait_for 20 camwatch_watches
	fi
done
sort ledger >want
sort printed >got
is "lost" "$(comm -23 want got | wc -l)" 0
is "printed more than once or for no reason" "$(comm -13 want got | wc -l)" 0
is "all printed" "$(wc -l <got)" "$FILES"
# In order, burst by burst, as the bursts lie apart.
is "in order" "$(awk '{ n = $0; sub(/.*\//, "", n); sub(/.mp4/, "", n); b = int(n / '$step'); if (b < last) bad++; last = b } END { print bad + 0 }' printed)" 0
xargs -d '\n' stat -c %.9Y 2>/dev/null <printed >mtimes
ok "in order, by the mtimes of all that are still there" sort -c -s -n mtimes
is "all that are still there" "$(wc -l <mtimes)" $((FILES / 2))
kill -TERM $pid
wait $pid
is "SIGTERM: exit code" $? 0
note "overflows of the queue: $(value st/camwatch overflows)"
if [ -n "$peer" ]; then
	kill $peer
	sort -u peer >peer.got
	note "inotifywait -m -r beside it lost $(comm -23 want peer.got | wc -l) of $FILES"
fi
cleanup_hook=:
finish
