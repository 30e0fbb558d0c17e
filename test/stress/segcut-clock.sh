#!/bin/sh
# segcut while the clock is set an hour ahead, two hours back and right again: names only grow, and each picture
# is in one clip.
. "$(dirname "$0")/../segcut.sh"
faketime=$(ls /usr/lib/*/faketime/libfaketime.so.1 2>/dev/null)
[ -n "$faketime" ] || {
	skip "the clock is set" "no libfaketime"
	finish
}
PATH=$plain:$PATH
source_file src.ts 24 -bf 0 -c:a aac
sends 24 src.ts
clock=$T/clips/.clock # where the sandbox lets it be read
echo +0 >"$clock"
SOURCE_URL=$SOURCE_URL LD_PRELOAD=$faketime FAKETIME_TIMESTAMP_FILE=$clock FAKETIME_NO_CACHE=1 \
	FAKETIME_DONT_FAKE_MONOTONIC=1 segcut -d 2 clips >printed 2>err &
pid=$!
mine $pid
printed() { [ "$(wc -l <printed)" -ge "$1" ]; }
n=2
for set in +3600 -3600 +0; do
	wait_for 30 printed $n
	echo $set >"$clock.new"
	mv "$clock.new" "$clock"
	n=$((n + 3))
done
lost
stops
is "it ends" "$rc" 0
is "names only grow" "$(sort -u printed | cmp - printed 2>&1)" ""
hours=$(sed 's/.*T\(..\).*/\1/' printed | uniq | wc -l)
ok "the clock was seen to be ahead: $hours hours in $(wc -l <printed) names" [ "$hours" -ge 2 ]
is "no clip is a jump" "$(reasons | tr ' ' '\n' | sort -u | xargs)" "lost time"
shown() { # FILE...: a hash for each picture, as it is decoded
	for one; do ffmpeg -v error -nostdin -i "$one" -map 0:v -f framemd5 -; done | awk '!/^#/ { print $NF }'
}
shown src.ts >sent
# shellcheck disable=SC2046 # words
shown $(cat printed) >got
is "each picture once, in order: $(wc -l <sent)" "$(cmp sent got 2>&1)" ""
finish
