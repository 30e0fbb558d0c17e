# shellcheck shell=sh disable=SC2034,SC2154
# sink.sh: rtmp.sh for the tests of rtmppush into rtmpsink: clips, the sink at $port, and a push of some.
. "$(dirname "$0")/../rtmp.sh"
port=$(free_port)
url=rtmp://127.0.0.1:$port/live/secretkey
export RTMP_URL="$url"

# make_clip FILE SECONDS [OPTION...]: 10 pictures a second, no two packets the same.
make_clip() {
	made=$((${made:-0} + 1)) file=$1 seconds=$2
	shift 2
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=64x48:r=10:d=$seconds,hue=h=$made*9" \
		-f lavfi -i "sine=f=$((made * 50 + 100)):d=$seconds" \
		-c:v libx264 -preset ultrafast -g 5 -pix_fmt yuv420p -c:a aac "$@" "$file"
}

# clips N...: d/N.mp4, of one second each and a second apart.
clips() {
	mkdir -p d
	for n; do
		make_clip d/$n.mp4 1
		touch -d "2026-01-02 10:00:0$n" d/$n.mp4
	done
}

# sink [OPTION...]: in the background, its process id in $sink, its output in sink.out and sink.err.
sink() {
	rtmpsink "$@" "$url" >sink.out 2>sink.err &
	sink=$!
	mine $sink
	wait_for 20 listens "$port"
}

# push CLIPS [OPTION...]: plays these.
push() {
	printf '%s\n' "$1" | tr ' ' '\n' >in.list
	shift
	run rtmppush --lead 10000 --retries 3 "$@" <in.list
}

# begun: the clip is on the air, by the fact in the folder s.
begun() {
	[ -s s/rtmppush ] && [ "$(value s/rtmppush state)" = playing ] && [ \
		"$(value s/rtmppush position)" -gt 0 ]
}
