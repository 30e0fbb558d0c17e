#!/bin/sh
# playlist: prints the clips of a list or of a folder, for ever, one at a time, and knows where it was.
. "$(dirname "$0")/../lib.sh"
mkdir lib lib/sub lib/_failed
for name in 1 2 10 x; do echo $name >lib/$name.mp4; done
echo 3 >lib/sub/3.mp4
echo bad >lib/_failed/bad.mp4
echo text >lib/notes.txt
names() { tr '\n' ' ' | sed 's| $||'; }

# Folders: natural order, below them too, and only clips.
run playlist -n 7 lib
is "a folder" "$rc:$(echo "$out" | names):$err" \
	"0:lib/1.mp4 lib/2.mp4 lib/10.mp4 lib/sub/3.mp4 lib/x.mp4 lib/1.mp4 lib/2.mp4:"
run sh -c 'cd lib && playlist -0 -n 2 . | tr "\0" "|"'
is "NUL between them" "$rc:$out" "0:./1.mp4|./2.mp4|"

# Lists as people write them.
{
	printf '\357\273\277#EXTM3U\r\n#EXTINF:12,A song\r\n1.mp4\r\n\r\nsub/3.mp4\r\n# 2.mp4\n'
	printf '%s/lib/x.mp4\nfile://%s/lib/%%31%%30.mp4\n2.mp4' "$T" "$T"
} >lib/list.m3u
run playlist -n 6 lib/list.m3u
is "a list" "$rc:$(echo "$out" | names):$err" \
	"0:lib/1.mp4 lib/sub/3.mp4 $T/lib/x.mp4 $T/lib/10.mp4 lib/2.mp4 lib/1.mp4:"
run sh -c 'cd lib && playlist -n 1 list.m3u'
is "beside it" "$rc:$out" 0:1.mp4
printf '1.mp4\nhttp://h/a.mp4\na\tb.mp4\n\0.mp4\n#AT 25:00\n#AT 1:00 loud\n#ATLAS\n%s.mp4\n' \
	"$(head -c 5000 /dev/zero | tr '\0' x)" >lib/odd.m3u
run playlist -n 2 lib/odd.m3u
is "what is no entry is left out" "$rc:$(echo "$out" | names)" "0:lib/1.mp4 lib/1.mp4"
like "and each is named" "$err" "*line 2 is no path of a file*'http://h/a.mp4'*
*line 3 has a control byte*'a\\\\x09b.mp4'*line 4 has a NUL*line 5 is no '#AT HH:MM'*'#AT 25:00'*
*line 6 *'#AT 1:00 loud'*line 8 is too long*xxx*"
is "once each" "$(echo "$err" | wc -l)" 6

# What is missing is left out with a message, and the list goes on.
printf '1.mp4\ngone.mp4\nsub\n2.mp4\n' >lib/gone.m3u
run playlist -n 4 lib/gone.m3u
is "missing entries" "$rc:$(echo "$out" | names)" "0:lib/1.mp4 lib/2.mp4 lib/1.mp4 lib/2.mp4"
like "each is named" "$err" "*'lib/gone.mp4' is left out: No such file*'lib/sub' is left out: it is no regular file*"

# Wrong use.
run playlist lib
like "no pipe" "$rc:$err" "64:*standard output is no pipe: -n N says how many*"
run playlist -n 1 nowhere
like "no list" "$rc:$err" "66:*'nowhere': No such file*"
mkfifo fifo
run playlist -n 1 fifo
like "a FIFO" "$rc:$err" "66:*'fifo': Invalid argument*"
run playlist -n 1 -p place lib
like "a place needs a cursor" "$rc:$err" "64:*option -p needs to know what was played: -c*"
run playlist --help
like "help" "$rc:$out" "0:usage: playlist *--place FILE*"
run playlist -V
like "version" "$rc:$out" "0:playlist [0-9]*"
run playlist -v -n 1 -c none -p place lib
is "verbose, and a cursor that is not there yet" "$rc:$out:$err" 0:lib/1.mp4:
echo x >cursor
run playlist -n 1 -c cursor lib
like "no cursor" "$rc:$err" "78:*cursor 'cursor' (remove it to begin anew)*"
run env TZ=Europe/Madird playlist -n 1 lib
like "no time zone" "$rc:$err" "78:*there is no time zone 'Europe/Madird'*"
run env TZ=CET-1CEST,M3.5.0,M10.5.0 playlist -n 1 lib
is "a rule for one" "$rc:$out" 0:lib/1.mp4
run playlist -n 1 -s nowhere lib
like "no live folder" "$rc:$err" "66:*nowhere*"
run playlist -n 1
like "nothing named" "$rc:$err" "64:*LIST|DIR*"

