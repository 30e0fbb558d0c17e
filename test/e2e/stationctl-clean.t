#!/bin/sh
# stationctl clean: what was never finished and what is in quarantine is removed, after a question, and
# nothing else; how it is called, and when it is refused.
. "$(dirname "$0")/../control.sh"
mkdir -p run/streamhub.d/1 var/lib/streamhub/1/player drop/day/deep drop/_failed drop/.hidden
one_station

# later HOURS COMMAND...: as if it were so many hours later.
later() {
	later_hours=$1
	shift
	faketime -f "+${later_hours}h" env PATH="$plain:$PATH" "$@"
}

# How it is called.
for args in clean "clean 1" "clean nothing 1" "clean temp" "clean failed ../1" "list -y" "test" "test -y 1" \
	"test ../1"; do
	# shellcheck disable=SC2086 # words
	run stationctl $args
	is "refused: $args" "$rc:$out" "64:"
done
like "refused: what there is" "$(stationctl clean x 1 2>&1)" \
	"*option clean: 'x' is none of temp failed played*"
for args in "test 2" "clean temp 2"; do
	# shellcheck disable=SC2086 # words
	run stationctl $args
	like "no such station: $args" "$rc:$err" "66:*station '2': there is none"
done

# temp: what was never finished, an hour old.
unfinished="drop/.in.a.mp4. drop/.pureftpd-upload.5f1a.15 drop/a.mp4_ drop/day/b.mp4.part"
unfinished="$unfinished drop/day/deep/c.ts.TMP"
tools="run/streamhub.d/1/.heartbeat.17.tmp var/lib/streamhub/1/player/.cursor.18.tmp"
others="drop/d.mp4 drop/.htaccess drop/notes~ drop/_failed/e.mp4_ drop/.hidden/f.mp4.part"
others="$others var/lib/streamhub/1/log run/streamhub.d/1/x.tmp"
for file in $unfinished $tools $others; do
	echo 12345 >"$file"
done
mkfifo drop/g.mp4_
ln -s "$T/drop/d.mp4" drop/h.mp4_
run stationctl clean -y temp 1
like "temp: nothing that is new" "$rc:$out:$err" "0::*[[]INFO]*station '1': 0 temp files removed, 0.0 MB"
run later 2 stationctl clean temp 1 </dev/null
like "temp: asks, and no answer is no" "$rc:$out:$err" \
	"1::station '1': remove 7 temp files, 0.0 MB? [[]y/N] *station '1': 0 temp files removed*"
for answer in n "" "no y" yess "1234567y"; do
	run sh -c 'echo "$1" | faketime -f +2h env PATH="$2:$PATH" stationctl clean temp 1' sh "$answer" \
		"$plain"
	is "temp: answer '$answer'" "$rc:$out" 1:
done
run sh -c 'echo y | faketime -f +2h env PATH="$1:$PATH" stationctl clean temp 1' sh "$plain"
is "temp: exit code" "$rc" 0
for file in $unfinished $tools; do
	ok "temp: $file is gone" [ ! -e "$file" ]
	like "temp: $file is told" "$out" "*$T/$file*"
done
# shellcheck disable=SC2086 # words
is "temp: the others are not" "$(ls $others drop/g.mp4_ drop/h.mp4_ | wc -l)" 9
is "temp: told no more" "$(echo "$out" | wc -l)" 7

# failed: the quarantine with its reasons.
cp "$top/test/fixtures/cut-mdat.mp4" drop/bad.mp4 2>/dev/null || echo noise >drop/bad.mp4
esc=$(printf 'drop/es\033c.mp4')
echo noise >"$esc"
printf '%s\n' drop/bad.mp4 "$esc" | segcheck -q drop/_failed -r 1 2>/dev/null
is "failed: what there is" "$(ls drop/_failed | wc -l)" 5
run stationctl clean failed --yes 1
is "failed: exit code" "$rc" 0
is "failed: the paths" "$out" "$T/drop/_failed/bad.mp4
$T/drop/_failed/e.mp4_
$T/drop/_failed/es\\x1bc.mp4"
like "failed: said" "$err" "*station '1': 3 failed files removed*"
is "failed: nothing is left" "$(ls -A drop/_failed)" ""
echo "code: zeros" >drop/_failed/gone.mp4.reason # as one that was killed leaves it
run stationctl clean -y failed 1
like "failed: none" "$rc:$out:$err" "0::*station '1': 0 failed files removed*"
ok "failed: nor a reason without its file" rmdir drop/_failed
run stationctl clean -y failed 1
like "failed: no quarantine" "$rc:$out:$err" "0::*station '1': 0 failed files removed*"
mkdir elsewhere
echo mine >elsewhere/mine
ln -s ../elsewhere drop/_failed
run stationctl clean -y failed 1
like "failed: a link is not followed" "$rc:$out:$err" "74::*folder '$T/drop/_failed':*"
is "failed: what it leads to is there" "$(cat elsewhere/mine)" mine
rm drop/_failed

# One that is being written to, at least by its lease; and two at once.
echo half >drop/w.mp4.part
exec 9>>drop/w.mp4.part
run later 2 stationctl clean -y temp 1
exec 9>&-
like "temp: what somebody writes is left" "$rc:$out:$err" \
	"0::*w.mp4.part' is being written to: left*: 0 temp files*"
(
	flock 9
	run stationctl clean -y temp 1
	echo "$rc:$out:$err"
	run stationctl test 1
	echo "$rc:$out:$err"
) 9>run/streamhub.d/1/.lock >sub.out
is "somebody has the lock: refused" \
	"$(grep -c "^75:.*it runs, or somebody is at it: stop it first" sub.out)" 2
rm drop/w.mp4.part

# Bad cases.
one_station MAX_LAG=x
run stationctl clean -y temp 1
like "faulty settings are refused" "$rc:$err" "78:*MAX_LAG*"
one_station "WATCH_DIR=$T/nowhere"
run stationctl clean -y temp 1
is "no drop folder: nothing to remove" "$rc:$out" "0:"

# A station that runs is left alone.
one_station MIN_FILE_AGE=0 HOLD_NEWEST=never
stationctl start 1 2>/dev/null
cleanup_hook="stationctl stop 1 2>/dev/null; $cleanup_hook"
for args in "clean -y temp 1" "test 1"; do
	# shellcheck disable=SC2086 # words
	run stationctl $args
	like "it runs: $args" "$rc:$out:$err" "75::*station '1': it runs, or somebody is at it: stop it first"
done
finish
