#!/bin/sh
# camwatch -1: what is a clip, in which order, what is late, and what is refused.
. "$(dirname "$0")/../lib.sh"
mkdir d

clip() { # PATH [TIME]: a file below d
	mkdir -p "d/$(dirname -- "$1")"
	echo x >"d/$1"
	case ${2-} in
	'') ;;
	??:??) touch -d "2026-01-02 $2" "d/$1" ;;
	*) touch -d "$2" "d/$1" ;;
	esac
}
clear() { rm -rf d && mkdir d; }
drain() { run camwatch -1 -a 0 "$@"; }
list() { echo "$out" | tr '\n' ' '; }

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
drain -o name d
is "usual suffixes; not hidden, not temporary, not empty" "$(list)" \
	"d/-l.mp4 d/B.MP4 d/a.mp4 d/c.mkv d/d.ts d/e.flv d/f.avi d/g.mov d/h.m4v d/i.mp4.1 d/j k+@[M][0@0].mp4 "
like "what is left is counted" "$err" "*INFO*'d': left: 1 files*"
drain -x '*.d?v' d
is "-x" "$(list)" "d/p.dav "
drain --match '*' -o name d
is "-x '*' still leaves out the temporary names" "$(list)" \
	"d/-l.mp4 d/B.MP4 d/a.mp4 d/c.mkv d/d.ts d/e.flv d/f.avi d/g.mov d/h.m4v d/i.mp4.1 d/j k+@[M][0@0].mp4 d/n.jpg d/o.idx d/p.dav d/q "

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

# Hostile things with a clip's name.
clear
mkdir outside
echo x >outside/secret.mp4
ln -s ../outside/secret.mp4 d/link.mp4
ln -s ../outside d/linked
mkfifo d/fifo.mp4
mkdir d/folder.mp4
clip folder.mp4/in.mp4 10:02
clip "$(printf 'new\nline.mp4')" 10:00
clip "$(printf 'tab\t.mp4')" 10:00
clip "$(printf 'esc\033.mp4')" 10:00
clip "$(printf 'bad\377utf.mp4')" 10:01
clip fine.mp4 10:03
perl -MSocket -e 'socket S, PF_UNIX, SOCK_STREAM, 0; bind S, sockaddr_un "d/socket.mp4"'
drain d
is "hostile: only regular files with printable names" "$(list)" \
	"$(printf 'd/bad\377utf.mp4 d/folder.mp4/in.mp4 d/fine.mp4 ')"
is "hostile: each is said once" "$(echo "$err" | grep -c 'passed over')" 6
like "hostile: names are escaped" "$err" "*'new?x0aline.mp4': has control bytes in its name: passed over*"
like "hostile: a link" "$err" "*'link.mp4': is no regular file*"
mkdir st
drain -s st d
is "hostile: counted" "$(value st/camwatch skipped)" 6
clear
clip "$(perl -e 'print "n" x 251').mp4"
drain d
is "a name of 255 bytes" "${#out}" 257
clear
perl -e 'chdir "d"; for (1 .. 17) { mkdir "p" x 250; chdir "p" x 250 } open F, ">deep.mp4"; print F "x"'
clip fine.mp4
drain d
is "a path over PATH_MAX stops nothing" "$rc:$(list)" "0:d/fine.mp4 "
like "a path over PATH_MAX is said" "$err" "*too long a path: *"
clear
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 . && chmod 777 d && chown 1234 d
	clip root.mp4 10:00
	ln d/root.mp4 d/hard.mp4
	clip own.mp4 10:01
	ln d/own.mp4 outside/
	chown 1234 d/own.mp4
	drain d
	is "hard links of another owner are refused" "$(list)" "d/own.mp4 "
	like "hard links are said" "$err" "*'hard.mp4': is a hard link to a file of another owner*"
	clear
	clip secret.mp4 10:00
	clip secret/in.mp4
	clip fine.mp4 10:01
	chmod 0 d/secret.mp4 d/secret
	run setpriv --reuid 65534 --regid 65534 --clear-groups camwatch -1 -a 0 d
	is "what is unreadable stops nothing" "$rc:$(list)" "0:d/secret.mp4 d/fine.mp4 "
	like "an unreadable folder is said" "$err" "*folder 'd/secret': Permission denied*"
else
	skip "hard links of another owner" "needs root"
	skip "unreadable files" "needs root to become another user"
fi

# Age.
clear
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
ns() { stat -c %.9Y "$1" | tr -d .; }
printf '%s\t10-33.mp4\t60000\n' "$(ns d/10-33.mp4)" >cursor
drain -c cursor d
is "cursor: goes on behind it" "$(list)" "d/10-34.mp4 d/10-35.mp4 "
is "cursor: late ones are said, the cursor's own is not" \
	"$(echo "$err" | sed -n "s/.*\] '\(.*\)' is late.*: left where it is/\1/p" | tr '\n' ' ')" "10-31.mp4 10-32.mp4 "
