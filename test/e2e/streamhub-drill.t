#!/bin/sh
# streamhub-drill: drills that pass, fail, are skipped and are interrupted, side by side.
. "$(dirname "$0")/../lib.sh"
cleanup_hook='kill ${pids-} 2>/dev/null; wait'

run streamhub-drill -h
like "-h" "$rc:$out" "0:usage: streamhub-drill *no real one is touched*"
is "--help says the same" "$(streamhub-drill --help)" "$out"
run streamhub-drill -V
like "-V" "$rc:$out" "0:streamhub-drill [0-9]*"
is "--version says the same" "$(streamhub-drill --version)" "$out"
run streamhub-drill -l
is "-l: a line for each drill, none of them run" "$rc:$(echo "$out" | grep -c '^[a-z-]*  *[a-z0-9]')" \
	"0:$(echo "$out" | wc -l)"
is "--list says the same" "$(streamhub-drill --list)" "$out"
is "each has its function, each function is a drill" \
	"$(sed -n 's/^drill_\([a-z_]*\)() .*/\1/p' "$top/contrib/drill/drills.sh" | grep -vx kill | tr _ - |
		sort)" \
	"$(echo "$out" | cut -d ' ' -f 1 | sort)"
run streamhub-drill overflow nonsense
like "no drill of that name" "$rc:$out:$err" "64::*'nonsense' is no drill; *"
run streamhub-drill 'kill-.*'
is "a pattern is no name" "$rc:$out" "64:"
run streamhub-drill --nonsense
is "no such option" "$rc:$out" "64:"
run env TMPDIR="$T/nowhere" streamhub-drill overflow
is "no place for the scratch folder" "$rc:$out" "74:"

# As it is installed, with a tool that does not work.
mkdir -p other/bin other/share/streamhub
cp "$BIN/streamhub-drill" other/bin
cp "$top"/contrib/drill/drill* other/share/streamhub
printf '#!/bin/sh\necho not today >&2\nexit 69\n' >other/bin/stationctl
chmod +x other/bin/stationctl
run env TMPDIR="$T" other/bin/streamhub-drill overflow
like "nothing arrives without any fault: said" "$rc:$err" \
	"69:streamhub-drill: the test pattern does not arrive: *not today"
is "nothing arrives without any fault: nothing is left" "$(find . -maxdepth 1 -name 'streamhub-drill.*')" ""

# starts NAME DRILL...: in a scratch folder of its own, below NAME.
starts() {
	started=$1
	shift
	mkdir "$started"
	TMPDIR=$T/$started streamhub-drill "$@" >"$started.out" 2>"$started.err" &
	pids="${pids-} $!"
}
mkdir bin
printf '#!/bin/sh\nexit 127\n' >bin/faketime
chmod +x bin/faketime
starts fails overflow
fails=$!
starts passes -v half-upload
passes=$!
starts cut view-killed half-upload
cut=$!
PATH=$T/bin:$PATH starts skips clock-jump
skips=$!

# Somebody takes a clip away, before the station has opened it.
taken() { rm "$T"/fails/streamhub-drill.*/overflow/drop/4.flv 2>/dev/null; }
ok "a clip is taken away" wait_for 60 taken

# SIGTERM, with the station running.
runs() { [ -e "$(echo "$T"/cut/streamhub-drill.*/*/station/run/streamhub.d/1/rtmppush)" ]; }
none_runs() { ! env -i grep -qsaz "^STREAMHUB_ROOT=$T/$1/" /proc/[0-9]*/environ; }
ok "to be interrupted: the station runs" wait_for 60 runs
ok "to be interrupted: that is seen" eval '! none_runs cut'
kill -TERM $cut
wait $cut
is "interrupted: exit code, and nothing is left of it" "$?:$(ls cut)" "1:"
ok "interrupted: nothing runs" wait_for 10 none_runs cut

wait $skips
like "it cannot be done here: skipped, with the reason" "$?:$(cat skips.out)" "0:*
clock-jump: the clock jumps*
  needs faketime
  SKIP  ([0-9]*.[0-9] s)
*0 passed, 0 failed, 1 skipped"

wait $passes
is "passed: exit code" $? 0
like "passed: what it prints" "$(cat passes.out)" "streamhub-drill: on scratch stations*
half-upload: clip 3 is written in two halves; *
  | \[*\] \[INFO\] \[stationrun\] station '1': its tools run*
  put away: truncated; 4 clips sent, 4 arrived, 0 lost, 0 doubled (*[0-9] ms twice)
  PASS  ([0-9]*.[0-9] s)
DRILL * RESULT *
half-upload * PASS *
1 passed, 0 failed, 0 skipped"
is "passed: nothing is left" "$(ls passes):$(cat passes.err)" ":"
ok "passed: nothing runs" none_runs passes

wait $fails
is "a clip is lost: exit code" $? 1
like "a clip is lost: what it prints" "$(cat fails.out)" "*
  *; 4 clips sent, 3 arrived, 1 lost, 0 doubled (*
  wrong: 1 lost; see $T/fails/streamhub-drill.*/overflow
  FAIL  (*
0 passed, 1 failed, 0 skipped"
ok "a clip is lost: the recording is kept" [ -s "$(echo fails/streamhub-drill.*/overflow/got.1)" ]
ok "a clip is lost: nothing runs" none_runs fails

# The ledger sees what drills must never show it: clips arrived and doubled, ms, and strange packets.
kept=$(echo fails/streamhub-drill.*/overflow)
ledger() { perl "$top/contrib/drill/drill.pl" ledger "$kept" "$@"; }
is "ledger: as it was" "$(ledger "1 2 3 4" "$kept/got.1")" "3 0 0 0"
is "ledger: all came twice" "$(ledger "1 2 3 4" "$kept/got.1" "$kept/got.1")" "3 3 6000 0"
is "ledger: a clip that was not sent" "$(ledger "1 3" "$kept/got.1")" \
	"2 0 0 $(grep -ao 'clip 2 [av]' "$kept/got.1" | wc -l)"
is "ledger: another order" "$(ledger "1 2 3" "$kept/3.flv" "$kept/1.flv" "$kept/2.flv")" "3 0 0 1"
head -c 20000 "$kept/1.flv" >cut.flv
is "ledger: a part is no clip" "$(ledger 1 cut.flv)" "0 0 0 0"
finish