# A library is never moved or deleted.
while read -r command; do
	# shellcheck disable=SC2086 # words
	run $command </dev/null
	like "refused: $command" "$rc:$err" "64:*given*"
done <<X
segcheck -o given -q lib/_failed
segcheck -o name
rtmppush -o given -t delete rtmp://h/a/k
rtmppush -o given -l 5 rtmp://h/a/k
rtmppush -o given -q lib/_failed rtmp://h/a/k
camwatch -o given lib
X

# A deck: each once before any twice, the last of a round not first in the next, the same for a seed.
{ echo '#AT 00:00 shuffle' && printf '%s.mp4\n' 1 2 10 x sub/3; } >lib/deck.m3u
run playlist --seed 7 -n 500 lib/deck.m3u
is "100 rounds of a deck" "$rc:$(echo "$out" | wc -l):$(echo "$out" | sort | uniq -c | awk '{ print $1 }' | sort -u)" \
	0:500:100
is "each round has all of them, and begins with another than the last" "$(echo "$out" | awk '{ round = int((NR - 1) / 5) }
	seen[round, $1]++ || $1 == before { print NR, $1 } { before = $1 }')" ""
ok "the rounds differ" [ "$(echo "$out" | paste -d ' ' - - - - - | sort -u | wc -l)" -gt 20 ]
first=$out
run playlist --seed 7 -n 500 lib/deck.m3u
is "a seed says which" "$(echo "$out" | cksum)" "$(echo "$first" | cksum)"

: >playlist
# It prints one when the pipe is empty, and ends with its reader.
mkfifo pipe
printf '1.mp4\n2.mp4\n' >lib/short.m3u
fact() { sed -n "s/^$1: //p" playlist; }
printed() { [ "$(fact printed)" = "$1" ]; }
playlist -s . lib/short.m3u >pipe 2>err &
pid=$!
exec 8<pipe
read -r got <&8
is "the first" "$got" lib/1.mp4
ok "the second is printed, no more" wait_for 10 printed 2
printf '10.mp4\nx.mp4\n' >lib/short.m3u
read -r got <&8
read -r after <&8
is "an edit: one was printed already; it is gone, so what stands there now is next" "$got $after" "lib/2.mp4 lib/x.mp4"
exec 8<&-
wait $pid
like "its reader is gone" "$?:$(cat err)" "75:*the reader of standard output is gone*"

# Half of an entry is none, as long as somebody writes: also if that takes seconds.
printf '1.mp4\n2.mp4\n' >lib/slow.m3u
: >playlist
playlist -s . lib/slow.m3u >pipe 2>err &
pid=$!
exec 8<pipe
read -r got <&8
ok "two are printed" wait_for 10 printed 2
exec 7>>lib/slow.m3u
printf 1 >&7
read -r got <&8
ok "and the third, after a while" wait_for 20 printed 3
read -r got <&8
is "of the list as it was" "$got $(fact entries)" "lib/1.mp4 2"
ok "the next waits" wait_for 20 printed 4
printf '0.mp4\n' >&7
exec 7>&-
for _ in 1 2 3 4; do read -r got <&8; done
is "whole: it is there" "$(wait_for 20 grep -q '^entries: 3' playlist; fact entries):$(cat err)" 3:
kill $pid
wait $pid
exec 8<&-

# Nothing there: it waits, says so once, and goes on by itself.
rm lib/short.m3u
: >playlist
printf 'gone.mp4\n' >lib/short.m3u
playlist -s . lib/short.m3u >pipe 2>err &
pid=$!
exec 8<pipe
waits() { [ "$(fact error)" = "no file of it is there" ]; }
ok "no file is there: the fact says so" wait_for 10 waits
printf '2.mp4\n' >lib/short.m3u
read -r got <&8
is "it goes on by itself" "$got" lib/2.mp4
ok "and has printed one more" wait_for 10 printed 2
rm lib/short.m3u
read -r got <&8
gone() { case $(fact error) in "it cannot be read: No such file"*) return 0 ;; *) return 1 ;; esac; }
ok "the list is gone: the fact says so" wait_for 10 gone
echo x.mp4 >lib/short.m3u
read -r got <&8
is "it is back" "$got" lib/x.mp4
is "and the fact is content" "$(wait_for 5 test -z "$(fact error)"; fact error):$(fact entries)" :1
kill $pid
wait $pid
is "SIGTERM ends it" "$?" 0
exec 8<&-
finish
