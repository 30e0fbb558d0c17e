#!/bin/sh
# What many people run, loop.sh, beside a station, for MINUTES (10): one camera brings each clip to both,
# each has an nginx and a viewer of its own. A third in, two clips come that are cut short; two thirds in,
# both servers are gone for 5 seconds. The clips have 5 s, so that what happens between two clips happens
# often, and the loop makes no two connections in one second, as their recordings would be one.
# It prints a table in Markdown.
. "$(dirname "$0")/../rtmp.sh"
need_nginx
PATH=$plain:$PATH
clips=$(awk -v m="${MINUTES:-10}" 'BEGIN { printf "%d", m * 12 }')
[ "$clips" -ge 3 ] 2>/dev/null && [ "$clips" -le 100000 ] || {
	echo "MINUTES=$MINUTES: no time that can be played" >&2
	exit 64
}
here=$top/test/soak
conf=$T/etc/streamhub/stations

# made FOLDER SECONDS SEED: clips of 5 s, in which no two packets are alike.
made() {
	mkdir "$1"
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=320x180:r=25:d=$2,noise=alls=12:allf=t:all_seed=$3" \
		-f lavfi -i "aevalsrc='0.5*sin(2*PI*(200*$3+mod(7*t\,3000))*t)+0.05*random(0)':d=$2" -c:v libx264 \
		-preset ultrafast -threads 1 -qp 32 -g 25 -sc_threshold 0 -pix_fmt yuv420p -c:a aac -b:a 64k \
		-f segment -segment_time 5 -reset_timestamps 1 "$1/%05d.mp4" || exit 99
}
made made $((clips * 5)) 1
made spare 5 2
ffmpeg -v error -nostdin -i spare/00000.mp4 -c copy -movflags faststart spare/first.mp4 || exit 99
half=$(($(wc -c <spare/00000.mp4) / 2))
head -c $half spare/00000.mp4 >index-last.mp4
head -c $half spare/first.mp4 >index-first.mp4

# served SIDE: its server starts, where it was.
served() {
	mkdir -p "$1"
	cd "$1" || exit
	eval "port=\${port_$1-}"
	nginx_starts || exit 99
	eval "port_$1=$port server_$1=$server"
	cd ..
}
gone() { eval "kill \$server_$1; reap \$server_$1"; }
# starts SIDE COMMAND...: and a viewer. What it spends is in SIDE/spent, its messages in SIDE/err.
starts() {
	perl "$here/viewer.pl" "$RTMP_URL" >"$1/seen" 2>"$1/viewer.err" &
	eval "viewer_$1=$!"
	mine $!
	side=$1
	shift
	perl "$here/spent.pl" "$side/spent" "$@" 2>"$side/err" &
	eval "runs_$side=$!"
	mine $!
}
ends() {
	eval "kill \$runs_$1; reap \$runs_$1; kill \$viewer_$1; reap \$viewer_$1"
	gone "$1"
}

mkdir -p drop/loop "$conf"
served loop
starts loop "$here/loop.sh" "$T/drop/loop" "$RTMP_URL" 2
served hub
settings hub MIN_FILE_AGE=2 MAX_LAG=0 SCAN_INTERVAL=1 RETRY_AFTER=0
starts hub stationrun hub
perl "$here/bring.pl" 'made/*' 'index-*' drop/loop drop/hub >brought &
camera=$!
mine $camera
while [ "$(wc -l <brought)" -lt $((clips * 2 / 3 + 2)) ] && kill -0 $camera; do goes_on 1; done
goes_on 2.5
gone loop
gone hub
goes_on 5
served loop
served hub
reap $camera || exit 99
played() { [ -z "$(find drop/loop drop/hub -maxdepth 1 -name '*.mp4')" ]; }
until played || [ $(($(date +%s) - $(stat -c %Y brought))) -gt $((clips * 5 + 60)) ]; do goes_on 1; done
played || echo "# not all was played: $(ls drop/*)"
goes_on 5 # what is on its way
ends loop
ends hub

