# shellcheck shell=sh disable=SC2034,SC2154
# verdicts.sh: lib.sh for the tests of stalecheck: stations that are no more than facts, and what it
# finds of them.
. "$(dirname "$0")/../lib.sh"
tab=$(printf '\t')
live=run/streamhub.d etc=etc/streamhub/stations lib=var/lib/streamhub

# judge OPERAND...: exit code and the words of the lines.
judge() {
	run stalecheck "$@"
	words=$(echo "$out" | cut -f 2 | tr '\n' ' ')
}

# about NAME CODE WORD AGE LIMIT SHOWN: what judge found; the machine may be slow.
about() {
	is "$1: exit code and word" "$rc:$words" "$2:$3 "
	age=$(echo "$out" | cut -f 3)
	ok "$1: $age is about $4" [ "$age" -ge "$4" -a "$age" -le $(($4 + 15)) ]
	is "$1: name and limit" "$(echo "$out" | cut -f 1,4)" "$6${tab}$5"
}

# station ID AGE: a station with a heartbeat.
station() {
	mkdir -p "$live/$1"
	heartbeat "$2" >"$live/$1/heartbeat"
}

# tool ID TOOL AGE KEY...: a fact of a tool.
tool() {
	at=$live/$1/$2
	fact_head "$3" >"$at"
	shift 3
	printf '%s\n' "$@" >>"$at"
}

# act, a command for -x, and acts: with what it was run.
act_is_made() {
	cat >act <<'EOF'
#!/bin/sh
printf '%s\n' "$*" >>"$(dirname "$0")/acts"
EOF
	chmod +x act
}
acts() { [ ! -e acts ] || tr '\n' ' ' <acts; }
