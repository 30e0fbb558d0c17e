#!/bin/sh
# backoff: waits before a restart, longer each time, unless what was started has lasted.
. "$(dirname "$0")/../lib.sh"
for args in "" "a b" "-m x a" "-m -1 a" "-m 86401 a" "-x a"; do
	# shellcheck disable=SC2086 # words
	run backoff $args
	is "refused: $args" "$rc:$out" 64:
done
run backoff --help
like "--help" "$rc:$out" "0:usage: backoff *--most*"
run backoff --version
like "--version" "$rc:$out" "0:backoff [0-9]*"
run backoff -v f
is "-v" "$rc" 0
rm f
run backoff nowhere/f
like "no folder" "$rc:$err" "66:*'nowhere/f': No such file or directory"
run backoff .
like "no file" "$rc:$err" "66:*"

echo half >.f.1.tmp
run backoff f
is "the first time: at once" "$rc:$err" 0:
ok "what a killed one left is cleared" [ ! -e .f.1.tmp ]
is "the fact" "$(sed 's/: .*//' f | tr '\n' ' ')" "time boot mono pid failures "
is "no failure yet" "$(value f failures)" 0
began=$(date +%s%3N)
run backoff --most 1 f
took=$(($(date +%s%3N) - began))
like "again: said" "$rc:$err" "0:*[[]WARN] [[]backoff] 'f': it did not last: again in [01] s"
ok "again: waits: $took ms" [ $took -ge 800 ]
is "again: counted" "$(value f failures)" 1

# past SECONDS FAILURES: as if it had returned so long ago.
past() {
	fact_head "$1" >f
	echo "failures: $2" >>f
}
for row in "0 0 4 5 6" "0 1 8 10 12" "0 2 16 20 24" "0 3 32 40 48" "0 4 48 60 72" "59 9 48 60 72"; do
	# shellcheck disable=SC2086 # words
	set -- $row
	past "$1" "$2"
	timeout --foreground 1 backoff f 2>err # else it signals twice, which hangs LeakSanitizer
	is "after $2: stopped while it waits" $? 124
	pause=$(sed -n 's/.*again in \([0-9]*\) s$/\1/p' err)
	ok "after $2: about $4 s: $pause" [ "$pause" -ge "$3" -a "$pause" -le "$5" ]
	is "after $2: it is counted before the wait" "$(value f failures)" $(($2 + 1))
done
past 61 9
run backoff f
is "what has lasted a minute: at once" "$rc:$err:$(value f failures)" "0::0"
for bad in 's/^boot: ......../boot: 00000000/' '/^failures/d' 's/^mono: .*/mono: 99999999999.000/' \
	's/^/\x01/'; do
	past 0 9
	sed -i "$bad" f
	run backoff f
	is "no fact of this boot: $bad" "$rc:$err:$(value f failures)" "0::0"
done
past 0 3
backoff f 2>/dev/null &
pid=$!
blocked() { grep -q 'SigBlk:.*4...$' "/proc/$pid/status"; }
wait_for 10 blocked
kill -TERM $pid
wait $pid
is "SIGTERM ends the wait, and says not to go on" $? 75
past 0 3
run_full backoff -m 0 f
like "a full disk: said" "$rc:$out" "74:*ERROR*'f': File too large*"
is "a full disk: what was known stays" "$(value f failures):$(find . -name '.f*')" 3:
rm f
ln -s elsewhere f
run backoff f
like "a link is not followed" "$rc:$err" "74:*'f': Too many levels*"
finish
