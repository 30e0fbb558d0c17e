#!/bin/sh
# hbwrite as a filter: what passes through, and what the heartbeat holds of it.
. "$(dirname "$0")/../lib.sh"

# Passing through.
run sh -c 'seq 5 | hbwrite hb'
is "lines: exit code" "$rc" 0
is "lines: pass through" "$out" "$(seq 5)"
is "lines: nothing said" "$err" ""
is "lines: keys in order" "$(cut -d: -f1 hb | tr '\n' ' ')" \
	"time boot mono pid count state message last "
is "lines: counted" "$(value hb count)" 5
is "lines: the last one" "$(value hb last)" 5
is "lines: default state" "$(value hb state)" ok
like "lines: time is UTC" "$(value hb time)" "20[0-9][0-9]-[01][0-9]-[0-3][0-9]T??:??:??Z"
is "lines: boot id" "$(value hb boot)" "$(cat /proc/sys/kernel/random/boot_id)"
ok "lines: mono is below uptime" awk -v m="$(value hb mono)" \
	'{ exit !(m > 0 && m <= $1 + 0.01) }' /proc/uptime
is "lines: no temporary left" "$(find . -type f ! -name .out ! -name .err)" ./hb

head -c 3000000 /dev/urandom >random
ok "any bytes pass unchanged" sh -c 'hbwrite hb <random | cmp - random'
ok "any bytes pass unchanged, pipe to pipe" sh -c 'cat random | hbwrite hb | cat | cmp - random'
ok "any bytes pass unchanged, to a file" sh -c 'cat random | hbwrite hb >copy && cmp copy random'
ok "output shared with others is appended to" sh -c \
	'{ echo a; echo b | hbwrite hb; echo c; } >copy && [ "$(cat copy)" = "a
b
c" ]'
is "a million lines" "$(seq 1000000 | hbwrite hb | wc -l)" 1000000
is "a million lines: counted" "$(value hb count)" 1000000
is "a million lines: the last one" "$(value hb last)" 1000000

run sh -c 'printf "a\nb" | hbwrite hb'
is "unfinished last line passes" "$out" "$(printf 'a\nb')"
is "unfinished last line counts" "$(value hb count):$(value hb last)" 2:b
run sh -c 'printf "a\0b\nc\0" | hbwrite -0 hb | tr "\0" ,'
is "-0: pass" "$out" "$(printf 'a,b\nc,')"
is "-0: counted" "$(value hb count)" 2
is "-0: last, escaped" "$(value hb last)" 'b\x0ac'
run sh -c 'printf "a\0b\n" | hbwrite --null hb >/dev/null'
is "--null is -0" "$(value hb count)" 2
run sh -c 'printf "a\0b\033[1m\377\n" | hbwrite hb >/dev/null'
is "control bytes and bad UTF-8 are escaped" "$(value hb last)" 'a\x00b\x1b[1m\xff'
run sh -c 'printf "ñandú\n" | hbwrite hb >/dev/null'
is "UTF-8 stays" "$(value hb last)" 'ñandú'

perl -e 'print "x" x 1048576, "\nend"' >long
ok "a line of 1 MiB passes" sh -c 'hbwrite hb <long | cmp - long'
run sh -c 'head -c 1048577 long | hbwrite hb >/dev/null'
last=$(value hb last)
ok "a line of 1 MiB is bounded in the fact" [ "${#last}" -lt 1024 ]
like "a line of 1 MiB is marked in the fact" "$last" 'xxx*...'

rm hb
run hbwrite hb </dev/null
is "no input: exit code" "$rc" 0
ok "no input: no heartbeat" [ ! -e hb ]

# Nothing is held back: a half line comes out while the writer still has the pipe.
mkfifo in out
hbwrite hb <in >out &
pid=$!
exec 3>in 4<out
printf 'half' >&3
is "a half line is passed at once" "$(perl -e 'sysread STDIN, $b, 99; print $b' <&4)" half
ok "a half line is no beat" [ ! -e hb ]
kill -TERM $pid
wait $pid
is "SIGTERM in a line: exit code" $? 0
exec 3>&- 4<&-

# Coalescing: the first line beats at once, the last one is not lost.
hbwrite hb <in >/dev/null &
pid=$!
exec 3>in
seq 1000 >&3
beats_1000() { [ -e hb ] && [ "$(value hb count)" = 1000 ]; }
ok "the last beat of a burst comes while the pipe is open" wait_for 10 beats_1000
exec 3>&-
wait $pid
strace -f -qq -e trace=renameat -o trace sh -c "seq 200000 | '$plain/hbwrite' hb >/dev/null"
ok "a burst of 200000 lines makes few writes" [ "$(grep -c renameat trace)" -le 4 ]
is "a burst of 200000 lines: the last beat" "$(value hb count)" 200000

# A stdin that does not block.
run perl -e 'pipe R, W; $SIG{CHLD} = "IGNORE";
	if (!fork) { close R; for (1 .. 3) { select undef, undef, undef, 0.02; syswrite W, "$_\n" } exit }
	close W; use Fcntl; fcntl R, F_SETFL, O_NONBLOCK; open STDIN, "<&R"; exec "hbwrite", "hb"'
is "non-blocking input: exit code" "$rc" 0
is "non-blocking input: passes" "$out" "$(seq 3)"

# Back-pressure: a reader that does not read stops us reading.
mkfifo stuck
perl -e 'syswrite STDOUT, "y\n" x 32768 or exit while 1' 2>/dev/null | hbwrite hb >stuck &
pid=$!
exec 4<stuck
sleeping() { [ "$(cut -d' ' -f3 /proc/$pid/stat)" = S ] && grep -q poll /proc/$pid/wchan; }
ok "a stuck reader makes it wait in poll" wait_for 10 sleeping
kill -TERM $pid
wait $pid
is "SIGTERM with a stuck reader: exit code" $? 75
exec 4<&-

# A standard error that nobody reads, full to the brim: lines pass all the same.
seq 3 >three
run timeout 60 perl -e 'use Fcntl; pipe R, W; fcntl W, F_SETFL, O_NONBLOCK; 1 while syswrite W, "x" x 4096;
	fcntl W, F_SETFL, 0; fcntl R, F_SETFD, 0; $ENV{LOG_LEVEL} = "nonsense"; open STDERR, ">&W";
	exec "hbwrite", "hb"' <three
is "full standard error: exit code" "$rc" 0
is "full standard error: lines pass" "$out:$(value hb count)" "$(seq 3):3"
finish
