#!/bin/sh
# segcheck -q: what goes into the quarantine, when, and what comes out again.
. "$(dirname "$0")/../lib.sh"
good=$top/test/fixtures/good-mp4.mp4
clipped() { # NAME [SECONDS]: a truncated clip, last written so long ago
	head -c 2000 "$good" >"$1"
	touch -d "-${2:-60} seconds" "$1"
}
is_gone() { [ ! -e "$1" ]; }

# A still one goes at once; ctime is of now, so only -d 0 makes it still.
mkdir d
cp "$good" d/a.mp4
clipped d/b.mp4
run segcheck -q d/_failed -d 0 d/a.mp4 d/b.mp4
is "bad: exit code and output" "$rc:$out" "1:d/a.mp4"
like "bad: said" "$err" "*'d/b.mp4' is bad, truncated: *: now 'd/_failed/b.mp4'"
is "bad: moved with its reason" "$(ls d d/_failed | tr '\n' ' ')" "d: _failed a.mp4  d/_failed: b.mp4 b.mp4.reason "
is "reason: keys" "$(sed 's/:.*//' d/_failed/b.mp4.reason | tr '\n' ' ')" "time boot mono pid code reason tries size from "
is "reason: values" "$(value d/_failed/b.mp4.reason code) $(value d/_failed/b.mp4.reason tries) $(value d/_failed/b.mp4.reason size) $(value d/_failed/b.mp4.reason from)" \
	"truncated 1 2000 $T/d/b.mp4"
clipped d/b.mp4
run segcheck -q d/_failed -d 0 d/b.mp4
is "the name is taken: numbered" "$(ls d/_failed | tr '\n' ' ')" "b.mp4 b.mp4.1 b.mp4.1.reason b.mp4.reason "

# Lists and puts back.
run segcheck --list d/_failed
is "--list" "$rc:$(echo "$out" | cut -f 1,2,3,4,6 | sort | tr '\t\n' '  ')" \
	"0:b.mp4 truncated 1 2000 $T/d/b.mp4 b.mp4.1 truncated 1 2000 $T/d/b.mp4 "
run segcheck --release d/_failed/b.mp4
is "--release" "$rc:$out:$err:$(ls d d/_failed | tr '\n' ' ')" "0:::d: _failed a.mp4 b.mp4  d/_failed: b.mp4.1 b.mp4.1.reason "
run segcheck --release d/_failed/b.mp4.1 d/_failed/none d
is "--release where there is one" "$rc" 66
like "--release where there is one: said" "$err" "*'d/_failed/b.mp4.1' cannot go back to '$T/d/b.mp4': File exists*"
like "--release of nothing" "$err" "*'d/_failed/none': No such file*"
run segcheck --list nowhere
is "--list nowhere" "$rc:$out" "66:"

# One that grows is waited for, and those behind it wait too.
mkdir g
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
is "-R: whole, as it was" "$(cmp r/1.mp4 "$good" && ls r/_failed | tr '\n' ' ')" "2.mp4 2.mp4.reason 3.mp4 3.mp4.reason "
like "-R: said" "$(cat err)" "*'$T/r/1.mp4' is good by now: back from the quarantine*"

# No more than --keep.
mkdir k
for n in 1 2 3 4 5 6; do clipped k/$n.mp4; done
run segcheck -q k/_failed -d 0 --keep 2 k/*.mp4
is "--keep: the youngest stay" "$rc:$(ls k/_failed | tr '\n' ' ')" "1:5.mp4 5.mp4.reason 6.mp4 6.mp4.reason "
like "--keep: said" "$err" "*1.mp4*"

# What stands in the way.
run segcheck -q nowhere/_failed a.mp4
is "-q: its parent is missing" "$rc:$out" "66:"
like "-q: its parent is missing: said" "$err" "*quarantine 'nowhere/_failed'*No such file*"
ln -s k link
run segcheck -q link k/1.mp4
is "-q: a link" "$rc:$out" "66:"
if [ "$(id -u)" -eq 0 ] && mkdir m && mount -t tmpfs -o size=64k none m 2>/dev/null; then
	cleanup_hook='umount -l "$T/m"'
	clipped d/x.mp4
	run segcheck -q m d/x.mp4
	is "-q: another file system is refused at the start" "$rc:$out:$(ls d/x.mp4)" "78::d/x.mp4"
	like "-q: another file system: said" "$err" "*quarantine 'm' has to be on the file system of its parent*"
	mkdir m/d m/d/_failed
	run segcheck -q m/d/_failed -d 0 d/x.mp4
	is "a clip on another file system stays" "$rc:$(ls d/x.mp4)" "78:d/x.mp4"
	cp "$good" m/d/y.mp4
	head -c 2000 "$good" >m/d/y.mp4
	dd if=/dev/zero of=m/fill bs=1k 2>/dev/null
	run segcheck -q m/d/_failed -d 0 m/d/y.mp4
	is "a full disk: it stays whole" "$rc:$(wc -c <m/d/y.mp4):$(ls -A m/d/_failed)" "74:2000:"
	like "a full disk: said" "$err" "*'m/d/y.mp4' is bad, truncated*could not be moved to*No space left*"
	rm m/fill
	run segcheck -q m/d/_failed -d 0 m/d/y.mp4
	is "room again: it goes" "$rc:$(ls m/d/_failed | tr '\n' ' ')" "1:y.mp4 y.mp4.reason "
else
	skip "another file system, a full disk" "cannot mount a tmpfs here"
fi

# Two on one folder.
mkdir t
for n in $(seq 10 60); do clipped t/$n.mp4; done
segcheck -q t/_failed -d 0 t/*.mp4 2>/dev/null &
pid=$!
segcheck -q t/_failed -d 0 t/*.mp4 2>/dev/null
wait $pid
is "two on one folder: each once, with its reason" \
	"$(ls t/_failed/*.mp4 | wc -l) $(ls t/_failed/*.reason | wc -l) $(ls -A t/_failed | wc -l) $(ls t)" "51 51 102 _failed"
finish
