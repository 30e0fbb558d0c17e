#!/bin/sh
# hbwrite as a program: -1 with its state and message, wrong use, closed or full descriptors, and what it
# says.
. "$(dirname "$0")/../lib.sh"

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
mkfifo in gone
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
