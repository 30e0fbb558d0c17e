#!/bin/sh
# stalecheck as a program: -j, wrong use, and output that cannot be written.
. "$(dirname "$0")/../verdicts.sh"

# JSON.
heartbeat 5 >hb
run stalecheck -j hb nothing
like "-j" "$out" '{"id":"hb","verdict":"ok","age":[5-9],"limit":180,"reason":"heartbeat"}
{"id":"nothing","verdict":"missing","age":null,"limit":180,"reason":"no heartbeat"}'
bytes=$(printf './q"\\\377')
run stalecheck --json "$bytes"
ok "-j: any name gives valid JSON" perl -MJSON::PP -e 'decode_json($ARGV[0])' "$out"

# Wrong use.
for t in '' ' 1' '1 ' +1 -1 0 1x 0x10 1e3 99999999999999999999 31622401; do
	refused "-t '$t'" 64 \
		"*option -t: '$t' is not a whole number from 1 to 31622400*usage: stalecheck*" stalecheck -t \
		"$t" hb
done
for b in '' 1 / 1/ /1 0/1 1/0 1001/1 1/86401 1/1/1 ' 1/1'; do
	refused "-b '$b'" 64 "*option -b*" stalecheck -x true -b "$b" hb
done
refused "-b without -x" 64 "*option -b goes with -x*" stalecheck -b 1/1 hb
refused "-j with -N" 64 "*-j and -N*" stalecheck -j -N hb
refused "-x with nothing" 64 "*option -x*" stalecheck -x ' ' hb
refused "-x with 33 words" 64 "*option -x*" stalecheck -x "$(seq 33 | tr '\n' ' ')" hb
refused "unknown option" 64 "*unknown option '-Z'*" stalecheck -Z
run stalecheck --help
like "--help" "$rc:$out" "0:usage: stalecheck*--budget N/SEC*--exec CMD*"
run stalecheck -V
is "-V" "$rc:$out" "0:stalecheck $(sed -n 's/^VERSION := //p' "$top/Makefile")"

# Output that cannot be written.
run sh -c 'stalecheck hb >/dev/full'
is "full output: exit code" "$rc" 74
like "full output: said" "$err" "*standard output: No space left*"
many=$(perl -e 'print "hb no/file" . "x" x 80 . " " for 1 .. 300')
# shellcheck disable=SC2086
run sh -c 'stalecheck -j "$@" >/dev/full' sh $many
like "full output, -j: said" "$rc:$err" "74:*standard output: No space left*"
run sh -c 'stalecheck hb >&-'
is "closed output: exit code" "$rc" 74
mkfifo gone
perl -e 'print "hb\n" x 20000' | xargs stalecheck >gone 2>err &
timeout 30 head -c 1 gone >/dev/null
wait $!
like "reader gone: said" "$(cat err)" "*the reader of standard output is gone*"
finish
