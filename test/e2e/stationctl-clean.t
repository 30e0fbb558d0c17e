#!/bin/sh
# stationctl: clean removes what it should and nothing else, and test tells what a server says.
. "$(dirname "$0")/../rtmp.sh"
conf=$T/etc/streamhub/stations
mkdir -p "$conf" run/streamhub.d/1 var/lib/streamhub/1 drop/day/deep drop/_failed drop/.hidden moved/below
tab=$(printf '\t')
port=$(free_port)

# settings [LINE...]: of station 1.
settings() {
	printf '%s\n' "WATCH_DIR=$T/drop" "RTMP_URL=rtmp://127.0.0.1:$port/live/secretkey" "$@" >"$conf/1.conf"
	chmod 600 "$conf/1.conf"
}
# later COMMAND...: as if it were so many hours later.
later() {
	later_hours=$1
	shift
	faketime -f "+${later_hours}h" env PATH="$plain:$PATH" "$@"
}
settings
mkdir tmp
export TMPDIR=$T/tmp
nothing_left() { [ -z "$(ls "$TMPDIR")" ]; }

# How it is called.
for args in clean "clean 1" "clean nothing 1" "clean temp" "clean failed ../1" "list -y" "test" "test -y 1" "test ../1"; do
	# shellcheck disable=SC2086 # words
	run stationctl $args
	is "refused: $args" "$rc:$out" "64:"
done
like "refused: what there is" "$(stationctl clean x 1 2>&1)" "*option clean: 'x' is none of temp failed played*"
for args in "test 2" "clean temp 2"; do
	# shellcheck disable=SC2086 # words
	run stationctl $args
	like "no such station: $args" "$rc:$err" "66:*station '2': there is none"
done

# temp: what was never finished, an hour old.
unfinished="drop/.in.a.mp4. drop/.pureftpd-upload.5f1a.15 drop/a.mp4_ drop/day/b.mp4.part drop/day/deep/c.ts.TMP"
tools="run/streamhub.d/1/.heartbeat.17.tmp var/lib/streamhub/1/.cursor.18.tmp"
others="drop/d.mp4 drop/.htaccess drop/notes~ drop/_failed/e.mp4_ drop/.hidden/f.mp4.part var/lib/streamhub/1/log run/streamhub.d/1/x.tmp"
for file in $unfinished $tools $others; do
	echo 12345 >"$file"
done
mkfifo drop/g.mp4_
ln -s "$T/drop/d.mp4" drop/h.mp4_
run stationctl clean -y temp 1
like "temp: nothing that is new" "$rc:$out:$err" "0::*[[]INFO]*station '1': 0 temp files removed, 0.0 MB"
run later 2 stationctl clean temp 1 </dev/null
like "temp: asks, and no answer is no" "$rc:$out:$err" "1::station '1': remove 7 temp files, 0.0 MB? [[]y/N] *station '1': 0 temp files removed*"
for answer in n "" "no y" yess "1234567y"; do
	run sh -c 'echo "$1" | faketime -f +2h env PATH="$2:$PATH" stationctl clean temp 1' sh "$answer" "$plain"
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

# played.
rm -rf drop/.hidden drop/[a-n]* drop/.[a-z]*
mkdir -p drop/day drop/_played
n=0
for clip in drop/a.mp4 drop/day/b.mp4 drop/now.mp4 drop/z.mp4 drop/notes.txt drop/_played/c.mp4 moved/d.mp4 moved/notes.txt moved/below/e.mp4; do
	n=$((n + 1))
	echo clip >"$clip"
	touch -d "2026-01-01 00:00:0$n" "$clip"
done
run stationctl clean -y played 1
like "played: deleted ones are none" "$rc:$out:$err" "0::*station '1': 0 played files removed*"
printf '%s\t%s\t%s\n' "$(stat -c %.9Y drop/z.mp4 | tr -d .)" z.mp4 40 >var/lib/streamhub/1/cursor
run stationctl clean -y played 1
like "played: where clips are deleted, those that are there were not played" "$rc:$out:$err" "0::*station '1': 0 played files removed*"
rm var/lib/streamhub/1/cursor
settings AFTER_PLAY=keep
run stationctl clean -y played 1
like "played: no cursor yet" "$rc:$out:$err" "0::*station '1': 0 played files removed*"
echo noise >var/lib/streamhub/1/cursor
run stationctl clean -y played 1
like "played: no cursor at all" "$rc:$out:$err" "74::*cursor '$T/var/lib/streamhub/1/cursor':*"
printf '%s\t%s\t%s\n' "$(stat -c %.9Y drop/now.mp4 | tr -d .)" now.mp4 40 >var/lib/streamhub/1/cursor
run stationctl clean -y played 1
is "played: those before the cursor" "$rc:$out" "0:$T/drop/a.mp4
$T/drop/day/b.mp4"
is "played: the rest is there" "$(find drop -type f | sort | tr '\n' ' ')" "drop/_played/c.mp4 drop/notes.txt drop/now.mp4 drop/z.mp4 "
settings "AFTER_PLAY=move:$T/moved"
run stationctl clean -y played 1
is "played: moved" "$rc:$out" "0:$T/moved/d.mp4"
is "played: nothing below, and no other files" "$(find moved -type f | sort | tr '\n' ' ')" "moved/below/e.mp4 moved/notes.txt "

