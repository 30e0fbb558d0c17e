#!/bin/sh
# segcheck -q: what goes into the quarantine, with which reason, and how it is listed and put back.
. "$(dirname "$0")/../lib.sh"
good=$top/test/fixtures/good-mp4.mp4
clipped() { # NAME [SECONDS]: a truncated clip, last written so long ago
	head -c 2000 "$good" >"$1"
	touch -d "-${2:-60} seconds" "$1"
}

# A still one goes at once; ctime is of now, so only -d 0 makes it still.
mkdir d
cp "$good" d/a.mp4
clipped d/b.mp4
run segcheck -q d/_failed -d 0 d/a.mp4 d/b.mp4
is "bad: exit code and output" "$rc:$out" "1:d/a.mp4"
like "bad: said" "$err" "*'d/b.mp4' is bad, truncated: *: now 'd/_failed/b.mp4'"
is "bad: moved with its reason" "$(ls d d/_failed | tr '\n' ' ')" \
	"d: _failed a.mp4  d/_failed: b.mp4 b.mp4.reason "
is "reason: keys" "$(sed 's/:.*//' d/_failed/b.mp4.reason | tr '\n' ' ')" \
	"time boot mono pid code reason tries size from "
is "reason: values" \
	"$(values d/_failed/b.mp4.reason code tries size from)" \
	"truncated 1 2000 $T/d/b.mp4"
clipped d/b.mp4
run segcheck -q d/_failed -d 0 d/b.mp4
is "the name is taken: numbered" "$(ls d/_failed | tr '\n' ' ')" "b.mp4 b.mp4.1 b.mp4.1.reason b.mp4.reason "

# Lists and puts back.
run segcheck --list d/_failed
is "--list" "$rc:$(echo "$out" | cut -f 1,2,3,4,6 | sort | tr '\t\n' '  ')" \
	"0:b.mp4 truncated 1 2000 $T/d/b.mp4 b.mp4.1 truncated 1 2000 $T/d/b.mp4 "
run segcheck --release d/_failed/b.mp4
is "--release" "$rc:$out:$err:$(ls d d/_failed | tr '\n' ' ')" \
	"0:::d: _failed a.mp4 b.mp4  d/_failed: b.mp4.1 b.mp4.1.reason "
run segcheck --release d/_failed/b.mp4.1 d/_failed/none d
is "--release where there is one" "$rc" 66
like "--release where there is one: said" "$err" \
	"*'d/_failed/b.mp4.1' cannot go back to '$T/d/b.mp4': File exists*"
like "--release of nothing" "$err" "*'d/_failed/none': No such file*"
run segcheck --list nowhere
is "--list nowhere" "$rc:$out" "66:"

# No more than --keep.
mkdir k
for n in 1 2 3 4 5 6; do clipped k/$n.mp4; done
run segcheck -q k/_failed -d 0 --keep 2 k/*.mp4
is "--keep: the youngest stay" "$rc:$(ls k/_failed | tr '\n' ' ')" "1:5.mp4 5.mp4.reason 6.mp4 6.mp4.reason "
like "--keep: said" "$err" "*1.mp4*"

# What stands in the way.
run segcheck -q nowhere/_failed a.mp4
is "-q: its parent is missing" "$rc:$out" "66:"
like "-q: its parent is missing: said" "$err" "*quarantine 'nowhere/_failed'*No such file*"
ln -s k link
run segcheck -q link k/1.mp4
is "-q: a link" "$rc:$out" "66:"

# Two on one folder.
mkdir t
for n in $(seq 10 60); do clipped t/$n.mp4; done
segcheck -q t/_failed -d 0 t/*.mp4 2>/dev/null &
pid=$!
segcheck -q t/_failed -d 0 t/*.mp4 2>/dev/null
wait $pid
is "two on one folder: each once, with its reason" \
	"$(ls t/_failed/*.mp4 | wc -l) $(ls t/_failed/*.reason | wc -l) $(ls -A t/_failed | wc -l) $(ls t)" \
	"51 51 102 _failed"

# --dir: no other path is opened; see links.t.
mkdir b
cp "$good" b/1.mp4
run segcheck --dir b -q b/_failed -d 0 b/1.mp4 b/../b/1.mp4 "$T/b/1.mp4"
is "--dir: what is below it" "$rc:$out" "66:b/1.mp4"
is "--dir: the others are named" "$(echo "$err" | grep -c "1.mp4': not below 'b'")" 2
finish
