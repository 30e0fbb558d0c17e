#!/bin/sh
# camwatch as it runs: which clips are held back, as they are the newest or somebody writes to them, and which
# are late.
. "$(dirname "$0")/../camera.sh"
start -a 0 -n always -i 3600
echo x >d/1.mp4
echo x >d/2.mp4
prints "-n always: the newest is held" "d/1.mp4 "
echo x >d/3.mp4
prints "-n always: until a newer one comes" "d/1.mp4 d/2.mp4 "
ok "-n always: held, not waiting" wait_for 10 fact held 1
is "-n always: newest" "$(value st/camwatch waiting) $(value st/camwatch newest)" "0 3.mp4"
: >d/4.mp4
prints "-n always: an empty newer one will do" "d/1.mp4 d/2.mp4 d/3.mp4 "
stop
rm -rf d && mkdir d
start -a 0 -n 1 -i 3600
echo x >d/1.mp4
prints "-n 1: a quiet second" "d/1.mp4 "
stop

# What was held does not get late by it; what comes after a newer one does.
rm -rf d && mkdir d
moved() { echo x >.moved && touch -d "$2" .moved && mv .moved "d/$1"; } # NAME TIME
start -a 0 -n always -l 300 -L delete -i 3600
moved 1.mp4 '1 hour ago'
ok "held for long" wait_for 10 fact newest 1.mp4
moved 2.mp4 '10 minutes ago'
prints "held, then the next is an hour ahead: it is printed" "d/1.mp4 "
moved late.mp4 '20 minutes ago'
ok "one that comes after a newer one is late" wait_for 10 said \
	"'late.mp4' is late, too far behind the newest: deleted"
moved 3.mp4 now
prints "and the next one that was held" "d/1.mp4 d/2.mp4 "
stop
rm -rf d && mkdir d
mkdir -p away && for n in 1 2 3; do moved $n.mp4 "$((40 - 10 * n)) minutes ago"; done && mv d away/
mkdir d
start -a 0 -n never -l 900 -i 3600
mv away/d d/tree
prints "a tree that is moved in is one arrival: late but for its end" "d/tree/2.mp4 d/tree/3.mp4 "
stop
lib=$(faketime -f +0 sh -c 'echo "$LD_PRELOAD"')
rm -rf d && mkdir d
echo +0 >clock
: >out
LD_PRELOAD=$lib FAKETIME_TIMESTAMP_FILE=$T/clock FAKETIME_NO_CACHE=1 $plain/camwatch -a 0 -i 1 d >out &
pid=$!
echo x >d/1.mp4
echo x >d/2.mp4
prints "by default the newest is held" "d/1.mp4 "
echo +40 >clock
echo x >d/3.mp4 && touch -d '1 hour ago' d/3.mp4
echo x >d/4.mp4
prints "until a newer one comes" "d/1.mp4 d/2.mp4 "
echo +101 >clock
prints "or for 60 seconds" "d/1.mp4 d/2.mp4 d/4.mp4 "
stop

# A writer; age.
rm -rf d && mkdir d
start -a 0 -n never -i 3600
exec 3>d/1.mp4
echo x >&3
echo x >d/2.mp4
prints "a file that is open for writing holds nothing back" "d/2.mp4 "
ok "it is counted as held" wait_for 10 fact held 1
echo x >&3
exec 3>&-
prints "it comes when it is closed" "d/2.mp4 d/1.mp4 "
stop
rm -rf d && mkdir d
start -a 0 -n never -i 3600 -o name
exec 3>d/1.mp4
echo x >&3
echo x >d/2.mp4
ok "by name: a file that is open for writing" wait_for 10 fact waiting 2
is "by name: holds back what comes after it" "$(cat out)" ""
exec 3>&-
prints "by name: in order then" "d/1.mp4 d/2.mp4 "
stop
rm -rf d && mkdir d
start -a 1 -n never -i 3600
began=$(date +%s%N)
echo x >d/1.mp4
prints "-a 1" "d/1.mp4 "
ok "-a 1: not before a second" [ "$(($(date +%s%N) - began))" -ge 1000000000 ]
stop

# A clip that somebody touches holds nothing back, however often.
rm -rf d && mkdir d
echo x >d/1.mp4
echo x >d/2.mp4
perl -e 'while (1) { chmod 0600 + $_ % 2 * 4, "d/1.mp4"; select undef, undef, undef, 0.05; $_++ }' &
toucher=$!
start -a 2 -n never -i 3600
prints "touched without end: it settles, and those behind it too" "d/1.mp4 d/2.mp4 "
kill $toucher
stop

# Late while it runs.
rm -rf d && mkdir d
start -a 0 -n never -i 1
echo x >d/2.mp4
prints "before the late one" "d/2.mp4 "
echo x >.early && touch -d '1 hour ago' .early && mv .early d/1.mp4
ok "a late one is said" wait_for 10 said "'1.mp4' is late"
ok "and counted" wait_for 10 fact late 1
is "and neither printed nor removed" "$(cat out) $(ls d | tr '\n' ' ')" "d/2.mp4 1.mp4 2.mp4 "
stop
is "it is said once" "$(grep -c "'1.mp4' is late" err)" 1
finish
