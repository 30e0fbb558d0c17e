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
like "each is named" "$err" \
	"*'lib/gone.mp4' is left out: No such file*'lib/sub' is left out: it is no regular file*"

# Wrong use.
run playlist lib
like "no pipe" "$rc:$err" "64:*standard output is no pipe: -n N says how many*"
run playlist -n 1 nowhere
like "no list" "$rc:$err" "66:*'nowhere': No such file*"
mkfifo fifo
run playlist -n 1 fifo
like "a FIFO" "$rc:$err" "66:*'fifo' is neither a list nor a folder*"
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
often=$(echo "$out" | sort | uniq -c | awk '{ print $1 }' | sort -u)
is "100 rounds of a deck" "$rc:$(echo "$out" | wc -l):$often" 0:500:100
is "each round has all of them, and begins with another than the last" "$(echo "$out" | awk '
	{ round = int((NR - 1) / 5) } seen[round, $1]++ || $1 == before { print NR, $1 } { before = $1 }')" ""
ok "the rounds differ" [ "$(echo "$out" | paste -d ' ' - - - - - | sort -u | wc -l)" -gt 20 ]
first=$out
run playlist --seed 7 -n 500 lib/deck.m3u
is "a seed says which" "$(echo "$out" | cksum)" "$(echo "$first" | cksum)"
finish
