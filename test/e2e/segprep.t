#!/bin/sh
# segprep: what fits is copied, the rest is encoded, and nothing twice; a mixed library gets one form.
. "$(dirname "$0")/../lib.sh"

# clip FILE SIZE RATE OPTION...: of one second, with sound; -an: without.
clip() {
	clip_file=$1 clip_size=$2 clip_rate=$3
	shift 3
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=$clip_size:r=$clip_rate:d=1" \
		-f lavfi -i sine=r=48000:d=1 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -c:a aac -ac 2 \
		"$@" "$clip_file" || exit 99
}
# shows FILE KEY...: of the picture and of the sound.
shows() {
	shows_file=$1
	shift
	ffprobe -v error -show_entries "stream=$(echo "$*" | tr ' ' ,)" -of csv=p=0 "$shows_file" |
		paste -s -d ' '
}
files() { (cd "$1" && find . -type f ! -name .segprep.tsv | sort | paste -s -d ' '); }
said() { grep -o "'.*" "$T/.err" | paste -s -d '|'; }

# What fits is copied, from any container; one thing that does not fit is encoded, and only that.
mkdir -p lib/sub lib/_failed lib/.hidden
clip lib/fits.mp4 96x64 25 -preset medium -bf 2
ffmpeg -v error -i lib/fits.mp4 -c copy lib/sub/ts.TS
ffmpeg -v error -i lib/fits.mp4 -c copy -an lib/mute.mkv
ffmpeg -v error -i lib/fits.mp4 -c:v copy -ar 44100 lib/rate.mov
cp lib/fits.mp4 lib/_failed/
cp lib/fits.mp4 lib/.hidden/
cp lib/fits.mp4 lib/.part.mp4
echo text >lib/notes.txt
run segprep -n lib cache
is "-n: nothing is done" "$rc:$out:$(ls)" "0::lib"
like "-n: says what would be" "$(said)" "'fits.mp4': to be done: picture copied, sound copied|*"
run segprep lib cache
is "all are ready, named in order" "$rc:$out" "0:cache/fits.mp4
cache/mute.mp4
cache/rate.mp4
cache/sub/ts.mp4"
is "says what was done" "$(said)" "'fits.mp4': picture copied, sound copied|'mute.mkv': picture copied, \
silence added|'rate.mov': picture copied, sound encoded (rate 44100)|'sub/ts.TS': picture copied, \
sound copied|'lib': 0 were ready, 4 done, 0 left out"
is "in the form of all messages" "$(echo "$err" | grep -vE '^\[[-0-9]+ [:0-9]+\] \[INFO\] \[segprep\] ')" ""
is "nothing else is there" "$(files cache)" "./fits.mp4 ./mute.mp4 ./rate.mp4 ./sub/ts.mp4"
is "MP4: the packets are the same" "$(packets cache/fits.mp4)" "$(packets lib/fits.mp4)"
cp lib/sub/ts.TS copy.ts
is "MPEG-TS: too" "$(packets cache/sub/ts.mp4)" "$(packets copy.ts)"
for name in mute.mkv rate.mov; do
	is "$name: those of the picture are" "$(packets cache/${name%.*}.mp4 video)" \
		"$(packets lib/$name video)"
	is "$name: its sound" "$(shows cache/${name%.*}.mp4 codec_name profile sample_rate channels)" \
		"h264,High aac,LC,48000,2"
done