mkdir drop/_gone elsewhere/x
echo clip >elsewhere/x/f.mp4
rmdir drop/_gone
ln -s ../elsewhere/x drop/_gone
settings "AFTER_PLAY=move:$T/drop/_gone"
run stationctl clean -y played 1
like "played: a link is not followed" "$rc:$out:$err" "74::*folder '$T/drop/_gone':*"
ok "played: what it leads to is there" [ -e elsewhere/x/f.mp4 ]
rm drop/_gone
settings "AFTER_PLAY=move:$T/drop/./"
run stationctl clean -y played 1
like "played: the drop folder itself is refused" "$rc:$out:$err" "78::*AFTER_PLAY: expected another folder than WATCH_DIR"
settings

# One that is being written to, at least by its lease; and two at once.
echo half >drop/w.mp4.part
exec 9>>drop/w.mp4.part
run later 2 stationctl clean -y temp 1
exec 9>&-
like "temp: what somebody writes is left" "$rc:$out:$err" "0::*w.mp4.part' is being written to: left*: 0 temp files*"
(
	flock 9
	run stationctl clean -y temp 1
	echo "$rc:$out:$err"
	run stationctl test 1
	echo "$rc:$out:$err"
) 9>run/streamhub.d/1/.lock >sub.out
is "somebody has the lock: refused" "$(grep -c "^75:.*it runs, or somebody is at it: stop it first" sub.out)" 2
rm drop/w.mp4.part

# Bad cases.
settings MAX_LAG=x
run stationctl clean -y temp 1
like "faulty settings are refused" "$rc:$err" "78:*MAX_LAG*"
settings "WATCH_DIR=$T/nowhere"
run stationctl clean -y temp 1
is "no drop folder: nothing to remove" "$rc:$out" "0:"
settings AFTER_PLAY=keep MIN_FILE_AGE=0 HOLD_NEWEST=never
echo clip >drop/a.mp4
touch -d "2026-01-01 00:00:01" drop/a.mp4
if [ "$(id -u)" -eq 0 ]; then
	chattr +i drop/a.mp4 2>/dev/null && immutable=1
fi
if [ "${immutable-}" ]; then
	run stationctl clean -y played 1
	chattr -i drop/a.mp4
	like "cannot be removed: said" "$rc:$out:$err" "74::*'$T/drop/a.mp4': Operation not permitted*0 played files removed*"
else
	skip "cannot be removed: said" "needs root and chattr"
fi
run stationctl clean -y played 1
is "and when it can be, it is" "$rc:$out" "0:$T/drop/a.mp4"
echo clip >drop/a.mp4
touch -d "2026-01-01 00:00:01" drop/a.mp4
run sh -c 'stationctl clean -y played 1 >/dev/full'
like "standard output is full: removed, and said" "$rc:$err" "74:*No space left*"

# test: nobody there, refused, accepted.
run stationctl test 1
like "test: nobody listens" "$rc:$out:$err" "69:1${tab}failed:*rtmp://127.0.0.1:$port/live*cannot be reached*Connection refused*"
is "test: no secret" "$(echo "$err" | grep -c secretkey)" 0
if [ -e "$rtmp_module" ]; then
	nginx_starts
	for signal in INT TERM; do
		env --default-signal=INT stationctl test 1 >out 2>err &
		pid=$!
		mine $pid
		wait_for 10 grep -q connected err
		kill -$signal $pid
		reap $pid
		is "test: ended by SIG$signal is not accepted" "$?:$(cat out)" "69:1${tab}failed"
		ok "test: ended by SIG$signal leaves nothing" nothing_left
	done
	nginx_ends
	rm -rf rec
	nginx_starts
	run stationctl test 1
	like "test: accepted" "$rc:$out:$err" "0:1${tab}accepted:*[[]INFO]*'rtmp://127.0.0.1:$port/live/\\*\\*\\*': connected"
	nginx_ends
	is "test: all of the pattern" "$(packets rec/*.flv video)" "$(packets "$top/libcommon/pattern.mp4" video)"
	is "test: and its sound" "$(packets rec/*.flv audio | sort -u | wc -l)" "$(packets "$top/libcommon/pattern.mp4" audio | sort -u | wc -l)"
	ok "test: nothing is left" nothing_left
	nginx_starts 'application closed { live on; deny publish all; }'
	settings "RTMP_URL=rtmp://127.0.0.1:$port/closed/secretkey"
	run stationctl test 1
	like "test: refused" "$rc:$out:$err" "69:1${tab}failed:*rtmp://127.0.0.1:$port/closed/\*\*\*': *giving up after 1 failures"
	nginx_ends
	settings AFTER_PLAY=keep MIN_FILE_AGE=0 HOLD_NEWEST=never
