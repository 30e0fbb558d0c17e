#!/bin/sh
# playlist: a list that is edited while it plays, half written, or gone.
. "$(dirname "$0")/../lib.sh"
mkdir lib
for name in 1 2 10 x; do echo $name >lib/$name.mp4; done

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
is "an edit: one was printed already; it is gone, so what stands there now is next" "$got $after" \
	"lib/2.mp4 lib/x.mp4"
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