# Nothing is done twice: ffmpeg and ffprobe are not started, nothing is written.
mkdir bin
printf '#!/bin/sh\necho "$0" >>"%s/started"\nexec /usr/bin/${0##*/} "$@"\n' "$T" | tee bin/ffmpeg >bin/ffprobe
chmod +x bin/ffmpeg bin/ffprobe
PATH=$T/bin:$PATH
before=$(stat -c '%i %y' cache/.segprep.tsv cache/*.mp4)
run segprep --verbose lib cache
is "again: the same paths" "$rc:$(echo "$out" | wc -l):$(said | cut -d '|' -f 1)" "0:4:'fits.mp4' is ready"
run segprep lib cache/
is "not verbose: nothing is said" "$rc:$err:$(echo "$out" | head -n 1)" "0::cache/fits.mp4"
is "nothing was started or written" "$(cat started 2>&1):$(stat -c '%i %y' cache/.segprep.tsv cache/*.mp4)" \
	"cat: started: No such file or directory:$before"
touch lib/fits.mp4
rm cache/mute.mp4
printf 'sub/ts.TS\t1 2' >>cache/.segprep.tsv
run segprep lib cache
is "what has changed or is gone is made again, a torn line is ignored" "$rc:$(said)" "0:'fits.mp4': picture \
copied, sound copied|'mute.mkv': picture copied, silence added|'lib': 2 were ready, 2 done, 0 left out"
run segprep lib cache
is "and once" "$rc:$err" 0:

# A mixed library becomes uniform.
mkdir mixed
clip mixed/1.mp4 160x120 25
clip mixed/2.mkv 96x64 30 -an
clip mixed/3.flv 64x128 25
clip mixed/4.mov 160x120 25 -bf 3 -preset medium -x264-params open-gop=1:keyint=8:b-adapt=0
clip mixed/5.ts 160x120 50 -c:v mpeg2video -c:a mp2
clip mixed/6.mp4 160x120 25 -pix_fmt yuv444p
clip mixed/7.mkv 160x120 25 -vf setsar=4/3 -c:a pcm_s16le
clip mixed/8.mp4 160x120 25 -vf tinterlace=interleave_top,fps=25 -flags +ildct+ilme
ffmpeg -v quiet -display_rotation 90 -i mixed/1.mp4 -c copy mixed/9.mp4 ||
	ffmpeg -v error -i mixed/1.mp4 -c copy -metadata:s:v rotate=90 mixed/9.mp4 # before FFmpeg 6
clip long.mp4 160x120 25 -g 250 -vf loop=2:25
mv long.mp4 mixed/10.mp4
run segprep --size 160x120 --rate 25 mixed uniform
is "mixed: exit code" "$rc:$(echo "$out" | wc -l)" 0:10
is "mixed: why each is encoded" "$(said | tr '|' '\n' |
	sed -n 's/, sound.*//; s/, silence.*//; s/-90/90/; s/: picture / /p')" "'1.mp4' copied
'2.mkv' encoded (size 96x64, rate other)
'3.flv' encoded (size 64x128)
'4.mov' encoded (keyframes far-or-open)
'5.ts' encoded (codec mpeg2video, rate other)
'6.mp4' encoded (pixels yuv444p)
'7.mkv' encoded (shape 4:3)
'8.mp4' encoded (fields tt)
'9.mp4' encoded (rotation 90)
'10.mp4' encoded (keyframes far-or-open)"
forms=$(for file in uniform/*.mp4; do
	shows "$file" codec_name profile width height pix_fmt field_order sample_aspect_ratio r_frame_rate \
		sample_rate channels
done | sed 's/Constrained Baseline/High/' | sort | uniq -c)
is "mixed: all have one form" "$(echo "$forms" | sed 's/^ *//')" \
	"10 h264,High,160,120,1:1,yuv420p,progressive,25/1 aac,LC,48000,2,0/0"
is "mixed: the packets of what fits are the same" "$(packets uniform/1.mp4)" "$(packets mixed/1.mp4)"
run segcheck -p youtube uniform/*.mp4
is "mixed: segcheck passes all" "$rc:$err" 0:
run segprep -s 160x120 -r 25 mixed uniform
is "mixed, again" "$rc:$err" 0:
run segprep -n -s 160x120 -r 25 uniform other
is "what is made fits" "$(said | tr '|' '\n' | grep -c ': to be done: picture copied, sound copied$')" 10
# Other values: all that does not fit any more is made again.
run segprep -r 30000/1001 mixed uniform
like "another rate: made again, of any size" "$rc:$(said)" "0:'1.mp4': picture encoded (rate other),*10 done*"
is "30000/1001" "$(shows uniform/3.mp4 width,height,r_frame_rate)" "64,128,30000/1001 0/0"

# What is gone from the library stays in the cache, unless -d says otherwise.
rm mixed/1.mp4 lib/sub/ts.TS
echo mine >cache/sub/mine.mp4
run segprep lib cache
is "kept" "$rc:$(files cache)" "0:./fits.mp4 ./mute.mp4 ./rate.mp4 ./sub/mine.mp4 ./sub/ts.mp4"
run segprep -dn lib cache
is "-dn" "$rc:$(said)" "0:'cache/sub/ts.mp4': to be deleted: it has no source"
run segprep --delete lib cache
is "-d: deleted, and nothing that is not ours" "$rc:$(said):$(files cache)" "0:'cache/sub/ts.mp4': deleted: \
it has no source:./fits.mp4 ./mute.mp4 ./rate.mp4 ./sub/mine.mp4"
mkdir empty
run segprep -d empty cache
like "-d, and the library is not mounted: nothing is deleted" "$rc:$(said):$(files cache)" \
	"0:'empty': there is no clip, so nothing is deleted:./fits.mp4 *"

# The cache may lie in the library.
run segprep lib lib/ready
run segprep lib lib/ready
is "CACHE in SRC" "$rc:$(files lib/ready)" "0:./fits.mp4 ./mute.mp4 ./rate.mp4"
finish
