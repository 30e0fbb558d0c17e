#!/bin/sh
# segcheck -q: how often a clip is tried that still grows, is bad or is written to, and -R, which looks again
# later.
. "$(dirname "$0")/../lib.sh"
good=$top/test/fixtures/good-mp4.mp4
clipped() { # NAME [SECONDS]: a truncated clip, last written so long ago
	head -c 2000 "$good" >"$1"
	touch -d "-${2:-60} seconds" "$1"
}
mkdir g

# One that grows is waited for, and those behind it wait too.
head -c 2000 "$good" >g/1.mp4
cp "$good" g/2.mp4
exec 8>>g/1.mp4
segcheck -q g/_failed -d 1 -r 600 -s . g/1.mp4 g/2.mp4 >printed 2>err 8>&- &
pid=$!
waits() { grep -q '^retried: [1-9]' segcheck 2>/dev/null; }
ok "growing: tried again" wait_for 20 waits
is "growing: holds back what is behind" "$(cat printed)" ""
tail -c +2001 "$good" >&8
exec 8>&-
wait $pid
is "growing: good in the end, in order" "$?:$(tr '\n' ' ' <printed):$(cat err)" "0:g/1.mp4 g/2.mp4 :"
is "growing: nothing was moved" "$(ls -A g/_failed | tr '\n' ' ')" ".tries "
is "growing: no count is left" "$(cat g/_failed/.tries)" ""

# One that never gets good goes after so many tries; the count survives kill -9.
head -c 2000 "$good" >g/1.mp4
segcheck -q g/_failed -d 300 -r 3 g/1.mp4 2>/dev/null &
pid=$!
counted() { grep -q "^$1 " g/_failed/.tries; }
ok "the first try is counted" wait_for 20 counted 1
kill -KILL $pid
wait $pid 2>/dev/null
segcheck -q g/_failed -d 300 -r 3 g/1.mp4 2>/dev/null &
pid=$!
ok "the second try goes on counting" wait_for 20 counted 2
kill -KILL $pid
wait $pid 2>/dev/null
run segcheck -q g/_failed -d 300 -r 3 g/1.mp4
is "the third was the last" "$rc:$(value g/_failed/1.mp4.reason tries)" "1:3"

# A writer that still has it open.
clipped g/3.mp4
exec 8>>g/3.mp4
run segcheck -q g/_failed -d 0 -r 3 g/3.mp4
is "a writer: waited for, then moved" "$rc:$(value g/_failed/3.mp4.reason tries)" "1:3"
exec 8>&-

# -R: again later; back if it became good.
mkdir r
mkfifo in
clipped r/1.mp4
clipped r/2.mp4
clipped r/3.mp4
segcheck -q r/_failed -d 0 -R 1 -r 1 -c cursor <in >printed 2>err &
pid=$!
exec 9>in
for n in 1 2 3; do echo r/$n.mp4 >&9; done
away() { [ -e r/_failed/3.mp4.reason ]; }
ok "-R: all are away" wait_for 20 away
stamp=$(stat -c %.9Y r/_failed/2.mp4 | tr -d .)
printf '%s\t2.mp4\t0\n' "$stamp" >cursor
for n in 1 2; do
	cp "$good" new
	cat new >r/_failed/$n.mp4
done
touch -d "-50 seconds" r/_failed/1.mp4
touch -d "-90 seconds" r/_failed/2.mp4
back() { [ -e r/1.mp4 ]; }
ok "-R: what became good is back" wait_for 20 back
passed() { [ "$(value r/_failed/2.mp4.reason code)" = passed ]; }
ok "-R: what the cursor has passed stays" wait_for 20 passed
twice() { [ "$(value r/_failed/3.mp4.reason tries)" = 2 ]; }
ok "-R: what is still bad is counted" wait_for 20 twice
kill -TERM $pid
wait $pid
is "-R: SIGTERM" $? 0
exec 9>&-
is "-R: whole, as it was" "$(cmp r/1.mp4 "$good" && ls r/_failed | tr '\n' ' ')" \
	"2.mp4 2.mp4.reason 3.mp4 3.mp4.reason "
like "-R: said" "$(cat err)" "*'$T/r/1.mp4' is good by now: back from the quarantine*"
finish
