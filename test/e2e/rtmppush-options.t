#!/bin/sh
# rtmppush as a program: wrong use, and files and folders that are not there.
. "$(dirname "$0")/../sink.sh"
unset RTMP_URL
echo "$url" >address

# Wrong use.
while read -r args; do
	# shellcheck disable=SC2086 # words
	run rtmppush $args </dev/null
	is "wrong use: $args" "$rc:$out" "64:"
done <<X
-t burn $url
-t move: $url
-L maybe $url
--lead 10001 $url
--catch-up 3 $url
--retries x $url
--first-stamp -1 $url
http://127.0.0.1/live/x
-u address $url
$url $url
X
for bad in 'a\0b' "$(printf %05000d 0)" "$(printf %070000d 0)"; do
	run sh -c 'printf "$1\n" | rtmppush -u address' sh "$bad"
	like "what is no path: $(echo "$bad" | wc -c) bytes" "$rc:$out:$err" \
		"66::*ERROR*standard input: *is no path"
done
run script -qec "$BIN/rtmppush -u address" /dev/null </dev/null
like "a terminal" "$rc:$out" "64:*standard input is a terminal*"
run rtmppush </dev/null
is "no address" "$rc:$out" "64:"
run rtmppush -u nowhere </dev/null
is "no address file" "$rc:$out" "66:"
run rtmppush --url address -t move:nowhere </dev/null
is "no folder to move to" "$rc:$out" "66:"
echo garbage >cursor
run rtmppush -u address -c cursor </dev/null
is "a cursor that is none" "$rc:$out" "78:"
run rtmppush -u address --ca nowhere </dev/null
is "--ca nowhere" "$rc:$out" "66:"
like "--ca nowhere: said" "$err" "*option --ca: 'nowhere': No such file*"
run rtmppush --status nowhere -u address </dev/null
is "no status folder" "$rc:$out" "66:"
run rtmppush -h
is "-h" "$rc" 0
run rtmppush -V
is "-V" "$rc" 0
finish