else
	skip "test: accepted" "no $rtmp_module"
fi
TMPDIR=$T/nowhere run stationctl test 1
like "test: no room for it" "$rc:$out:$err" "74:1${tab}failed:*test pattern '$T/nowhere/streamhub-*': No such file*"
run_full env TMPDIR="$T/drop" stationctl test 1
like "test: a full disk" "$rc:$out" "74:*test pattern '$T/drop/streamhub-*': File too large*1${tab}failed"
is "test: a full disk: nothing is left" "$(find drop -name 'streamhub-*')" ""
run env PATH=/nowhere "$BIN/stationctl" test 1
like "test: found beside it" "$rc:$out" "69:*"
mkdir bin
cp "$(command -v stationctl)" bin
run env PATH=/nowhere bin/stationctl test 1
like "test: no rtmppush" "$rc:$out:$err" "71:1${tab}failed:*'rtmppush' cannot be run:*"

# unit: paths as systemd takes them; what it says of a move that cannot be.
settings 'AFTER_PLAY=move:/mnt/x' 'WATCH_DIR="/srv/a b%c\\d"'
run stationctl unit 1
is "unit: a path with odd characters" "$rc:$(printf "%s\n" "$out" | grep -Fxc 'ReadWritePaths="-/srv/a b%%c\\d"')" 0:3
like "unit: no common folder" "$err" "*WARN*station '1': nothing can be moved to '/mnt/x'*"
is "unit: nothing else is said" "$(printf '%s\n' "$err" | wc -l)" 1
settings WATCH_DIR=/var/tmp/drop MIN_FILE_AGE=0
run stationctl unit 1
like "unit: WATCH_DIR in /tmp" "$rc:$err" "0:*WARN*cannot see WATCH_DIR '/var/tmp/drop'*"
like "unit: MIN_FILE_AGE=0" "$err" "*WARN*station '1': MIN_FILE_AGE=0: *still being uploaded"
settings "AFTER_PLAY=move:$T/moved"
run stationctl unit 1
is "unit: one folder for both, for the player" "$(echo "$out" | grep -Fxc "ReadWritePaths=\"-$T\""):$(echo "$out" | grep -Fxc "ReadWritePaths=\"-$T/drop\"")" 1:2
settings "AFTER_PLAY=move:$T/drop/_played" "WATCH_DIR=$T/drop" LATE=delete
run stationctl unit 1
is "unit: moved within the drop folder, which the player writes anyhow" "$rc:$(echo "$out" | grep -Fxc "ReadWritePaths=\"-$T/drop\"")" 0:3
like "unit: moved within the drop folder: nothing is said of it" "$(echo "$err" | grep -c 'may write')" 0
settings "AFTER_PLAY=move:$T/far/moved" "WATCH_DIR=$T/near/drop"
run stationctl unit 1
like "unit: moved from folder to folder: what both are in" "$rc:$err:$out" "0:*WARN*to move clips to '$T/far/moved', rtmppush may write all of '$T'*:*ReadWritePaths=\"-$T\"*"
settings "AFTER_PLAY=move:$T/moved" LATE=keep
run stationctl unit 1
is "unit: a camwatch that deletes nothing can write nothing" "$(echo "$out" | grep -Fxc "ReadWritePaths=\"-$T/drop\"")" 1
run env SERVICE_USER=cam SERVICE_PREFIX=x stationctl unit 1
is "unit: another user and prefix" "$(echo "$out" | grep -c '^User=cam$'):$(echo "$out" | grep -c '^PartOf=x@1.target$'):$(echo "$out" | grep -c '^WantedBy=x.target$')" 4:4:1
for bad in SERVICE_USER=../x "SERVICE_PREFIX=a b" SERVICE_PREFIX=-x; do
	run env "$bad" stationctl unit 1
	like "unit: refused: $bad" "$rc:$err" "64:*is no plain name*"
done
settings AFTER_PLAY=keep MIN_FILE_AGE=0 HOLD_NEWEST=never

# A station that runs is left alone.
stationctl start 1 2>/dev/null
cleanup_hook="stationctl stop 1 2>/dev/null; $cleanup_hook"
for args in "clean -y temp 1" "test 1"; do
	# shellcheck disable=SC2086 # words
	run stationctl $args
	like "it runs: $args" "$rc:$out:$err" "75::*station '1': it runs, or somebody is at it: stop it first"
done
finish
