#!/bin/sh
# segcut: a source becomes clips that hold each of its packets once, whole, named so that they sort.
. "$(dirname "$0")/../segcut.sh"
need_nginx

# RTMP: recorded from its first packet on, in clips of 3 s, as far as it was sent.
source_file src.flv 11 -bf 2 -c:a aac
record=off nginx_starts
records -d 3 -s live
ffmpeg -v error -nostdin -re -i src.flv -c copy -f flv "$RTMP_URL"
kept 3
stops
is "exit code, and what is said" "$rc:$(sed 's/.*] //' err)" "0:'rtmp://127.0.0.1:$port': connected"
is "four clips" "$(wc -l <printed)" 4
whole src.flv
is "each is good" "$(xargs segcheck <printed | wc -l)" 4
is "no part is left" "$(find clips -name '*.part')" ""
is "they sort as they came" "$(sort printed)" "$(cat printed)"
like "by day and time" "$(head -n 1 printed)" \
	"clips/[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]/2*T*.[0-9][0-9][0-9]Z.mp4"
is "the catalogue has them" "$(cut -f 9 clips/catalogue.tsv)" "$(sed 's,clips/,,' printed)"
is "why, what, how large" "$(cut -f 5,6,8 clips/catalogue.tsv | tr '\t' ' ' | uniq -c | xargs)" \
	"3 h264+aac 160x120 time 1 h264+aac 160x120 stopped"
is "11 s in all, to a picture" "$(awk '{ n += $3 } END { print (n >= 10900 && n <= 11300) }' \
	clips/catalogue.tsv)" 1
is "of so many bytes" "$(cut -f 4 clips/catalogue.tsv)" "$(xargs stat -c %s <printed)"
is "keyframes, one a second" "$(awk '{ n += $7 } END { print n }' clips/catalogue.tsv)" 11
like "the fact" "$(cat live/segcut)" "*state: *source: *clip: *position: *clips: 3*lost: *reconnects: 0*"
nginx_ends

# The same as MPEG-TS.
fresh
record=off nginx_starts
records -d 3 -f ts -s live
is "it is locked down" "$(sed -n 's/^sandbox: //p' live/segcut) $(grep -c '^Seccomp:.2' /proc/$pid/status)" \
	"full 1"
ffmpeg -v error -nostdin -i src.flv -t 7 -c copy part.flv
ffmpeg -v error -nostdin -re -i part.flv -c copy -f flv "$RTMP_URL"
kept 2
stops
is "ts: three clips" "$rc:$(wc -l <printed)" 0:3
is "ts: each is good" "$(xargs segcheck <printed | wc -l)" 3
is "ts: all pictures" "$(pictures | wc -l)" "$(pictures part.flv | wc -l)"
nginx_ends

# MPEG-TS over HTTP, sound alone, and SRT: from a sender that serves one reader.
fresh
source_file src.ts 5 -bf 0 -c:a aac
serves http src.ts mpegts
records -d 2
lost
stops
is "http: clips, and why the last ended" "$(wc -l <printed):$(reasons)" "3:time time lost"
is "http: all pictures" "$(pictures | wc -l)" 125
# But for two packets from before the first picture.
is "http: all sound" "$(packets a | wc -l)" "$(($(packets a src.ts | wc -l) - 2))"
is "http: which can be decoded" "$(cat printed | while read -r one; do
	ffmpeg -v error -xerror -nostdin -i "$one" -f null - 2>&1; done)" ""
fresh
ffmpeg -v error -nostdin -f lavfi -i sine=d=5 -c:a libmp3lame -b:a 64k radio.mp3
serves http radio.mp3 mp3 -content_type audio/mpeg
records -d 2
lost
stops
is "sound alone: clips" "$(cut -f 5,6,7 clips/catalogue.tsv | uniq -c | xargs)" "3 mp3 - 0"
fresh
ffmpeg -v error -nostdin -f lavfi -i sine=d=5 -c:a aac radio.aac
serves http radio.aac adts
records -d 2
lost
stops
is "sound alone, AAC" "$(cut -f 5,6,7 clips/catalogue.tsv | uniq -c | xargs)" "3 aac - 0"
fresh
serves srt src.ts mpegts
records -d 2
lost
stops
is "srt: clips" "$(wc -l <printed)" 3
like "srt: a place without more" "$err" "*'srt://127.0.0.1:$sender_port': connected*"

# Options.
fresh
run segcut -h
like "help" "$rc:$out" "0:usage: segcut *"
run segcut -V
like "version" "$rc:$out" "0:segcut *"
SOURCE_URL=rtmp://127.0.0.1:1/live/secretkey run segcut --retries 1 clips
like "no server: given up" "$rc:$err" "69:*'rtmp://127.0.0.1:1': Connection refused: tried again in 0.0 s*"
is "its key is not shown" "$(echo "$err" | grep -c secretkey)" 0
for address in rtmp://u:secret@127.0.0.1:1/live/key@secret http://127.0.0.1:1/x?mail=me@secret \
	rtmp://user:pa/secret@127.0.0.1:1/a/secret rtmp://secret@127.0.0.1:1/a/secret; do
	SOURCE_URL=$address run segcut --retries 1 clips
	is "'$address' is not shown" "$rc:$(echo "$err" | grep -c secret)" 69:0
done
for address in file:///etc/passwd /etc/passwd concat:a "" rtmp:// data:x gopher://a/b; do
	SOURCE_URL=$address run segcut clips
	is "address '$address'" "$rc" 64
done
run segcut -u none clips
is "no file of the address" "$rc" 66
SOURCE_URL=rtmp://127.0.0.1:1/a/b run segcut nowhere
like "no folder" "$rc:$err" "66:*'nowhere': No such file*"
run segcut clips more
like "two folders" "$rc:$err" "64:*one folder is wanted*"
run segcut --probe --rebuild
like "--probe and --rebuild" "$rc:$err" "64:*only one of --probe and --rebuild can be done*"
SOURCE_URL=rtmp://127.0.0.1:1/a/b run segcut --probe clips
like "--probe: a folder" "$rc:$err" "64:*option --probe: no folder is wanted*"
SOURCE_URL=rtmp://u:secret@127.0.0.1:1/a/b run segcut --probe
like "--probe: nobody there" "$rc:$out:$err" "69::*'rtmp://127.0.0.1:1': Connection refused"
exec 8<clips
flock 8
SOURCE_URL=rtmp://127.0.0.1:1/a/b run segcut clips
like "another one records" "$rc:$err" "75:*another segcut records there*"
exec 8<&-
finish
