#!/bin/sh
# segprep: wrong use, odd names, bad clips.
. "$(dirname "$0")/../lib.sh"
mkdir lib
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=96x64:r=25:d=1 -f lavfi -i sine=r=48000:d=1 -pix_fmt yuv420p \
	-c:v libx264 -c:a aac -ac 2 good.mp4 || exit 99
cp good.mp4 lib/a.mp4
files() { (cd -- "$1" && find . -type f ! -name .segprep.tsv | sort | paste -s -d ' '); }
said() { grep -ao "'.*" "$T/.err" | paste -s -d '|'; }

# Wrong use.
refused "nothing named" 64 "*SRC and CACHE are needed*usage: segprep *" segprep
refused "an option that is none" 64 "*unrecognized option '--none'*" segprep --none lib cache
refused "no value" 64 "*requires an argument*" segprep lib cache -s
for rate in 0 241 1/0 25.0 -1 '25 ' 1/2 a; do
	refused "rate '$rate'" 64 "*option -r: '$rate' is not from 1 to 240*" segprep -r "$rate" lib cache
done
for size in 1280 1281x720 0x0 1280x720x2 -2x2 'a[$(touch wrong)]x2'; do
	refused "size '$size'" 64 "*option -s: '*' is not*" segprep "--size=$size" lib cache
done
refused "no SRC" 66 "*'nowhere': there is no such folder*" segprep nowhere cache
refused "SRC is a file" 66 "*'lib/a.mp4': there is no such folder*" segprep lib/a.mp4 cache
refused "SRC is CACHE" 64 "*must not be or lie in CACHE*" segprep lib ./lib
refused "SRC in CACHE" 64 "*must not be or lie in CACHE*" segprep lib .
refused "no place for CACHE" 74 "*'no/where': *No such file*" segprep lib no/where
mkdir none
for name in dirname getopt; do ln -s "$(command -v $name)" none/; done
refused "no ffmpeg" 69 "*'ffmpeg': it is not installed*" env PATH="$T/none" /bin/bash "$BIN/segprep" lib cache
run segprep -h
like "-h" "$rc:$out" "0:usage: segprep * --size WxH *"
is "--help says the same" "$(segprep --help)" "$out"
run segprep -V
is "-V, and --version" "$rc:$out:$(segprep --version)" "0:segprep ${out#* }:$out"
is "nothing was made" "$(ls)" "good.mp4
lib
none"

# Odd names, of folders and clips.
mkdir names
for name in -v.mp4 ' a  b .mp4' 'q"'\''`$(touch wrong)\.mp4' '%s%n.mp4' 'x[1]*?.mp4' '@.mp4' 'new
line.mp4' "$(printf 'bad\377utf.mp4')" "No space left on device.mp4"; do
	ln good.mp4 "names/$name"
done
mkdir "names/-r
%d"
ln good.mp4 "names/-r
%d/file:in.mp4"
mkdir -- -odd
run segprep -- names -odd/--cache
is "lines: all but those that a line cannot hold" "$rc:$(echo "$out" | wc -l)" 1:8
like "which are named" "$(said)" \
	"*'new\\\\x0aline.mp4' is left out: a line cannot*|'-r\\\\x0a%d/file:in.mp4' is left out: *"
run sh -c 'segprep --null -- names -odd/--cache | tr -d "\n" | tr "\0" "\n" | wc -l'
is "-0: all" "$rc:$out" 0:10
is "all are there" "$(cd -- -odd/--cache && find . -name '*.mp4' | sort)" \
	"$(cd names && find . -type f | sort)"
run segprep -0 -- names -odd/--cache
is "once" "$rc:$err:$(ls wrong 2>&1)" "0::ls: cannot access 'wrong': No such file or directory"
long=$(head -c 251 /dev/zero | tr '\0' x)
mkdir long
ln good.mp4 "long/$long.mp4"
ln good.mp4 "long/${long}y.ts"
run segprep long cache
like "as long as a name can be, and too long with another suffix" "$rc:$(basename "$out")" "1:$long.mp4"

# Bad clips: each is named, the others are made.
mkdir bad
cp good.mp4 bad/z.mp4
cp good.mp4 bad/z.avi
head -c 5000 good.mp4 >bad/cut.mp4
ffmpeg -v error -i good.mp4 -stream_loop 4 -i good.mp4 -map 1 -c copy -movflags faststart whole.mp4
head -c 60000 whole.mp4 >bad/early.mp4
: >bad/empty.mp4
printf '#EXTM3U\n#EXTINF:1,\n%s/good.mp4\n' "$T" >bad/list.mp4
ffmpeg -v error -i good.mp4 -vn -c copy bad/sound.mp4
mkfifo bad/fifo.mp4
ln -s ../good.mp4 bad/link.mp4
mkdir -p cache/z.mp4/x
run segprep bad cache
like "bad clips" "$rc:$out:$(said)" "1::'cut.mp4' is left out: *|'early.mp4' is left out: it is cut short: *\
|'empty.mp4' is left out: *|'list.mp4' is left out: *|'sound.mp4' is left out: there is no picture in \
it|'z.avi' is left out: mv: cannot *|'z.mp4' is left out: its place in CACHE is that of 'z.avi'|'bad': 0 \
were ready, 0 done, 7 left*"
is "no part is left" "$(find cache -name '*part*')" ""

finish
