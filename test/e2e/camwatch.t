#!/bin/sh
# camwatch -1: what is a clip, in which order they come, and the fact of it.
. "$(dirname "$0")/../camera.sh"

# Order.
clip b.mp4 10:00
clip a/c.ts 10:01
clip a.mp4 10:02
drain d
is "by mtime: exit code" "$rc" 0
is "by mtime" "$(list)" "d/b.mp4 d/a/c.ts d/a.mp4 "
is "nothing said" "$err" ""
drain d/
is "a folder with a slash" "$(list)" "d/b.mp4 d/a/c.ts d/a.mp4 "
drain "$T/d"
is "an absolute folder" "$out" "$T/d/b.mp4
$T/d/a/c.ts
$T/d/a.mp4"
run sh -c 'camwatch -01 -a 0 d | tr "\0" ,'
is "-0" "$out" "d/b.mp4,d/a/c.ts,d/a.mp4,"
drain --null -o name d
is "--null" "$(tr '\0' , <.out)" "d/a.mp4,d/a/c.ts,d/b.mp4,"
run camwatch --once --age 0 --order name d
is "by name" "$(list)" "d/a.mp4 d/a/c.ts d/b.mp4 "
clear
for n in 10 9 1 02 2 100; do clip "clip$n.mp4" 10:00; done
drain d
is "the same mtime: natural order of the names" "$(list)" \
	"d/clip1.mp4 d/clip02.mp4 d/clip2.mp4 d/clip9.mp4 d/clip10.mp4 d/clip100.mp4 "
drain -o name d
is "natural order" "$(list)" "d/clip1.mp4 d/clip02.mp4 d/clip2.mp4 d/clip9.mp4 d/clip10.mp4 d/clip100.mp4 "
clear
clip 2026/08/14/cam_00_20260814150544.mp4 10:03
clip 2025060107/46M14S_1748735174.mp4 10:02
clip alarm_20231127_200437.mkv 10:01
clip "S/2019-05-09/001/dav/21/21.04.49-21.05.14[M][0@0][0].mp4" 10:04
clip notime.mp4 10:05
drain -o time d
is "by time in the path" "$out" "d/S/2019-05-09/001/dav/21/21.04.49-21.05.14[M][0@0][0].mp4
d/alarm_20231127_200437.mkv
d/2025060107/46M14S_1748735174.mp4
d/2026/08/14/cam_00_20260814150544.mp4"
like "by time: what has none is passed over, and said" "$err" "*'notime.mp4': has no time stamp in its path*"
printf '1\tnotime.mp4\t0\n' >timeless
run camwatch -1 -a 0 -o time -c timeless d
like "by time: a cursor that has none" "$rc:$out:$err" "78::*cursor 'timeless': no time stamp in 'notime.mp4'"
rm timeless

# What is a clip.
clear
for name in a.mp4 B.MP4 c.mkv d.ts e.flv f.avi g.mov h.m4v i.mp4.1 'j k+@[M][0@0].mp4' -l.mp4; do
	clip "$name" 10:00
done
clip .hidden.mp4
clip .in.up.mp4.
clip .pureftpd-upload.123.mp4
clip dahua.mp4_
clip k.mp4.part
clip l.mp4.filepart
clip m.mp4.tmp
clip n.jpg
clip o.idx
clip p.dav
clip q
clip .folder/r.mp4
clip _failed/s.mp4
clip .unpacked/t.mp4
: >d/empty.mp4
usual="d/-l.mp4 d/B.MP4 d/a.mp4 d/c.mkv d/d.ts d/e.flv d/f.avi d/g.mov d/h.m4v d/i.mp4.1 "
usual="${usual}d/j k+@[M][0@0].mp4 "
drain -o name d
is "usual suffixes; not hidden, not temporary, not empty" "$(list)" \
	"$usual"
like "what is left is counted" "$err" "*INFO*'d': left: 1 files*"
drain -x '*.d?v' d
is "-x" "$(list)" "d/p.dav "
drain --match '*' -o name d
is "-x '*' still leaves out the temporary names" "$(list)" \
	"${usual}d/n.jpg d/o.idx d/p.dav d/q "

# Archives.
clip b.zip
clip c.tar.gz
clip .e.zip
clip f.zip.part
drain -A no d
like "-A no: no archives" "$(list)" "*d/a.mp4*"
is "-A no: none of them" "$(printf '%s\n' "$out" | grep -c 'zip\|gz')" 0
drain --archives yes d
is "-A yes: they come" "$(printf '%s\n' "$out" | grep 'zip\|gz' | tr '\n' ' ')" "d/b.zip d/c.tar.gz "

# The fact.
mkdir st
clear
clip a.mp4 10:00
clip b.mp4 10:01
: >d/c.mp4
drain --status st d
is "fact: keys" "$(cut -d: -f1 st/camwatch | tr '\n' ' ')" \
	"$(echo time boot mono pid started waiting held emitted late mistimed skipped quiet \
		overflows watches last newest error mistimed_why mode busy) "
is "fact: values" \
	"$(values st/camwatch waiting held emitted last newest mode watches)" \
	"0 1 2 b.mp4 c.mp4 inotify 1"
finish