# What was made, and what was recorded, one packet a line.
for file in made/*; do packets "$file" | sed "s|^|$file |"; done >clips
packets spare/00000.mp4 | sort -u >spare.packets
for side in loop hub; do for file in $side/rec/*; do packets "$file" 2>>ledger.err; done >$side/got; done

connections() { grep -c ' publish: ' "$1/error.log"; }
for side in loop hub; do [ "$(connections $side)" -eq "$(ls $side/rec | wc -l)" ] || echo "# $side: a recording is missing"; done
back() { # how often, and how far
	awk '$2 < last { n++; if (last - $2 > most) most = last - $2 } { last = $2 }
		END { printf "%d", n; if (n) printf ", by up to %.1f s", most / 1000 }' "$1/seen"
}
# clips_with SIDE MORE|LESS: of how many clips a packet came more often, or less, than it should.
clips_with() {
	awk -v with="$2" 'FILENAME == ARGV[1] { got[$1]++; next } { made[$2]++; clip[FNR] = $1; hash[FNR] = $2 }
		END {
			for (i in hash) {
				more = got[hash[i]] - made[hash[i]]
				if (with == "LESS" ? more < 0 : more > 0) { packets++; n += !had[clip[i]]++ }
			}
			printf "%d", n; if (n) printf ", with %d of its packets", packets
		}' "$1/got" clips
}
lost() { clips_with "$1" LESS; }
doubled() { clips_with "$1" MORE; }
# stalls SIDE: how often and for how long a viewer stands still who has begun a second behind; where
# time stamps begin anew the next picture is due at once, and where they leap it stands still, too.
stalls() {
	awk 'NR == 1 { due = $1 + 1; last = $2 }
		{
			step = ($2 < last ? 40 : $2 - last) / 1000
			late = $1 - due - step
			stood = (late > 0 ? late : 0) + (step > .2 ? step : 0)
			if (stood > .05) { n++; all += stood }
			due += step + (late > 0 ? late : 0)
			last = $2
		}
		END { printf "%d, %.1f s in all", n, all }' "$1/seen"
}
longest() { awk 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 } END { printf "%.1f s", most }' "$1/seen"; }
behind() { tail -qn 1 brought "$1/seen" | awk '{ at[NR] = $1 } END { printf "%.1f s", at[2] - at[1] }'; }
processor() { awk '{ printf "%.1f s", $1 }' "$1/spent"; }
memory() { awk '{ printf "%.1f MB, private %.1f MB", $2 / 1024, $3 / 1024 }' "$1/spent"; }
# left SIDE INDEX: what is there of the clip that was cut short.
left() {
	set -- "$(find "$T/drop/$1" -name "index-$2.mp4*" -printf '%P\n' | sort | paste -sd ' ')"
	echo "${1:-nothing}"
}
index_last() { left "$1" last; }
index_first() { left "$1" first; }
of_them() { sort -u "$1/got" | comm -12 - spare.packets | wc -l; }

row() { echo "| $1 | $($2 loop) | $($2 hub) |"; }
cat <<X
| $clips clips of 5 s | loop | streamhub |
|---|---|---|
X
row "connections" connections
row "time stamps that go back, for a viewer" back
row "clips that lost something" lost
row "clips of which something came twice" doubled
row "a viewer with a second of buffer stands still" stalls
row "longest time without a picture: the servers were gone for 5 s" longest
row "behind the camera at the end" behind
row "processor time" processor
row "most memory (PSS)" memory
row "left of a clip that was cut short, index at its end" index_last
row "left of one with the index at its start" index_first
row "packets of the two that were sent" of_them
echo
echo "$(date +%F); $(ffmpeg -version | head -n 1 | cut -d ' ' -f 1,3), $(/usr/sbin/nginx -v 2>&1 | cut -d ' ' -f 3), Linux $(uname -r | cut -d - -f 1)," \
	"$(nproc) of $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), load $(cut -d ' ' -f 1-3 /proc/loadavg)"
[ -z "${KEEP-}" ] || cp -rp "$T" "$KEEP"
