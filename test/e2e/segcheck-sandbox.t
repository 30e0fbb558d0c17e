#!/bin/sh
# What a taken-over parser of segcheck can do: nothing but be the reason why its file is bad.
# Takes long.
. "$(dirname "$0")/../lib.sh"
hooked=$plain/segcheck-hooked
good=$top/test/fixtures/good-mp4.mp4

echo precious >precious
for word in crash trap open make remove connect execute spawn trace kill write shorten mode memory lie; do
	echo "$word" >"$word.mp4"
	run "$hooked" "$good" "$word.mp4" "$good"
	is "$word: costs its own verdict" "$rc:$out" "1:$(printf '%s\n%s' "$good" "$good")"
	like "$word: says so" "$err" "*'$word.mp4' is bad, parser-died: *"
	is "$word: did nothing" "$(ls made precious 2>/dev/null) $(cat precious "$word.mp4")" \
		"$(printf 'precious precious\n%s' "$word")"
	case $word in
	crash | trap | memory | lie) ;;
	*) like "$word: was stopped at the call" "$err" "*parser-died: by SYS*" ;;
	esac
done
echo spin >spin.mp4
run "$hooked" spin.mp4 "$good"
is "spin: costs its own verdict" "$rc:$out" "1:$good"
like "spin: says so" "$err" "*'spin.mp4' is bad, parser-timeout: *"

# Many crashes, several at once, keep the order.
for n in 1 2 3 4 5 6 7 8 9; do
	cp crash.mp4 c$n.mp4
	cp "$good" g$n.mp4
done
run "$hooked" -J 3 c1.mp4 g1.mp4 g2.mp4 c2.mp4 c3.mp4 g3.mp4 g4.mp4 c4.mp4 c5.mp4 c6.mp4 g5.mp4
is "crashes among good ones" "$rc:$(echo "$out" | tr '\n' ' ')" "1:g1.mp4 g2.mp4 g3.mp4 g4.mp4 g5.mp4 "
run "$hooked" --no-sandbox open.mp4 "$good"
like "no sandbox: said" "$err" "*no sandbox: a hostile file could do anything*"
is "no sandbox: it could have opened it" "$rc:$out" "1:$good"

# A clip that says when it was made, as cameras do, is formatted by the C library, which
# reads the time zone from a file: alone, first and last in a list, by one and by eight parsers.
zones() { # COMMAND...: in each way to say the zone
	env -u TZ "$@" && TZ="" "$@" && TZ=Europe/Madrid "$@" && TZ=:/nonexistent "$@" &&
		LC_ALL=es_ES.ISO-8859-1 LANGUAGE=es "$@"
}
for clip in "$top"/test/fixtures/created.*; do
	name=${clip##*/}
	for n in 1 8; do
		run zones "$plain/segcheck" -J $n "$clip"
		is "$name, alone, -J $n: good" "$rc:$(echo "$out" | uniq -c | tr -s ' '):$err" "0: 5 $clip:"
		run zones "$plain/segcheck" -J $n "$clip" "$good" "$good" "$clip"
		is "$name, first and last, -J $n: good" \
			"$rc:$(echo "$out" | sort | uniq -c | sort | tr -s ' \n' ' '):$err" \
			"0: 10 $clip 10 $good :"
	done
done
is "no other clip needs what is behind the sandbox" "$(for clip in "$top"/test/fixtures/*.*; do
	env -u TZ -u LC_ALL "$plain/segcheck" -p any "$clip" 2>&1 | grep parser-died
done)" ""

# Which calls the real parser makes once it is locked down.
strace -qq -f -o trace "$plain/segcheck" "$top"/test/fixtures/* >/dev/null 2>&1
parser=$(awk '/landlock_restrict_self/ { print $1; exit }' trace)
awk -v pid="$parser" \
	'$1 != pid { next } / seccomp\(.*len=/ { locked = 1; next } locked && !/seccomp resumed/' trace \
	>locked
ok "the trace has calls after the lock-down" [ "$(wc -l <locked)" -gt 100 ]
sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p; s/^[0-9]* *<\.\.\. \([a-z0-9_]*\) resumed.*/\1/p' locked |
	sort -u >calls
printf '%s\n' brk close exit_group fstat newfstatat futex lseek madvise mmap mprotect mremap munmap pread64 \
	recvmsg sendmsg getrandom clock_gettime >allowed
grep -vxFf allowed calls >others
is "it makes no other calls" "$(grep -wFf others locked | head -n 5)" ""
is "it lived through all fixtures" "$(grep -c landlock_restrict_self trace)" 1
ok "Landlock is entered" grep -q "landlock_restrict_self(.* = 0" trace
finish
