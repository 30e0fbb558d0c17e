#!/bin/sh
# ssecat and event ids: where it goes on after a restart, and ids that mean harm.
# shellcheck disable=SC2154 # by sse_places
. "$(dirname "$0")/../sse.sh"
nl='
'

# The file: a fact, or a line; ssecat only reads it.
sse_starts here 'ok data: a\n\n'
sends() { # WHAT WANTED MESSAGE: the file "applied" has this id
	: >here.log
	cp -p applied before 2>/dev/null
	run ssecat --retries 1 -i applied "$here_url"
	is "$1: is sent" "$rc:$out:$(header here 1 Last-Event-ID)" \
		"69:{\"id\":\"${4-$2}\",\"event\":\"message\",\"data\":\"a\"}:$2"
	like "$1: said" "$err" "$3"
	is "$1: and left alone" "$(stat -c '%Y %s' applied 2>&1)" "$(stat -c '%Y %s' before 2>&1 |
		sed s/before/applied/)"
}
good="*connected${nl}*giving up*"
sends "no file" "" "$good"
echo 41 >applied
sends "a line" 41 "$good"
printf 42 >applied
sends "a line without an end" 42 "$good"
printf '43: x y\n' >applied
sends "a line with a colon" "43: x y" "$good"
: >applied
sends "an empty file" "" "$good"
printf 'time: x\nid: 44\nstreams: 1 2\n' >applied
sends "a fact" 44 "$good"
printf 'time: x\n' >applied
sends "a fact without an id" "" "$good"
printf 'id: \n' >applied
sends "a fact with an empty id" "" "$good"
printf 'id: a\\x5cb \\xc3\\xa9\n' >applied
sends "an escaped id" 'a\b é' "$good" 'a\\b é'
damaged="*[[]WARN[]] [[]ssecat[]] id file 'applied' is damaged: no event id is sent*"
printf 'id: 45' >applied
sends "half a fact" "" "$damaged"
printf '1\n2\n' >applied
sends "two lines" "" "$damaged"
printf 'id: 46\nup: 1\nup: 2\n' >applied
sends "a key that comes again" 46 "$good"
printf 'id: 1\\x00\n' >applied
sends "a NUL in a fact" "" "$damaged"
printf 'a\0b\n' >applied
sends "a NUL in a line" "" "$damaged"
printf 'a\377b\n' >applied
sends "no UTF-8" "" "$damaged"
head -c 4097 /dev/zero | tr '\0' x >applied
sends "a long line" "" "$damaged"
head -c 4096 /dev/zero | tr '\0' x >applied
sends "the longest line" "$(cat applied)" "$good"
truncate -s 1G applied
sends "a huge file" "" "$damaged"

# What would begin another header, or is a control byte, is not sent.
harm="*[[]WARN[]]*'127.0.0.1:$port': the last event id * has control bytes: it is not sent*"
printf 'id: 1\\x0d\\x0aX-Harm: 1\n' >applied
sends "line ends" "" "$harm" '1\r\nX-Harm: 1'
printf '1\r\n' >applied
sends "CR at the end of a line" "" "$harm" '1\r'
printf 'id: \\x1b[31m\n' >applied
sends "an escape" "" "$harm" '\u001B[31m'
is "no header was injected" "$(grep -c Harm here.log)" 0
rm applied
mkdir applied
run ssecat --retries 1 -i applied "$here_url"
like "a folder" "$rc:$out:$err" "66::*[[]ERROR[]]*id file 'applied': Is a directory"
rm -r applied
ln -s before applied
run ssecat --retries 1 -i applied "$here_url"
like "a link" "$rc:$out:$err" "66::*id file 'applied': Too many*links*"
mkfifo fifo
run ssecat --retries 1 -i fifo "$here_url"
like "a FIFO" "$rc:$out:$err" "66::*id file 'fifo': Invalid*"
run ssecat --retries 1 -i nowhere/applied "$here_url"
is "no folder is no file" "$rc:$(echo "$err" | grep -c 'id file')" 69:0

# Ids from the server: one that it may not send is not the last one.
long=$(head -c 4097 /dev/zero | tr '\0' y)
sse_starts ids 'ok retry: 100\nid: 5\ndata: a\n\n' "ok id: $long\ndata: b\n\n" 'ok id: 6\x007\ndata: c\n\n' \
	'ok id: a: \xff\x0b\ndata: d\n\n' 'ok id: 7 é \ndata: e\n\n' 'ok id\ndata: f\n\n' \
	'ok data: g\n\n | hang'
cat_starts "$ids_url"
wait_for 20 printed 7
cat_ends
is "ids: of the events" "$rc:$(jq -r .id out | paste -s -d ';')" "0:5;5;5;a: �$(printf '\013');7 é ;;"
for n in 1 2 3 4 5 6 7; do header ids $n Last-Event-ID; done >sent
is "ids: that were sent" "$(paste -s -d ';' sent)" "5;5;5;7 é"
like "ids: said" "$(cat err)" "*: an event id of more than 4096 bytes is ignored${nl}*\
: the last event id 'a: �\\\\x0b' has control bytes: it is not sent"
is "ids: and no more" "$(wc -l <err)" 5

# Only an event that is complete moves it.
sse_starts half 'ok retry: 100\nid: 1\ndata: a\n\nid: 2\ndata: b\n' \
	'ok id: 2\ndata: b\n\nid: 3\n\nid: 4' 'ok | hang'
cat_starts "$half_url"
wait_for 20 asked half 3
cat_ends
is "an event that is cut off" "$rc:$(jq -r .data out | paste -s -d ' '):$(header half 2 Last-Event-ID):$(
	header half 3 Last-Event-ID)" "0:a b:1:3"
finish
