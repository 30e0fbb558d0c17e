#!/bin/sh
# The quarantine killed at each of its system calls, and tidied by the next one.
. "$(dirname "$0")/../lib.sh"
quarantine=$plain/unit/quarantine # strace and the leak sanitizer exclude each other

# What stands at the names, one a line, with the whole contents of clips.
state() {
	for file in clips/* clips/.* q/* q/.*; do
		case $file in
		*/. | */..) ;;
		*.reason) echo "$file" ;;
		*)
			read -r line 2>/dev/null <"$file" || line=
			[ ! -f "$file" ] || echo "$file $line"
			;;
		esac
	done
}

# calls COMMAND...: "name n" of each system call that it makes from opening q on.
calls() {
	strace -qq -f -o trace "$@" 2>/dev/null
	perl -ne '
		($c) = /^\d* *(\w+)\(/ or next;
		$n{$c}++;
		$on ||= /"q"/;
		print "$c $n{$c}\n" if $on && $c ne "exit_group"' trace
}

# prepare: clips/1.mp4 and, for what needs one, the same in the quarantine.
prepare() {
	rm -rf clips q
	mkdir clips q
	echo "the whole clip" >clips/1.mp4
	touch -d @1000000000.000000007 clips/1.mp4
	"$1" || return
}

out() { :; }
in_q() { "$quarantine" put clips/1.mp4; }
three() {
	in_q
	for i in 2 3; do
		echo "the whole clip" >clips/$i.mp4
		"$quarantine" put clips/$i.mp4
	done
}
half_done() { # what kills may leave, all at once
	three
	mv q/1.mp4.reason q/.1.mp4.moving
	mv q/2.mp4.reason q/.gone.mp4.moving
	cp q/3.mp4.reason q/orphan.reason
	: >q/.3.mp4.reason.77.tmp
}

# killed NAME SETUP COMMAND... : at each call; allowed states after tidy, one a line, in $allowed.
killed() {
	name=$1 setup=$2
	shift 2
	prepare "$setup"
	calls "$quarantine" "$@" >calls
	kills=0 wrong=0 left=0
	while read -r call n; do
		prepare "$setup"
		strace -qq -o /dev/null -e "inject=$call:signal=KILL:when=$n" "$quarantine" "$@" 2>/dev/null
		[ $? -ne 137 ] || kills=$((kills + 1)) # a folder may be read in fewer steps
		for file in q/.*.moving q/.*.tmp; do [ ! -e "$file" ] || left=$((left + 1)); done
		"$quarantine" tidy q 2>/dev/null || wrong=$((wrong + 1))
		now=$(state | tr '\n' ';')
		case "
$allowed
" in
		*"
$now
"*) ;;
		*)
			wrong=$((wrong + 1))
			show "$call $n: $now"
			;;
		esac
		case $(stat -c %.9Y clips/1.mp4 q/1.mp4) in
		1000000000.000000007 | "") ;; # bound may have deleted it
		*) wrong=$((wrong + 1)) && show "$call $n: another time" ;;
		esac
		[ ! -e q/1.mp4.reason ] || case $("$quarantine" look 1.mp4) in
		"1.mp4 no-video "[34]" $T/clips/1.mp4") ;;
		*) wrong=$((wrong + 1)) && show "$call $n: $(cat q/1.mp4.reason)" ;;
		esac
	done <calls 2>/dev/null
	ok "$name: there are calls to kill at" [ $kills -gt 6 ]
	is "$name: killed at each of $kills calls, tidied: one clip, whole, as it should be" $wrong 0
}

at_home="clips/1.mp4 the whole clip;"
inside="q/1.mp4 the whole clip;q/1.mp4.reason;"
allowed="$at_home
$inside"
killed put out put clips/1.mp4
ok "put: some kill left something to tidy" [ $left -gt 2 ]
killed release in_q release 1.mp4
ok "release: some kill left something to tidy" [ $left -gt 1 ]
allowed=$inside
killed again in_q again 1.mp4
ok "again: some kill left something to tidy" [ $left -gt 1 ]
two="q/2.mp4 the whole clip;q/2.mp4.reason;"
one="q/3.mp4 the whole clip;q/3.mp4.reason;"
allowed="$inside$two$one
$two$one
$one"
killed bound three bound 1
allowed="${inside}q/2.mp4 the whole clip;$one"
killed tidy half_done tidy q

# Calls that fail: nothing moves, nothing is left.
for setup in "out put clips/1.mp4" "in_q release 1.mp4" "in_q again 1.mp4"; do
	# shellcheck disable=SC2086 # words
	set -- $setup
	prepare "$1"
	before=$(state)
	first=$1 failed=0 wrong=0
	shift
	calls "$quarantine" "$@" | grep -E '^(open|rename|write|fsync|readlink|flock|newfstatat|fstat)' >calls
	while read -r call n; do
		prepare "$first"
		strace -qq -o /dev/null -e "inject=$call:error=EIO:when=$n" "$quarantine" "$@" 2>/dev/null &&
			continue
		failed=$((failed + 1))
		[ "$(state)" = "$before" ] || { wrong=$((wrong + 1)) && show "$call $n: $(state)"; }
	done <calls
	ok "$1: there are calls that fail" [ $failed -gt 5 ]
	is "$1: EIO at each of $failed calls that it needs: all is as before" $wrong 0
done

# What the calls are: a link in the reason's place is not followed, and the reason is on
# the disk before the clip moves, for a power cut.
prepare out
strace -qq -o trace "$quarantine" put clips/1.mp4
order=$(sed -n 's/.*"\.1\.mp4\.moving", \(O_[A-Z_|]*\).*/\1/p
	s/^fsync.*/fsync/p
	s/^renameat2(.*"\(.*\)", [0-9]*, "\(.*\)".*/\1 \2/p' trace)
is "put: what comes after what" "$order" "O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC
fsync
1.mp4 1.mp4
.1.mp4.moving 1.mp4.reason"

# A reason is not lost because it cannot be put in place yet.
prepare in_q
mv q/1.mp4.reason q/.1.mp4.moving
run strace -qq -o /dev/null -e inject=renameat2:error=EIO "$quarantine" tidy q
is "tidy: EIO at the rename" "$rc" 1
ok "tidy: EIO at the rename: the reason is kept" [ -s q/.1.mp4.moving ]
run strace -qq -o /dev/null -e inject=getdents64:error=EIO "$quarantine" tidy q
is "tidy: EIO at reading the folder" "$rc" 1
prepare three
run strace -qq -o /dev/null -e inject=getdents64:error=EIO:when=2 "$quarantine" bound 1
is "bound: EIO at reading the folder: none is deleted" "$rc $(echo q/*.mp4)" \
	"1 q/1.mp4 q/2.mp4 q/3.mp4"
finish
