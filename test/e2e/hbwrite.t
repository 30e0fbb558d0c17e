#!/bin/sh
# hbwrite: what passes through, what the heartbeat holds, and what is refused.
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
ok "lines: mono is below uptime" awk -v m="$(value hb mono)" '{ exit !(m > 0 && m <= $1 + 0.01) }' /proc/uptime
is "lines: no temporary left" "$(find . -type f ! -name .out ! -name .err)" ./hb

head -c 3000000 /dev/urandom >random
ok "any bytes pass unchanged" sh -c 'hbwrite hb <random | cmp - random'
ok "any bytes pass unchanged, pipe to pipe" sh -c 'cat random | hbwrite hb | cat | cmp - random'
ok "any bytes pass unchanged, to a file" sh -c 'cat random | hbwrite hb >copy && cmp copy random'
ok "output shared with others is appended to" sh -c '{ echo a; echo b | hbwrite hb; echo c; } >copy && [ "$(cat copy)" = "a
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

# -1, -e, -m.
run hbwrite -1 -e error -m 'disk full' hb
is "-1: exit code" "$rc" 0
is "-1: says nothing" "$out$err" ""
is "-1: state" "$(value hb state)" error
is "-1: message" "$(value hb message)" "disk full"
is "-1: count" "$(value hb count)" 1
run hbwrite --once --state up_and-on --message "$(printf 'two\nlines\033')" hb
is "long options: state" "$(value hb state)" up_and-on
is "long options: message is one line" "$(value hb message)" 'two\x0alines\x1b'
run sh -c 'echo x | hbwrite -e playing -m hi hb'
is "a filter too has state and message" "$(value hb state) $(value hb message)" "playing hi"
run hbwrite -1 -m "$(perl -e 'print "m" x 100000')" hb
like "a long message is cut and marked" "$(value hb message)" 'mmm*...'

# Wrong use.
refused() {
	what=$1 code=$2 pattern=$3
	shift 3
	run "$@" </dev/null
	is "$what: exit code" "$rc" "$code"
	like "$what: message" "$err" "$pattern"
	is "$what: no output" "$out" ""
}
refused "no FILE" 64 "*no FILE*usage: hbwrite*" hbwrite
refused "two FILEs" 64 "*more than one FILE*" hbwrite a b
refused "unknown option" 64 "*unknown option '-y'*" hbwrite -y hb
refused "unknown long option" 64 "*'--nope'*" hbwrite --nope hb
refused "unknown option is escaped" 64 "*unknown option '-?x1b'*" hbwrite "$(printf -- '-\033')" hb
refused "missing argument" 64 "*'-e' needs an argument*" hbwrite -1 -e
refused "-0 with -1" 64 "*-0 and -1*" hbwrite -0 -1 hb
for state in '' 'two words' Upper d1git "$(perl -e 'print "s" x 33')"; do
	refused "state '$state'" 64 "*option -e: '$state'*" hbwrite -1 -e "$state" hb
done
run hbwrite -1 -e "$(perl -e 'print "s" x 32')" hb
is "a state of 32 is fine" "$rc" 0
run hbwrite --help
is "--help: exit code" "$rc" 0
like "--help: usage" "$out" "usage: hbwrite *--once*--state STATE*--version*"
run hbwrite -v -1 hb
is "-v has nothing to add here" "$rc:$err" 0:
run hbwrite -V
is "-V" "$out:$rc" "hbwrite $(sed -n 's/^VERSION := //p' "$top/Makefile"):0"

# A FILE that cannot be one.
mkdir folder
mkfifo fifo
ln -s hb link
ln -s nowhere dangling
for once in "" -1; do
	refused "folder missing $once" 66 "*'no/hb': its folder is missing*" hbwrite $once no/hb
	refused "folder is a file $once" 66 "*not a folder*" hbwrite $once hb/hb
	refused "FILE is a folder $once" 64 "*'folder': is a folder*" hbwrite $once folder
	refused "FILE ends in a slash $once" 64 "*is a folder*" hbwrite $once folder/
	refused "FILE is a FIFO $once" 64 "*'fifo': is neither*" hbwrite $once fifo
	refused "FILE is a device $once" 64 "*'/dev/null': is neither*" hbwrite $once /dev/null
	refused "FILE is a link $once" 64 "*'link': is a symbolic link*" hbwrite $once link
	refused "FILE is a dangling link $once" 64 "*symbolic link*" hbwrite $once dangling
	refused "FILE is empty $once" 66 "*its folder is missing*" hbwrite $once ""
	refused "name of 255 bytes $once" 64 "*too long*" hbwrite $once "$(perl -e 'print "n" x 255')"
