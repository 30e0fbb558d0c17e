#!/bin/sh
# segcut at real servers, all at once, for LIVE (300) seconds: RTMP from nginx, sent by ffmpeg and by rtmppush,
# RTMP and FLV over HTTP from node-media-server, RTSP from GStreamer's server, HLS from nginx, MPEG-TS over HTTP
# and SRT, sound from Icecast. Each picture, or packet of sound, that was sent
# from the first one recorded to the last one is in one clip, once, in order. A row per source.
. "$(dirname "$0")/../segcut.sh"
need_nginx
PATH=$plain:$PATH
live=${LIVE:-300}
# Longer than it is recorded: one server plays it again to who comes back.
source_file src.mp4 $((live + 120)) -c:a aac -bf 0
ffmpeg -v error -nostdin -i src.mp4 -vn -c:a libmp3lame -b:a 64k -write_xing 0 -id3v2_version 0 src.mp3
ffmpeg -v error -nostdin -i src.mp4 -c copy -f mpegts src.ts

# takes NAME URL [OPTION...]: segcut records it in the folder NAME.
takes() {
	mkdir "$1"
	name=$1 url=$2
	shift 2
	SOURCE_URL=$url segcut -d 20 "$@" "$name" >"$name.printed" 2>"$name.err" &
	echo $! >"$name.segcut"
	mine $!
}
feeds() { # NAME COMMAND...: what sends
	feed=$1
	shift
	"$@" >"$feed.feed" 2>&1 &
	mine $!
}
record=off nginx_starts
feeds rtmp ffmpeg -v error -nostdin -re -i src.mp4 -c copy -f flv "$RTMP_URL"
takes rtmp "$RTMP_URL"
pushes() { echo src.mp4 | RTMP_URL=${RTMP_URL%/*}/pushed rtmppush --max-clip 0; }
feeds pushed pushes
takes pushed "${RTMP_URL%/*}/pushed"

nginx=$server at=$port port=$(free_port) web=$(free_port)
mkdir pages
if media_server_starts 4 "$web" "$T/pages"; then
	feeds nms ffmpeg -v error -nostdin -re -i src.mp4 -c copy -f flv "rtmp://127.0.0.1:$port/live/nms"
	takes nms-rtmp "rtmp://127.0.0.1:$port/live/nms"
	takes nms-flv "http://127.0.0.1:$web/live/nms.flv"
else
	skip "node-media-server" "it cannot be had, see above"
fi
server=$nginx port=$at

web_starts
feeds hls ffmpeg -v error -nostdin -re -i src.mp4 -c copy -f hls -hls_time 4 -hls_list_size 6 \
	-hls_flags delete_segments+temp_file www/live.m3u8
has_list() { [ -e www/live.m3u8 ]; }
wait_for 30 has_list
takes hls "http://127.0.0.1:$http/live.m3u8"

sends $((live + 120)) src.ts
takes http-ts "$SOURCE_URL"
serves srt src.ts mpegts
takes srt "$SOURCE_URL"

if /usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null; then
	rtsp=$(free_port)
	cat >rtsp.py <<X
import gi
gi.require_version('Gst', '1.0')
gi.require_version('GstRtspServer', '1.0')
from gi.repository import Gst, GstRtspServer, GLib
Gst.init(None)
server = GstRtspServer.RTSPServer.new()
server.set_address('127.0.0.1')
server.set_service('$rtsp')
factory = GstRtspServer.RTSPMediaFactory.new()
factory.set_launch('( filesrc location=$T/src.mp4 ! qtdemux name=d '
    'd.video_0 ! queue ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=1 '
    'd.audio_0 ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97 )')
server.get_mount_points().add_factory('/live', factory)
server.attach(None)
GLib.MainLoop().run()
X
	feeds rtsp /usr/bin/python3 rtsp.py
	wait_for 20 listens $rtsp
	takes rtsp "rtsp://127.0.0.1:$rtsp/live"
else
	skip "RTSP" "no GStreamer with its RTSP server"
fi
if command -v icecast2 >/dev/null; then
	icecast=$(free_port)
	cat >icecast.xml <<X
<icecast><limits><sources>2</sources></limits>
<authentication><source-password>source</source-password></authentication><hostname>localhost</hostname>
<listen-socket><port>$icecast</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><basedir>$T</basedir><logdir>$T/icelog</logdir><webroot>$T</webroot><adminroot>$T</adminroot></paths>
<security><chroot>0</chroot><changeowner><user>nobody</user><group>nogroup</group></changeowner></security></icecast>
X
	chmod 777 .
	mkdir -m 777 icelog # it runs as nobody
	feeds icecast icecast2 -c icecast.xml
	wait_for 20 listens $icecast
	feeds radio ffmpeg -v error -nostdin -re -i src.mp3 -c copy -f mp3 -content_type audio/mpeg \
		"icecast://source:source@127.0.0.1:$icecast/live"
	mounted() { curl -s -o /dev/null -m 1 -w '%{http_code}' "http://127.0.0.1:$icecast/live" | grep -q 200; }
	wait_for 20 mounted || show "$(cat radio.feed icecast.feed)"
	takes icecast "http://127.0.0.1:$icecast/live"
else
	skip "Icecast" "no icecast2"
fi

goes_on $((live + 10)) $$
for pid in *.segcut; do
	kill "$(cat "$pid")"
	reap "$(cat "$pid")"
	is "${pid%.segcut}: ends" $? 0
done
# hashes FILE KIND: of pictures as they are decoded, or of packets of sound.
hashes() {
	if [ "$2" = v ]; then
		set -- "$1" v -vsync passthrough -f framemd5
	else
		set -- "$1" a -c copy -f framemd5
	fi
	file=$1 kind=$2
	shift 2
	ffmpeg -v error -nostdin -i "$file" -map "0:$kind" "$@" - | grep -v '^#' | awk '{ print $NF }'
}
hashes src.mp4 v >sent.v
hashes src.mp3 a >sent.a
echo "# head: source     clips sent recorded missing twice strange back"
for pid in *.segcut; do
	name=${pid%.segcut} kind=v
	[ "$name" != icecast ] || kind=a
	while read -r clip; do hashes "$clip" $kind; done <"$name.printed" >"$name.got"
	awk -v name="$name" -v clips="$(grep -c . "$name.printed")" '
		NR == FNR { at[$0] = ++sent; next }
		!($0 in at) { strange++; next }
		{ if (!n++) first = at[$0]
		  if (seen[at[$0]]++) twice++; else if (at[$0] < last) back++
		  if (at[$0] > last) last = at[$0] }
		END { for (i = first; i <= last; i++) missing += !seen[i]
		  printf "# row: %-10s %5d %4d %8d %7d %5d %7d %4d\n", name, clips, sent, n, missing, twice, strange, back
		  exit missing + twice + strange + back > 0 || n < 0.6 * sent }' sent.$kind "$name.got" || {
		show "$(cat "$name.err")"
		ok "$name: each is in one clip" false
		continue
	}
	ok "$name: each is in one clip" true
done
nginx_ends
finish
