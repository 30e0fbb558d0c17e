#!/bin/sh
# test/functions: the tree as it is passes; a function that is too long does not.
. "$(dirname "$0")/../lib.sh"
# shellcheck disable=SC2154 # lib.sh's
run perl "$top/test/functions" "$top"/libcommon/*/*.[ch] "$top"/tools/*.c "$top"/tools/*/*.[ch] \
	"$top"/fs/*.[ch]
is "the tree as it is" "$rc:$err" "0:"

mkdir tools
lines() { # NAME LINES: with both braces
	printf 'int %s(\n\tint n)\n{\n' "$1"
	for i in $(seq $(($2 - 2))); do printf '\tn += %d;\n' "$i"; done
	printf '}\n\n'
}
judged() { # WHAT FILE WANTED
	run perl "$top/test/functions" "$2"
	is "$1" "$rc:$err" "$3"
}
{ lines a 3; lines b 60; lines c 2; } >tools/x.c
judged "60 lines" tools/x.c "0:"
{ lines a 3; lines b 61; lines c 2; } >tools/x.c
judged "61 lines" tools/x.c "1:tools/x.c: b has 61 lines, 60 at most: two jobs?"
lines main 40 >tools/x.c
judged "a main of 40 lines" tools/x.c "0:"
lines main 41 >tools/x.c
judged "a main of 41 lines" tools/x.c "1:tools/x.c: main has 41 lines, 40 at most: two jobs?"
lines main 60 >x.c
judged "a main that is no tool's" x.c "0:"
printf 'static const int table[] = {\n' >x.c
for i in $(seq 100); do printf '\t%d,\n' "$i"; done >>x.c
printf '};\n' >>x.c
judged "a long table" x.c "0:"
finish
