#!/bin/sh
# segpack and names: odd ones, absolute paths, times before 1970; and with a cursor, what that has passed
# and its names below the drop folder.
. "$(dirname "$0")/../archives.sh"
mkdir kept

# Names.
for name in '-v' 'a b.mp4' "$(printf 'n\nl.mp4')" "$(printf 't\tt\033[1m.mp4')" "$(printf '\377\376.mp4')" \
	'ä.mp4' "$(printf '%0250d' 0).mp4"; do
	clip "in/$name" "$day 10:00:00Z"
done
(cd in && find . -type f -print0 | sort -z) >list
(cd in && segpack -0 ../kept <../list >../printed 2>../err)
is "-0 and odd names: all are done" "$? $(cmp list printed 2>&1)$(cat err)" "0 "
mkdir out
tar xf kept/$day/10.tar -C out 2>/dev/null
is "odd names: they come out as they were" "$(cd out && find . -type f -print0 | sort -z | md5sum)" \
	"$(md5sum <list)"
is "odd names: a line each in the index, escaped" \
	"$(wc -l <kept/$day/10.index) $(LC_ALL=C grep -c '[^	 -~äÃ¤]' kept/$day/10.index)" "7 0"
like "odd names: how" "$(cut -f 1 kept/$day/10.index | sort | tr '\n' ' ')" \
	'*n\\x0al.mp4 t\\x09t\\x1b[[]1m.mp4*'
clip x/y.mp4 "$day 11:00:00Z"
mkdir z
(cd z && echo ../x/y.mp4 | segpack ../kept >/dev/null)
echo "$T/x/../x/z.mp4" >list
clip x/z.mp4 "$day 11:00:00Z"
segpack kept <list >/dev/null
is "dots: the last component" "$(names kept/$day/11.tar)" "y.mp4 z.mp4 "
clip x/a.mp4 "$day 12:00:00Z"
echo "$T/x/a.mp4" | segpack kept >/dev/null
is "an absolute path: without the slash" "$(names kept/$day/12.tar)" "$(echo "$T/x/a.mp4 " | cut -c 2-)"
clip x/old.mp4 "1969-07-20 20:17:00Z"
echo x/old.mp4 | segpack kept >/dev/null
is "before 1970: the first hour" "$(names kept/1970-01-01/00.tar)" "x/old.mp4 "

# With a cursor: what it has passed, first, in order; below the drop folder by name.
rm -r kept
mkdir kept
clip drop/d/1.mp4 "$day 10:01:00Z"
clip drop/d/2.mp4 "$day 10:00:00Z"
clip drop/.unpacked/u/3.mp4 "$day 10:02:00Z"
clip drop/_failed/4.mp4 "$day 10:00:00Z"
clip drop/5.mp4 "$day 10:05:00Z"
clip drop/6.mp4 "$day 10:06:00Z"
ln -s "$T/drop/5.mp4" drop/0.mp4
printf '%s000000000\td/../5.mp4\t0\n' "$(date -d "$day 10:05:00Z" +%s)" | sed 's|d/../||' >cursor
printf '%s\n' "$T/drop/d/1.mp4" "$T/drop/5.mp4" >list
run segpack --cursor cursor --dir "$T/drop/" kept <list
is "a cursor: what it has passed, first" "$rc:$(echo $out):$err" \
	"0:$T/drop/d/2.mp4 $T/drop/d/1.mp4 $T/drop/.unpacked/u/3.mp4 $T/drop/5.mp4:"
is "a cursor: names below the drop folder" "$(names kept/$day/10.tar)" \
	"d/2.mp4 d/1.mp4 .unpacked/u/3.mp4 5.mp4 "
is "a cursor: the rest stays" "$(find drop -type f | sort | tr '\n' ' ')" "drop/6.mp4 drop/_failed/4.mp4 "
run segpack -c nowhere -d drop kept </dev/null
is "no cursor yet" "$rc:$out:$err" "0::"
echo noise >cursor
run segpack -c cursor -d drop kept </dev/null
like "a cursor that is none" "$rc:$out:$err" "0::*WARN* cursor 'cursor': *"
finish
