#!/bin/sh
# camwatch -1: what is old enough, still written, late by the cursor or by the lag; and a deletion that was
# cut off.
. "$(dirname "$0")/../camera.sh"

# Age.
clip old.mp4 '1 hour ago'
clip now.mp4
run camwatch -1 -a 2 -n never d
is "-1 waits out the age" "$rc:$(list)" "0:d/old.mp4 d/now.mp4 "
ok "-1 waits by ctime too: mtime alone would not have" [ "$(($(date +%s) - $(stat -c %Z d/old.mp4)))" -ge 2 ]
touch -d '1 hour' d/future.mp4 && echo x >d/future.mp4 && touch -d '1 hour' d/future.mp4
drain d
is "what is of the future is left" "$(list)" "d/old.mp4 d/now.mp4 "
touch -d @0 d/1970.mp4 && echo x >d/1970.mp4 && touch -d @0 d/1970.mp4
drain d
is "1970 is only old" "$(list)" "d/1970.mp4 d/old.mp4 d/now.mp4 "
rm d/future.mp4

# A writer is there.
clip written.mp4 10:00
exec 3>>d/written.mp4
drain d
is "what is open for writing is left" "$(list)" "d/1970.mp4 d/old.mp4 d/now.mp4 "
exec 3>&-
drain d
like "what was closed is ready" "$(list)" "*d/written.mp4*"

# Cursor.
clear
for m in 31 32 33 34 35; do clip "10-$m.mp4" "10:$m"; done
printf '%s\t10-33.mp4\t60000\n' "$(ns d/10-33.mp4)" >cursor
drain -c cursor d
is "cursor: goes on behind it" "$(list)" "d/10-34.mp4 d/10-35.mp4 "
is "cursor: late ones are said, the cursor's own is not" \
	"$(echo "$err" | sed -n "s/.*\] '\(.*\)' is late.*: left where it is/\1/p" | tr '\n' ' ')" \
	"10-31.mp4 10-32.mp4 "
drain -c cursor -L delete d
is "-L delete: late ones are gone, the cursor's own is not" "$(find d -type f | sort | tr '\n' ' ')" \
	"d/10-33.mp4 d/10-34.mp4 d/10-35.mp4 "
like "-L delete: says why" "$err" "*'10-31.mp4' is late, what comes after it is out: deleted*"
clip 10-33.mp4 10:36
drain --cursor cursor --late keep d
is "new contents under the cursor's name are a new clip" "$(list)" "d/10-34.mp4 d/10-35.mp4 d/10-33.mp4 "
printf '4102444800000000000\t10-33.mp4\t60000\n' >future
drain -c future -L delete d
is "a cursor of the future: what lies there is left" "$rc:$out:$(ls d | wc -l)" 0::3
like "a cursor of the future: said" "$err" \
	"*WARN*'10-33.mp4', the last one, is * s ahead of this computer's clock: going on from now*"
like "a cursor of the future: why" "$err" \
	"*'10-34.mp4' is late, it may have been played, as the cursor is of the future: left where it is*"
drain -c nothing d
is "no cursor yet: everything" "$(echo "$out" | wc -l)" 3
for bad in '' 'x' '1\t2' '1\t2\tx\n' '1\ta\t2' 'x\ta\t2\n' '1\ta\t-2\n' '1\ta\t2\nmore\n'; do
	# shellcheck disable=SC2059
	printf "$bad" >bad
	drain -c bad d
	is "bad cursor $(printf %s "$bad" | cut -c 1-9)" "$rc:$out" 78:
	like "bad cursor is said" "$err" "*cursor 'bad' (remove it*"
done
drain -c d d
is "the cursor is a folder" "$rc:$out" 74:

# Lag: near-live catch-up after a stop.
clear
for m in $(seq 31 44); do clip "10-$m.mp4" "10:$m"; done
drain -l 240 d
is "a lag of four minutes: goes on at 10:41" "$(list)" "d/10-41.mp4 d/10-42.mp4 d/10-43.mp4 d/10-44.mp4 "
like "lag: said" "$err" "*'10-40.mp4' is late, too far behind the newest: left where it is*"
is "lag: all are there" "$(find d -type f | wc -l)" 14
drain --lag 240 -L delete d
is "lag with -L delete" \
	"$(find d -type f | wc -l):$(list)" "4:d/10-41.mp4 d/10-42.mp4 d/10-43.mp4 d/10-44.mp4 "
clear
for m in 10 20 30; do clip "20260102_10${m}00.mp4"; done
drain -o time -l 660 d
is "lag by the time in the path" "$(list)" "d/20260102_102000.mp4 d/20260102_103000.mp4 "
clip 20990101_000000.mp4
drain -o time -l 660 d
is "a far future in a name does not make the others late" "$(list)" \
	"d/20260102_102000.mp4 d/20260102_103000.mp4 "
clear
for m in $(seq 10 50); do clip "10-$m.mp4" "10:$m"; done
drain -l 60 d
is "many late ones: ten are named" "$(echo "$err" | grep -c 'is late')" 10
chmod 755 .
chmod 555 d
if [ "$(id -u)" -eq 0 ]; then
	run setpriv --reuid 65534 --regid 65534 --clear-groups camwatch -1 -a 0 -l 60 d
	is "a folder that can only be read" "$rc:$out" "0:d/10-50.mp4"
	run setpriv --reuid 65534 --regid 65534 --clear-groups camwatch -1 -a 0 -l 60 -L delete d
	is "late in a folder that can only be read: goes on" "$rc:$out" "0:d/10-50.mp4"
	like "late in a folder that can only be read: said" "$err" \
		"*is late*could not be deleted: Permission denied*"
else
	skip "a folder that can only be read" "needs root to become another user"
fi
chmod 755 d

# Killed between the two steps of a deletion: what it was about to delete comes again.
mkdir -p k/sub
for clip in k/1.mp4 k/2.mp4 k/sub/3.mp4; do echo clip >$clip; done
touch -d "2026-01-01 10:00" k/1.mp4
touch -d "2026-01-01 10:01" k/2.mp4
mv k/sub/3.mp4 k/sub/.aside.3.mp4
printf '%s000000000\t2.mp4\t0\n' "$(date -d "2026-01-01 10:01" +%s)" >k.cursor
strace -qq -o /dev/null -e inject=unlinkat:signal=KILL:when=1 \
	"$plain/camwatch" -1 -a 0 -L delete -c k.cursor k >/dev/null 2>&1
is "killed while it deletes: aside" "$(cd k && find . -type f | sort | tr '\n' ' ')" \
	"./.aside.1.mp4 ./2.mp4 ./sub/3.mp4 "
run camwatch -1 -a 0 k
is "what was aside is back" "$rc:$(echo "$out" | tr '\n' ' ')" "0:k/1.mp4 k/2.mp4 k/sub/3.mp4 "
like "what was aside is back: said" "$err" "*'k/': 1 files that a killed tool was about to delete are back*"
run camwatch -1 -a 0 -L delete -c k.cursor k
is "and is deleted then" "$(cd k && find . -type f | sort | tr '\n' ' ')" "./2.mp4 ./sub/3.mp4 "
finish
