#!/bin/sh
# stationctl playlist add, remove, move: alone, in a crowd, and beside one who writes the list.
. "$(dirname "$0")/../stations.sh"
mkdir -p etc/streamhub/stations lib other
conf=etc/streamhub/stations/l.conf
list=lib/list.m3u
for name in a b c d; do echo "$name" >lib/$name.mp4; done
cp lib/a.mp4 "other/# 1.mp4"
printf '%s\n' RTMP_URL=rtmp://127.0.0.1/live/key "PLAYLIST=$T/$list" TZ=Asia/Kolkata >$conf
chmod 600 $conf
lines() { paste -s -d '|' $list; }
does() { # WANTED-OUTPUT WANTED-LINES WORD...
	wanted=$1 then=$2
	shift 2
	run stationctl playlist l "$@"
	is "$*" "$rc:$out$err" "0:$wanted"
	is "$*: the list" "$(lines)" "$then"
}

# A list as it is before anything plays.
printf '#EXTM3U\r\n#EXTINF:4,one\r\na.mp4\r\n# a comment\r\nb.mp4\r\n#AT 06:00 shuffle\r\nc.mp4' >$list
tr -d '\r' <$list >plain
run stationctl playlist l
like "nothing plays" "$rc:$(printf %s "$out" | cut -f 1,3,4 | paste -s -d ' ')" \
	"0:1	00:00	$T/lib/a.mp4 2	00:00	$T/lib/b.mp4 3	06:00	$T/lib/c.mp4"
is "one is next" "$(printf '%s\n' "$out" | cut -f 2 | sort | paste -s -d ' ')" "- - next"

# Changes: lines end as they did, comments stay, the #EXTINF goes with its entry.
mv plain $list
head='#EXTM3U|' night='#AT 06:00 shuffle' one='#EXTINF:4,one|a.mp4'
does "4	$T/lib/d.mp4" "$head$one|# a comment|b.mp4|$night|c.mp4|d.mp4" add lib/d.mp4
does "1	$T/lib/d.mp4" "${head}d.mp4|$one|# a comment|b.mp4|$night|c.mp4|d.mp4" \
	add d.mp4 1
does "3	$T/lib/d.mp4" "$head$one|# a comment|b.mp4|d.mp4|$night|c.mp4|d.mp4" move 1 3
does "3	$T/lib/a.mp4" "$head# a comment|b.mp4|d.mp4|$one|$night|c.mp4|d.mp4" move a.mp4 3
does "4	$T/lib/c.mp4" "$head# a comment|b.mp4|d.mp4|$one|$night|d.mp4" \
	remove "$T/lib/c.mp4"
does "3	$T/lib/a.mp4" "$head# a comment|b.mp4|d.mp4|$night|d.mp4" remove 3
does "2	$T/other/# 1.mp4" "$head# a comment|b.mp4|$T/other/# 1.mp4|d.mp4|$night|d.mp4" \
	add "other/# 1.mp4" 2
cp lib/a.mp4 "lib/#2.mp4"
does "1	$T/lib/./#2.mp4" "$head# a comment|./#2.mp4|b.mp4|$T/other/# 1.mp4|d.mp4|$night|d.mp4" \
	add "lib/#2.mp4" 1
printf 'a.mp4\r\n' >$list
chmod 640 $list
run stationctl playlist l add b.mp4
is "lines end as they did" "$(tr '\r' '+' <$list | paste -s -d ' ')" "a.mp4+ b.mp4+"
is "and the mode stays" "$(stat -c %a $list)" 640
ln -s list.m3u lib/link.m3u
sed -i 's/list.m3u/link.m3u/' $conf
run stationctl playlist l remove 1
is "by a link: what it names" "$rc:$(stat -c %F lib/link.m3u):$(tr -d '\r' <$list)" "0:symbolic link:b.mp4"
sed -i 's/link.m3u/list.m3u/' $conf

# Refused: nothing is written.
printf 'a.mp4\nb.mp4\na.mp4\n' >$list
mkfifo lib/fifo.mp4
tab=$(printf '\t')
cp lib/a.mp4 "lib/x${tab}y.mp4"
before=$(stat -c %Z.%i $list)
bad() { # CODE PATTERN WORD...
	code=$1 pattern=$2
	shift 2
	refused "refused: $*" "$code" "*$pattern*" stationctl playlist l "$@"
}
bad 64 "'a.mp4' is in it more than once: give its number" remove a.mp4
bad 64 "'0' is no entry of it" remove 0
bad 64 "'4' is no number of an entry" move 1 4
bad 64 "'5' is no number of an entry" add d.mp4 5
bad 64 "'none.mp4' is no regular file" add none.mp4
bad 64 "'fifo.mp4' is no regular file" add fifo.mp4
bad 64 "name that no list can hold" add "x${tab}y.mp4"
bad 64 "add CLIP" add
bad 64 "add CLIP" shuffle
bad 64 "add CLIP" next 1
bad 75 "nothing plays" next
is "the list is as it was" "$(stat -c %Z.%i $list)" "$before"
sed -i "s|^PLAYLIST=.*|PLAYLIST=$T/lib|" $conf
bad 64 "is a folder" add d.mp4
sed -i "s|^PLAYLIST=.*|PLAYLIST=$T/$list|" $conf
printf 'WATCH_DIR=%s\nRTMP_URL=rtmp://127.0.0.1/live/k\n' "$T/other" >etc/streamhub/stations/cam.conf
chmod 600 etc/streamhub/stations/cam.conf
refused "a camera's station" 78 "*'cam': it has no PLAYLIST*" stationctl playlist cam

# In a crowd, and beside one who writes: nobody's line is lost.
: >$list
for n in 1 2 3 4 5 6 7 8 9 10; do
	cp lib/a.mp4 lib/$n.mp4
	stationctl playlist l add lib/$n.mp4 >/dev/null 2>>crowd.err &
	mine $!
done
wait
is "ten at once: $(cat crowd.err)" "$(sort -n $list | paste -s -d ' ')" \
	"1.mp4 2.mp4 3.mp4 4.mp4 5.mp4 6.mp4 7.mp4 8.mp4 9.mp4 10.mp4"
exec 8>>$list
printf 'by' >&8
stationctl playlist l add lib/d.mp4 >added 2>&1 8>&- &
adder=$!
mine $adder
printf '.mp4\n' >&8
ok "while somebody writes it, it waits" kill -0 $adder
exec 8>&-
reap $adder
is "then it is added: $(cat added)" "$?:$(tail -n 2 $list | paste -s -d ' ')" "0:by.mp4 d.mp4"

# Somebody opens it when the new one is ready, and is about to take its place.
printf 'a.mp4\n' >$list
strace -qq -o /dev/null -e trace=renameat2 -e inject=renameat2:delay_enter=700000:when=1 \
	"$plain/stationctl" playlist l add lib/b.mp4 >added 2>&1 &
adder=$!
mine $adder
ready() { [ -n "$(find lib -name '.list.m3u.*.tmp' -size +0)" ]; }
ok "the new one is ready" wait_for 20 ready
echo c.mp4 >>$list
reap $adder
is "at the last moment: $(cat added)" "$?:$(sort $list | paste -s -d ' '):$(find lib -name '.*.tmp')" \
	"0:a.mp4 b.mp4 c.mp4:"
finish
