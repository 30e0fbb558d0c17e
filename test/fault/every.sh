# shellcheck shell=sh disable=SC2034
# every.sh: rtmp.sh for tests that kill a tool at each of its system calls, fail each call that can
# fail, and cut its writes short. A scenario is three functions:
#
#   prepare         puts everything as it is before; what it prints is not looked at
#   act COMMAND...  runs the tool behind COMMAND..., which injects the fault, and returns its exit code
#   amiss CODE      after it ended so: runs it again as a supervisor would, and prints what is wrong
#
# The calls are those that a run makes which is left in peace, from the tool's own first one on
# (opt_begin's), after the dynamic loader and the libraries.
# See calls.pl for what fails how. To be killed before a call that changes nothing for others is the
# same as before the next one: such are left out, and of the rest some, evenly chosen, unless
# EVERY_CALL=. is set; of the bytes at which a write can be cut that tries 1000. SPARSE=3: a third of what is
# chosen.
. "$(dirname "$0")/../rtmp.sh"
BIN=$plain PATH=$plain:$PATH # strace and the leak sanitizer exclude each other
faults="KILL EIO ENOSPC EMFILE EINTR EAGAIN short"
row='%-37s %6s %5s %5s %6s %6s %5s %6s %5s %5s'
# shellcheck disable=SC2059 # it is the format
printf "# head: $row\n" "tool, scenario" calls killed EIO ENOSPC EMFILE EINTR EAGAIN short wrong

# documented TOOL: the exit codes that its manual page names.
documented() { sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/s/^\.It \([0-9]*\)$/\1/p' "$top/man/$1.1" 2>/dev/null | tr '\n' ' '; }

# judge FAULT WHERE CODE: counts it as wrong, and shows why, unless all is well afterwards.
judge() {
	report=
	case $1:$3 in
	*:124) report="it hangs; " ;;
	KILL:137) ;;
	*) case " $codes" in *" $3 "*) ;; *) report="exit code $3; " ;; esac ;;
	esac
	[ "$3" -le 1 ] || [ "$3" -eq 137 ] || [ -s err ] || [ -n "${silent-}" ] || report="${report}exit code $3, and said nothing; "
	report=$report$(amiss "$3" 2>&1)
	[ -z "$report" ] && return
	wrong=$((wrong + 1))
	show "$name: $1 at $2, exit code $3: $report" "$(head -n 3 err)"
}

# every "TOOL SCENARIO" MOST: at most so many kills and cut writes, and half as many failures with
# each error.
# $follow is -f to count the calls of its children, too: it is killed which makes it first.
# $more_codes: exit codes that its manual page does not name. $silent: it need not say what is wrong.
# $written: bytes of the largest file that it writes; the writes are cut at some of them.
every() {
	name=$1 most=$((($2 + ${SPARSE:-1} - 1) / ${SPARSE:-1})) wrong=0 struck=0
	codes="$(documented "${name%%[, ]*}")${more_codes-} "
	for fault in $faults; do eval "n_$fault=0"; done
	prepare >/dev/null 2>&1
	act timeout -k 5 60 strace -qq ${follow-} -o trace >out 2>err </dev/null
	code=$?
	report=$(amiss $code 2>&1)
	is "$name: left in peace" "$code $report" "${peace-0} "
	perl "$top/test/fault/calls.pl" $most "${begins-fcntl.0, F_GETFD}" ${EVERY_CALL:+all} <trace >calls
	read -r total <calls
	while read -r fault call nth; do
		[ -n "$nth" ] || continue
		how=error=$fault
		[ "$fault" != KILL ] || how=signal=KILL
		children=${follow-}
		[ "$fault" = KILL ] || children=
		prepare >/dev/null 2>&1
		act timeout -k 5 60 strace -q $children -o shot -e "trace=$call" -e "inject=$call:$how:when=$nth" \
			>out 2>err </dev/null
		code=$?
		[ "$code" -ne 137 ] || grep -q 'killed by SIGKILL' shot || code=124 # by timeout
		# Its calls need not be the same each time.
		[ "$code" -eq 124 ] || grep -qE 'INJECTED|killed by SIGKILL' shot || continue
		eval "n_$fault=\$((n_$fault + 1))"
		struck=$((struck + 1))
		judge "$fault" "$call $nth" "$code"
	done <calls 2>/dev/null
	cut_short $most
	# shellcheck disable=SC2059,SC2154
	printf "# row: $row\n" "$name" "$total" "$n_KILL" "$n_EIO" "$n_ENOSPC" "$n_EMFILE" "$n_EINTR" "$n_EAGAIN" "$n_short" "$wrong"
	planned=$(grep -c ' .* ' calls)
	ok "$name: it was killed $n_KILL times" [ "$n_KILL" -gt 0 ]
	ok "$name: $struck of $planned faults struck" [ $((struck * 2)) -ge "$planned" ]
	is "$name: each time it ended as it should, and so did the next run" $wrong 0
}

# cut_short MOST: no file can grow beyond so many bytes: the write that would is short, as the
# kernel has it, and the next one fails. No call is made to lie.
cut_short() {
	step=$((${written-0} / $1 + 1))
	[ -z "${EVERY_CALL-}" ] || step=$((${written-0} / 1000 + 1))
	at=0
	while [ $at -lt "${written-0}" ]; do
		prepare >/dev/null 2>&1
		{
			(
				trap '' XFSZ
				act timeout -k 5 60 prlimit --fsize=$at >out </dev/null
			)
			echo $? >code
		} 2>&1 | cat >err
		n_short=$((n_short + 1))
		judge short "$at bytes" "$(cat code)"
		at=$((at + step))
	done
}

# tmp FOLDER...: the temporaries that are left in them.
tmp() { find "$@" -name '.*.tmp' 2>/dev/null; }

# lines_of FILE: its lines, but not one that was cut short: who reads a pipe would not take it.
lines_of() { if [ -n "$(tail -c 1 "$1")" ]; then sed '$d' "$1"; else cat "$1"; fi; }

# fact_ok FILE: it is not there, or complete, with its last KEY.
fact_ok() { [ ! -e "$1" ] || grep -q "^$2: " "$1" || echo "$1 is cut short; "; }
