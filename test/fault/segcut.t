#!/bin/sh
# segcut: no clip under a visible name is half or has a picture twice; the next run mends what was under way, and
# the catalogue has each clip.
. "$(dirname "$0")/every.sh"
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=64x48:r=25:d=3,noise=alls=20:allf=t -c:v libx264 -preset ultrafast \
	-g 25 -bf 0 -pix_fmt yuv420p src.ts || exit 99
port=$(free_port)
export SOURCE_URL=http://127.0.0.1:$port/live
prepare() {
	rm -rf clips live
	mkdir clips live
}
act() {
	perl "$top/test/serve.pl" "$port" .3 src.ts 2>/dev/null &
	server=$!
	wait_for 20 listens "$port"
	"$@" "$plain/segcut" -d 1 -s live --retries 1 clips
	set -- $?
	kill $server 2>/dev/null
	wait $server
	return "$1"
}
visible() { find clips -name '*.mp4' | sort; }
amiss() {
	visible >before
	segcheck <before 2>/dev/null | cmp -s - before || echo "a bad clip; "
	[ -s out ] && lines_of out | sort | comm -23 - before | sed 's/^/printed and not there: /'
	segcut -s live --retries 1 clips >out2 2>err2
	[ $? -eq 69 ] || echo "again: $(tail -n 1 err2); "
	visible >after
	segcheck <after 2>/dev/null | cmp -s - after || echo "a bad clip afterwards; "
	find clips -name '*.part' | sed 's/^/left: /'
	cut -f 9 clips/catalogue.tsv 2>/dev/null | sed 's,^,clips/,' | cmp -s - after || echo "the catalogue; "
	while read -r clip; do shown "$clip"; done <after | sort | uniq -d | sed 's/^/twice: /'
	tmp clips live
}
shown() { ffmpeg -v error -nostdin -i "$1" -map 0:v -f framemd5 - | awk '!/^#/ { print $NF }'; }
# It ends by itself when the source has failed twice.
peace=69 written=$(stat -c %s src.ts)
every "segcut" 12
finish