drain -c cursor -L delete d
is "-L delete: late ones are gone, the cursor's own is not" "$(find d -type f | sort | tr '\n' ' ')" \
	"d/10-33.mp4 d/10-34.mp4 d/10-35.mp4 "
like "-L delete: says why" "$err" "*'10-31.mp4' is late, what comes after it is out: deleted*"
clip 10-33.mp4 10:36
drain --cursor cursor --late keep d
is "new contents under the cursor's name are a new clip" "$(list)" "d/10-34.mp4 d/10-35.mp4 d/10-33.mp4 "
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
is "lag with -L delete" "$(find d -type f | wc -l):$(list)" "4:d/10-41.mp4 d/10-42.mp4 d/10-43.mp4 d/10-44.mp4 "
clear
for m in 10 20 30; do clip "20260102_10${m}00.mp4"; done
drain -o time -l 660 d
is "lag by the time in the path" "$(list)" "d/20260102_102000.mp4 d/20260102_103000.mp4 "
clip 20990101_000000.mp4
drain -o time -l 660 d
is "a far future in a name does not make the others late" "$(list)" "d/20260102_102000.mp4 d/20260102_103000.mp4 "
clear
for m in $(seq 10 50); do clip "10-$m.mp4" "10:$m"; done
drain -l 60 d
is "many late ones: ten are named" "$(echo "$err" | grep -c 'is late')" 10
chmod 555 d
if [ "$(id -u)" -eq 0 ]; then
	run setpriv --reuid 65534 --regid 65534 --clear-groups camwatch -1 -a 0 -l 60 d
	is "a folder that can only be read" "$rc:$out" "0:d/10-50.mp4"
	run setpriv --reuid 65534 --regid 65534 --clear-groups camwatch -1 -a 0 -l 60 -L delete d
	is "late in a folder that can only be read: goes on" "$rc:$out" "0:d/10-50.mp4"
	like "late in a folder that can only be read: said" "$err" "*is late*could not be deleted: Permission denied*"
else
	skip "a folder that can only be read" "needs root to become another user"
fi
chmod 755 d

# The fact.
clear
clip a.mp4 10:00
clip b.mp4 10:01
: >d/c.mp4
drain --status st d
is "fact: keys" "$(cut -d: -f1 st/camwatch | tr '\n' ' ')" \
	"time boot mono pid started waiting held emitted late skipped quiet overflows watches last newest mode busy "
is "fact: values" "$(value st/camwatch waiting) $(value st/camwatch held) $(value st/camwatch emitted) $(value st/camwatch last) $(value st/camwatch newest) $(value st/camwatch mode) $(value st/camwatch watches)" \
	"0 1 2 b.mp4 c.mp4 inotify 1"

# Wrong use.
refused() {
	what=$1 code=$2 pattern=$3
	shift 3
	run camwatch "$@" </dev/null
	is "$what: exit code" "$rc" "$code"
	like "$what: message" "$err" "$pattern"
	is "$what: no output" "$out" ""
}
refused "no DIR" 64 "*no DIR*usage: camwatch*"
refused "two DIRs" 64 "*more than one DIR*" d d
refused "DIR is missing" 66 "*'no/such': cannot be watched: No such file*" no/such
refused "DIR is a file" 66 "*Not a directory*" cursor
refused "DIR is empty" 66 "*cannot be watched*" ""
refused "no status folder" 66 "*status folder 'no': No such file*" -s no d
refused "unknown option" 64 "*unknown option '-Z'*" -Z d
for a in '' -1 ' 1' 1x +1 99999999999 1.5; do refused "-a '$a'" 64 "*option -a: '$a' is not*" -a "$a" d; done
for i in 0 3601 x; do refused "-i '$i'" 64 "*option -i: '$i' is not*" --interval "$i" d; done
refused "-l x" 64 "*option -l: 'x'*" -l x d
refused "-n sometimes" 64 "*option -n: 'sometimes'*" --newest sometimes d
refused "-o size" 64 "*option -o: 'size' is none of mtime name time*" -o size d
refused "-L move" 64 "*option -L: 'move' is none of keep delete*" -L move d
refused "-l with -o name" 64 "*option -l needs an order by time*" -l 60 -o name d
run camwatch --help
like "--help" "$rc:$out" "0:usage: camwatch *--age SEC*--match GLOB*"
run camwatch -V
is "-V" "$rc:$out" "0:camwatch $(sed -n 's/^VERSION := //p' "$top/Makefile")"
drain -v d
is "-v" "$rc" 0

# Output that cannot be written.
run sh -c 'camwatch -1 -a 0 d >/dev/full'
is "full output: exit code" "$rc" 74
like "full output: said" "$err" "*standard output: No space left*"
run sh -c 'camwatch -1 -a 0 d >&-'
is "closed output: exit code" "$rc" 74
mkfifo gone
camwatch -a 0 d >gone 2>err &
pid=$!
exec 4<gone
exec 4<&-
wait $pid
is "reader gone: exit code" $? 75
like "reader gone: said" "$(cat err)" "*the reader of standard output is gone*"

finish
