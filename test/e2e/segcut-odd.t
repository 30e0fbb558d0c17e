#!/bin/sh
# segcut at sources that change their sound or codec, bring a picture or a sound late, have a cover, stand
# still, come as HLS, or send much at once: each clip plays as it says, and what ended it is said.
. "$(dirname "$0")/../segcut.sh"
need_nginx
source_file a.ts 4 -bf 0 -c:a aac
sound_and() { # FILE SOURCE OPTION...: the picture of a.ts, with another sound
	file=$1 made=$2
	shift 2
	ffmpeg -v error -nostdin -i a.ts -f lavfi -i "$made" -map 0:v -map 1:a -c:v copy "$@" "$file" ||
		exit 99
}
sound_of() { # LINE KEY: of a clip's sound
	ffprobe -v error -select_streams a:0 -show_entries "stream=$2" -of csv=p=0 "$(sed -n "$1p" printed)" |
		head -n 1
}
# twice FILE: is sent behind a.ts, and again to whom comes back.
twice() {
	fresh
	ffmpeg -v error -nostdin -y -i "$1" -c copy -output_ts_offset 4 -f mpegts behind.ts
	cat a.ts behind.ts >both.ts
	sends 3 both.ts "$1"
	records
	lost
	wait_for 30 in_catalogue 2
	stops
}

# Sound of another rate, or with other channels: the second clip has its own header.
sound_and fast.mp4 sine=r=48000:d=4 -c:a aac
ffmpeg -v error -nostdin -i fast.mp4 -c copy fast.ts
twice fast.ts
is "rate: two clips" "$(reasons)" "lost lost"
like "rate: said" "$err" "*: its sound has another rate, or other channels: tried again in 0.0 s*"
is "rate: each says its own" "$(sound_of 1 sample_rate) $(sound_of 2 sample_rate)" "44100 48000"
packets a fast.mp4 | tail -n +2 >sent # the first one is before the keyframe
packets a "$(sed -n 2p printed)" >got
is "rate: the second is whole, $(wc -l <sent) packets" "$(cmp sent got 2>&1)" ""
sound_and wide.ts anoisesrc=d=4:r=44100 -c:a aac -ac 2
twice wide.ts
is "channels: each says its own" "$(sound_of 1 channels) $(sound_of 2 channels)" "1 2"

# Another codec.
sound_and mp2.ts sine=d=4:r=44100 -c:a mp2
twice mp2.ts
# In MP4 both layers have one name.
is "codec of sound: each has its own" "$(sound_of 1 codec_name) $(sound_of 2 codec_name)" "aac mp3"
ffmpeg -v error -nostdin -i a.ts -c:a copy -c:v libx265 -x265-params log-level=none:bframes=0 \
	-preset ultrafast h265.ts
twice h265.ts
is "codec of the picture: each has its own" "$(cut -f 5 clips/catalogue.tsv | xargs)" "h264+aac hevc+aac"
n=$(pictures "$(head -n 1 printed)" 2>/dev/null | wc -l)
ok "codec of the picture: the first has its own, and at most two others: $n" [ "$n" -ge 100 -a "$n" -le 102 ]

# A picture that comes to a sound, and a sound that comes to a picture.
for kind in a v; do
	fresh
	ffmpeg -v error -nostdin -i a.ts -map 0:$kind -c copy \
		-streamid "0:$([ $kind = a ] && echo 257 || echo 256)" alone-$kind.ts
	ffmpeg -v error -nostdin -y -i a.ts -c copy -output_ts_offset 4 behind.ts
	cat alone-$kind.ts behind.ts >both.ts
	sends 3 both.ts a.ts
	records
	lost
	wait_for 30 in_catalogue 2
	stops
	is "late: both are there in the second clip, first $kind" \
		"$(cut -f 5 clips/catalogue.tsv | xargs)" "$([ $kind = a ] && echo aac || echo h264) h264+aac"
	like "late: said, first $kind" "$err" \
		"*: $([ $kind = a ] && echo a picture || echo another sound) has come: tried again in 0.0 s*"
done

# A cover is no picture.
fresh
ffmpeg -v error -nostdin -i a.ts -frames:v 1 cover.png
ffmpeg -v error -nostdin -f lavfi -i sine=d=6 -i cover.png -map 0 -map 1 -c:a libmp3lame -c:v copy \
	-id3v2_version 3 cover.mp3
sends 4 cover.mp3
records -d 2
lost
stops
is "cover: sound alone" "$(cut -f 5 clips/catalogue.tsv | sort -u)" mp3
is "cover: all its packets" "$(packets a | wc -l)" "$(packets a cover.mp3 | wc -l)"

# Stamps that stand still are no life.
fresh
ffmpeg -v error -nostdin -stream_loop 4 -i a.ts -c copy -bsf:v setts=ts=900000 -bsf:a setts=ts=900000 \
	-f mpegts still.ts 2>/dev/null
sends 25 still.ts
records
still_said() { grep -q 'its time stamps stand still: tried again' err; }
ok "still: said" wait_for 30 still_said
stops

# HLS, a segment each two seconds, from a real server: nothing is lost in the silence between two.
fresh
web_starts
source_file long.ts 12 -bf 0 -c:a aac
ffmpeg -v error -nostdin -re -i long.ts -c copy -f hls -hls_time 2 -hls_list_size 4 \
	-hls_flags temp_file+omit_endlist www/live.m3u8 2>hls.err &
mine $!
wait_for 30 test -e www/live.m3u8
SOURCE_URL=http://127.0.0.1:$http/live.m3u8
records -d 3
wait_for 60 in_catalogue 3
stops
is "HLS: no session is lost" "$(grep -c 'tried again' err)" 0
shown() { # FILE...: a hash for each picture, as it is decoded
	for one; do ffmpeg -v error -nostdin -i "$one" -map 0:v -f framemd5 -; done |
		awk '!/^#/ { print $NF }'
}
# shellcheck disable=SC2046 # words
shown $(cat printed) >got
shown long.ts >sent
is "HLS: each picture once, in order, from the first one on" "$(awk '
	NR == FNR { got[n++] = $1; next }
	$1 == got[0] { at = FNR }
	at && FNR - at < n { same += $1 == got[FNR - at] }
	END { print n - same }' got sent)" 0

# One that has ended would be recorded again and again.
fresh
ffmpeg -v error -nostdin -i a.ts -c copy -f hls -hls_time 2 www/ended.m3u8
SOURCE_URL=http://127.0.0.1:$http/ended.m3u8 run segcut --retries 1 clips
like "HLS with an end: refused" "$rc:$err" "69:*: its list has an end, so it is not live: *"
is "HLS with an end: no clip" "$(find clips -name '*Z*')" ""

# Much at once: pictures of a megabyte. It does not gather a second of them.
fresh
ffmpeg -v error -nostdin -f lavfi -i "nullsrc=s=1280x720:r=25:d=2,geq=random(1)*255:128:128" -c:v libx264 \
	-preset ultrafast -qp 1 -g 50 -pix_fmt yuv420p large.ts
sends 3 large.ts
records
lost
stops
is "large: all pictures" "$(pictures | wc -l)" 50
fragments=$(grep -aob moof "$(cat printed)" | wc -l)
bytes=$(wc -c <large.ts)
ok "large: $bytes bytes in $fragments fragments" [ "$fragments" -ge $((bytes / 17000000)) ]
finish
