#!/bin/sh
# reconcile: what the events of a server come to, whose word counts, what is only printed, and what is shown.
. "$(dirname "$0")/../events.sh"

run reconcile --help
like "--help" "$rc:$out" "0:usage: reconcile *--allow-new*"
run reconcile --version
like "--version" "$rc:$out" "0:reconcile [0-9]*"
for args in "x" "-i 0" "--interval 86401" "--on-boot never" "--desired-from nobody" "--backend sysv" "-jn"; do
	# shellcheck disable=SC2086 # words
	run reconcile $args </dev/null
	is "refused: $args" "$rc:$out" 64:
done
like "a terminal" "$(script -qec "reconcile; echo \$?" /dev/null </dev/null)" "*what ssecat prints*64*"

for id in 1 2 3; do settings $id; done
settings 4 ACTIVE=no
sed -i "s|^RTMP_URL=.*|RTMP_URL=rtmp://127.0.0.1/live/two|" "$conf/2.conf"
sed -i "s|^RTMP_URL=.*|RTMP_URL=rtmp://127.0.0.1/live/both|" "$conf/3.conf" "$conf/4.conf"
hears </dev/null
heard
is "nothing was said yet" "$rc:$(all 1 2 3 4)" "0:1 2 3 4 "
ok "and nothing is kept" [ ! -e $list ]

# One stream: by its ID or its address, in all ways.
event 1 start 1 | hears
heard
is "start" "$rc:$(all 1 2 3 4)" "0:1us 2 3 4 "
like "it is said in three steps" "$err" \
	"*what is: 0 of 4 streams run: none*what should be: 1: 1*start 1: 1; stop 0*"
event 2 start '{"url":"rtmp://127.0.0.1/live/two"}' | hears
heard
is "start, by the address" "$(all 1 2 3 4)" "1us 2us 3 4 "
is "which is not said" "$(printf '%s' "$err" | grep -c live/two)" 0
{ event 3 stop '{"id":"1"}' && event 4 stop rtmp://127.0.0.1/live/two; } | hears
heard
is "stop" "$(all 1 2 3 4)" "1ds 2ds 3 4 "
{ event 5 stop 1 && event 6 start 1 && event 7 stop 1; } >three
hears <three
heard
is "there and back: nothing to do" "$(all 1 2 3 4):$(printf '%s' "$err" | grep -c '\[STREAM\]')" \
	"1ds 2ds 3 4 :0"
event 8 start rtmp://127.0.0.1/live/both | hears
heard
like "an address of two" "$(all 1 2 3 4)$err" "1ds 2ds 3 4 *is that of 2 stations, of '3' and others*"
event 9 start rtmp://127.0.0.1/live/none | hears
heard
like "an address of none" "$(all 1 2 3 4)$err" "1ds 2ds 3 4 *that of no station here*"
event 10 start 4 | hears
heard
is "one that is not active" "$(all 1 2 3 4)" "1ds 2ds 3 4 "
event 11 start '{"id":"1","url":"rtmp://h/other"}' | hears
heard
like "an ID and another address" "$(all 1 2 3 4)$err" "1us 2ds 3 4 *stream '1' has another address here*"
event 12 message whatever | hears
heard
is "for somebody else" "$rc:$(all 1 2 3 4):$(value $list id)" "0:1us 2ds 3 4 :12"
{ event 13 start '{"id":"../1"}' && event 14 start '' && event 15 state '{}'; } | hears
heard
is "what nobody understands" "$rc:$(all 1 2 3 4):$(printf '%s' "$err" | grep -c 'nothing is done')" \
	"0:1us 2ds 3 4 :3"

# All that should run.
event 20 state '[{"id":"1"},"2"]' | hears
heard
is "state" "$rc:$(all 1 2 3 4):$(value $list whole)" "0:1us 2us 3 4 :yes"
event 21 state '["1","2",{"id":"9"}]' | hears
heard
like "one without settings" "$(all 1 2 3 4)$err" "1us 2us 3 4 *stream '9' has no settings here*"
event 22 state '["1",{"ID":"2"}]' | hears
heard
like "one not understood" "$(all 1 2 3 4)$err" \
	"1us 2us 3 4 *a stream in it cannot be understood: nothing is stopped*"
event 23 state '["1","3"]' | hears
heard
is "the difference alone" "$(all 1 2 3 4):$(printf '%s' "$err" | grep -c '\[STREAM\]')" "1us 2ds 3us 4 :2"

# A person's word.
stationctl --backend process stop 1 2>/dev/null
is "a person stops it" "$(all 1 2 3 4)" "1dp 2ds 3us 4 "
{ event 24 state '["1","3"]' && event 25 start 1; } | hears
heard
is "and the server does not start it" "$(all 1 2 3 4)" "1dp 2ds 3us 4 "
event 26 start 1 | hears --desired-from server
heard
is "unless its word counts more" "$(all 1 2 3 4)" "1us 2ds 3us 4 "
wish 2 up
echo person >var/lib/streamhub/2/desired.by
hears </dev/null
heard
is "a person starts it: it stays" "$(all 1 2 3 4)" "1us 2up 3us 4 "
event 27 start 3 | hears
heard
is "as long as the server does not speak of it" "$(all 1 2 3 4)" "1us 2up 3us 4 "
event 28 state '["1","3"]' | hears
heard
is "the server's list is newer" "$(all 1 2 3 4)" "1us 2ds 3us 4 "
event 29 state '["1","2","3"]' | hears
heard

# Only printed.
event 30 state '["1","2"]' | hears -n
heard
is "-n: the plan" "$rc:$out" "0:1${tab}keep${tab}it is desired up already
2${tab}keep${tab}it is desired up already
3${tab}stop${tab}the server does not expect it
4${tab}keep${tab}it does not run"
is "-n: nothing was done" "$(all 1 2 3 4):$(value $list id)" "1us 2us 3us 4 :29"
run reconcile --verbose --dry-run --backend process </dev/null
like "-n: without an event: of the last list" "$rc:$out" "0:1${tab}keep*3${tab}keep*"
reconcile -n </dev/null >/dev/full 2>err
is "-n: standard output is full" "$?:$(grep -c 'No space left' err)" 74:1
run reconcile --json
rows=$(printf '%s\n' "$out" | jq -r '[.stream, .expected, .desired, .by, .pid] | @tsv')
is "-j: the registry" "$rc:$rows" \
	"0:$(printf '%s\tup\tup\tserver\t\n' 1 2 3 && printf '4\tdown\t\t\t')"
finish
