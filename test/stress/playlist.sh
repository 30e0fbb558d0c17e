#!/bin/sh
# playlist in a whole pipeline: 200 rounds of three clips in order; 1,000 edits in a minute while it plays; killed
# 200 times, each time going on where it was; a list of 100,000 entries.
. "$(dirname "$0")/../idle.sh"
PATH=$plain:$PATH
mkdir lib fast
cat >fast/rtmppush <<X
#!/bin/sh
exec faketime -f '+0 x20' "$plain/rtmppush" "\$@"
X
chmod +x fast/rtmppush
for name in a b c d e; do clip lib/$name.mp4 1 -g 25 -bf 0; done
clip lib/long.mp4 8 -g 25 -bf 0
printf 'a.mp4\nb.mp4\nc.mp4\n' >lib/list.m3u
: >played
record=off nginx_starts

# airs PATH-TO-RTMPPUSH: the pipeline; its processes are $parts.
airs() {
	rm -f one two
	mkfifo one two
	exec 7<>one 8<>two # so that nobody waits for the other end
	playlist -s live -c cursor -p place lib/list.m3u >one 2>>playlist.err 7>&- 8>&- &
	parts=$!
	segcheck -o given -s live <one >two 2>>segcheck.err 7>&- 8>&- &
	parts="$parts $!"
	"$1" -o given --idle still -c cursor -s live <two >>played 2>>rtmppush.err 7>&- 8>&- &
	parts="$parts $!"
	wait_for 20 opened
	exec 7>&- 8>&-
}
# opened: each of them has its ends of the FIFOs.
opened() {
	for part in $parts; do
		[ -n "$(find "/proc/$part/fd" -lname "$T/*" 2>/dev/null)" ] || return
	done
}
ends() { # SIGNAL
	# shellcheck disable=SC2086 # words
	kill "$1" $parts 2>/dev/null
	for part in $parts; do wait "$part" 2>/dev/null; done
}
played() { [ "$(wc -l <played)" -ge "$1" ]; }
short() { sed 's|.*/||; s|\.mp4||'; }

airs "$T/fast/rtmppush"
ok "200 rounds" wait_for 300 played 600
ends -TERM
is "in their order" "$(head -n 600 played | short | paste -d ' ' - - - | sort | uniq -c | tr -s ' ')" " 200 a b c"
is "each was looked into once" "$(value live/segcheck checked)" 3

# Edits by rename, in place, and at the end. Each list has a part of the whole, so that the next is always known.
rm -f cursor* place played; : >played
printf 'a.mp4\nb.mp4\n' >lib/list.m3u
airs "$T/fast/rtmppush"
perl -MTime::HiRes=sleep -e '
	my @names = ("a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4");
	my $began = time;
	for my $n (1 .. 1000) {
		my $text = join "", map { "$names[rand @names]\n" } 0 .. 1 + rand 200;
		my $how = $n % 3;
		my $file = $how == 0 ? "lib/new.m3u" : "lib/list.m3u";
		open my $out, $how == 2 ? ">>" : ">", $file or die;
		# In two parts, so that half of an entry is there for a moment.
		syswrite $out, substr $text, 0, 7;
		sleep 0.002;
		syswrite $out, substr $text, 7;
		close $out;
		rename $file, "lib/list.m3u" if $how == 0;
		sleep 0.055;
	}
	print time - $began, "\n"' >took
note "1,000 edits in $(cat took) s, $(wc -l <played) clips played meanwhile"
before=$(wc -l <played)
ok "it goes on" wait_for 60 played $((before + 5))
is "never half of an entry, and never a stop" "$(grep -e 'left out' -e ERROR playlist.err):$(grep bad segcheck.err)" :
printf 'd.mp4\n' >lib/new.m3u
mv lib/new.m3u lib/list.m3u
is_d() { [ "$(tail -n 3 played | short | tr -d '\n')" = ddd ]; }
ok "the last edit is on the air" wait_for 60 is_d
ends -TERM

# Killed, at any moment.
rm -f cursor* place played; : >played
printf '%s.mp4\n' a b c d e >lib/list.m3u
seed=${SEED:-$$}
note "SEED=$seed"
perl -e 'srand shift; printf "%.2f\n", rand 1.2 for 1 .. 200' "$seed" >pauses
while read -r pause; do
	airs rtmppush
	sleep "$pause"
	ends -KILL
	cut -f 2,3 cursor >>places 2>/dev/null
done <pauses
airs rtmppush
before=$(wc -l <played)
ok "200 kills: it goes on" wait_for 60 played $((before + 3))
ends -TERM
# What plays is the one that played, or the next; a clip that ended may come again.
is "none is left out" "$(short <played | awk 'BEGIN { next_of["a"] = "b"; next_of["b"] = "c"; next_of["c"] = "d"
	next_of["d"] = "e"; next_of["e"] = "a" }
	NR > 1 && $1 != last && $1 != next_of[last] { print NR, last, $1 } { last = $1 }')" ""
note "$(wc -l <played) clips played, $(short <played | uniq -d | wc -l) of them again after a kill"

# The place within a clip.
rm -f cursor* place; : >played
echo long.mp4 >lib/list.m3u
airs rtmppush
reaches() { [ "$(value live/rtmppush position)" -ge "$1" ] 2>/dev/null; }
ok "five seconds of a clip" wait_for 30 reaches 5000
ends -KILL
: >live/rtmppush
airs rtmppush
goes_on() { [ "$(value live/rtmppush position 2>/dev/null || echo 0)" -gt 0 ] 2>/dev/null; }
ok "killed: it goes on" wait_for 20 goes_on
at=$(value live/rtmppush position)
ok "within 5 s of the place: at $at ms" [ "$at" -ge 1000 ]
ends -TERM

# A hundred thousand entries.
perl -e 'print "folder/with/a/name/", $_, ".mp4\n" for 1 .. 99999' >lib/many.m3u
echo a.mp4 >>lib/many.m3u
for kind in in-order shuffled; do
	[ $kind = in-order ] || sed -i '1i #AT 00:00 shuffle' lib/many.m3u
	began=$(now)
	mkfifo many
	playlist lib/many.m3u >many 2>many.err &
	pid=$!
	exec 8<many
	read -r first <&8
	took=$(($(now) - began))
	is "$kind: 100,000 entries, and the one that is there" "$first" lib/a.mp4
	note "100,000 entries $kind, all but one missing: $took ms, $(sed -n 's/^VmHWM://p' /proc/$pid/status)"
	kill $pid
	wait $pid
	exec 8<&-
	rm many
done
# The next one is looked for at once.
ok "it names ten of them for each that it finds" [ "$(grep -c 'left out' many.err)" -le 20 ]
nginx_ends
finish
