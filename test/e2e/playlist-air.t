#!/bin/sh
# playlist | segcheck | rtmppush: a list on the air, edited while it plays, with bad entries, and killed.
. "$(dirname "$0")/../idle.sh"
mkdir lib
for name in a b c d; do clip lib/$name.mp4 1 -g 25 -bf 0; done
head -c 3000 lib/a.mp4 >lib/bad.mp4
printf 'a.mp4\nb.mp4\nbad.mp4\nc.mp4\n' >lib/list.m3u

# airs: the whole pipeline as one process group, $pid; what was played goes to "played".
mkfifo checked
airs() {
	: >>played
	playlist -s live -c cursor -p place lib/list.m3u 2>>playlist.err |
		segcheck -o given -s live 2>>segcheck.err |
		rtmppush -o given --idle still -c cursor -s live >>played 2>>rtmppush.err &
	pid=$!
	mine $pid
}
played() { [ "$(wc -l <played)" -ge "$1" ]; }
short() { sed 's|.*/||; s|\.mp4||' | tr '\n' ' '; }
nginx_starts
airs
ok "three rounds" wait_for 60 played 9
is "in their order, without the bad one" "$(head -n 9 played | short)" "a b c a b c a b c "
like "which is named" "$(cat segcheck.err)" "*'lib/bad.mp4' is bad,*"
is "it was looked into once, as were the others" "$(value live/segcheck checked)" 4

# An edit is on the air after two clips at the most.
before=$(wc -l <played)
printf 'd.mp4\n' >lib/new.m3u
mv lib/new.m3u lib/list.m3u
is_new() { tail -n 1 played | grep -q 'd.mp4'; }
ok "an edit by rename" wait_for 20 is_new
ok "after two clips, and the one that played" [ "$(($(wc -l <played) - before))" -le 4 ]

# All is bad: it does not spin, and the filler is on the air.
cp lib/bad.mp4 lib/d.mp4
rests() { grep -q "no clip of a whole round is good" segcheck.err; }
ok "all of the list is bad: it rests" wait_for 30 rests
filled() { [ "$(fact filler)" -gt "$1" ]; }
ok "while the filler is on the air" wait_for 20 filled 1
is "and says so, once a round" "$(($(grep -c "'lib/d.mp4' is bad" segcheck.err) <= 3))" 1
printf 'a.mp4\nb.mp4\nc.mp4\nd.mp4\na.mp4\n' >lib/list.m3u
before=$(wc -l <played)
ok "a good list: it goes on by itself" wait_for 30 played $((before + 2))
tail_of() { tail -n "$1" played | short; }
is "one session" "$(find rec -type f | wc -l)" 1

# Killed: the clip that played goes on where it was, and none is left out.
before=$(wc -l <played)
for n in 1 2 3 4; do
	# shellcheck disable=SC2046 # words
	kill -9 $(pgrep -P $$ -x 'playlist|segcheck|rtmppush')
	wait $pid 2>/dev/null
	new_second
	airs
	ok "killed $n: it goes on" wait_for 30 played $((before + 2 * n))
done
ok "and on" wait_for 30 played $((before + 14))
# One that ended just when it was killed may come twice; none is skipped.
is "none is left out" "$(tail -n +$((before + 1)) played | short | tr ' ' '\n' | grep . | awk '
	function after(x) { return x == "a" ? "ab" : x == "b" ? "c" : "a" }
	last && $1 != last && !index(after(last), $1) { print last, $1 } { last = $1 }')" ""
# shellcheck disable=SC2046 # words
kill $(pgrep -P $$ -x 'playlist|segcheck|rtmppush')
wait $pid
nginx_ends
finish