done
ok "the link was not written through" [ -L link ]
run hbwrite -1 "$(perl -e 'print "n" x 238')"
is "a name of 238 bytes is fine" "$rc" 0
run hbwrite -1 -- "-dash"
is "a leading dash after --" "$rc:$(value ./-dash count)" 0:1
odd=$(printf 'new\nline\tESC\033[31m\377')
run hbwrite -1 "$odd"
is "a hostile name is only a name" "$rc" 0
ok "a hostile name: written" [ -s "$odd" ]
refused "a hostile name is escaped" 66 '*nope?x0aESC?x1b/hb*missing*' hbwrite -1 "$(printf 'nope\nESC\033')/hb"
is "a hostile name makes no second line" "$(echo "$err" | wc -l)" 1

# Things that are not ours at the name of the temporary.
# shellcheck disable=SC2016 # for the inner shell
for make in 'ln -s nowhere' mkdir mkfifo; do
	for once in "" -1; do
		run sh -c "$make .hb.\$\$.tmp; exec hbwrite $once hb" </dev/null
		is "$make in the temporary's place $once: exit code" "$rc" 74
		like "$make in the temporary's place $once: said" "$err" "*'hb': what is named '.NAME.PID.tmp' beside it is not ours*"
		rm -r .hb.*
	done
done

if [ "$(id -u)" -eq 0 ]; then
	chmod 777 .
	mkdir -m 755 ro
	run setpriv --reuid 65534 --regid 65534 --clear-groups hbwrite -1 ro/hb
	is "folder not writable: exit code" "$rc" 74
	like "folder not writable: message" "$err" "*'ro/hb': its folder may not be written to*"
	mkdir -m 333 wx
	run setpriv --reuid 65534 --regid 65534 --clear-groups hbwrite -1 wx/hb
	is "folder not readable: exit code" "$rc" 74
	like "folder not readable: message" "$err" "*'wx/hb': its folder may not be read*"
else
	skip "folder not writable, not readable" "needs root to become another user"
fi

# Standard descriptors.
run sh -c 'echo x | hbwrite hb >&-'
is "closed output: exit code" "$rc" 74
like "closed output: message" "$err" "*standard output: Bad file descriptor*"
run sh -c 'echo x | hbwrite hb >/dev/full'
is "full output: exit code" "$rc" 74
like "full output: message" "$err" "*standard output: No space left*"
run sh -c 'hbwrite hb <&-'
is "closed input: exit code" "$rc" 74
like "closed input: message" "$err" "*standard input: Bad file descriptor*"
run sh -c 'hbwrite hb <.'
is "input is a folder: exit code" "$rc" 74
rm -f hb
run sh -c 'echo x | hbwrite hb 2>&-'
is "closed standard error: no harm" "$rc:$out:$(value hb count)" 0:x:1

mkfifo gone
hbwrite hb <in >gone 2>err &
pid=$!
exec 3>in 4<gone
exec 4<&-
wait $pid
is "reader gone, noticed without input: exit code" $? 75
like "reader gone: message" "$(cat err)" "*the reader of standard output is gone*"
exec 3>&-

# Log lines.
run hbwrite -1 no/hb
like "log line" "$err" "[[]20??-??-?? ??:??:??[]] [[]ERROR[]] [[]hbwrite[]] heartbeat 'no/hb':*"
run env LOG_LEVEL=nonsense hbwrite -1 hb
like "bad LOG_LEVEL is said" "$err" "*[[]WARN[]]*LOG_LEVEL 'nonsense'*"
run env DEBUG=1 hbwrite -1 hb
is "DEBUG=1 is fine" "$rc" 0
run sh -c 'JOURNAL_STREAM=$(stat -L -c %d:%i /dev/fd/2) hbwrite -1 no/hb'
like "towards the journal" "$err" "<3>[[]ERROR[]] [[]hbwrite[]]*"

finish
