# shellcheck shell=sh disable=SC2034,SC2154
# idle.sh: rtmp.sh for the tests of what rtmppush sends where a clip, its sound or both are missing.
. "$(dirname "$0")/../rtmp.sh"
need_nginx
mkdir live
mkfifo paths

# clip FILE SECONDS OPTION...: with noise in it, so that no two pictures are alike, in other clips neither.
seed=0
clip() {
	file=$1 seconds=$2 seed=$((seed + 1))
	shift 2
	ffmpeg -v error -nostdin -f lavfi \
		-i "testsrc2=s=96x64:r=25:d=$seconds,noise=alls=20:allf=t:all_seed=$seed" \
		-f lavfi -i "aevalsrc='0.3*sin(2*PI*500*t)':s=44100:d=$seconds" \
		-c:v libx264 -preset medium -threads 1 -pix_fmt yuv420p -c:a aac "$@" "$file" || exit 99
}

# plays OPTION...: rtmppush as $pid, which gets its paths by descriptor 9.
plays() {
	rm -f live/rtmppush
	: >printed
	rtmppush -s live "$@" <paths >printed 2>err &
	pid=$!
	mine $pid
	exec 9>paths
}

# fact KEY. filled SECONDS: so much of filler was sent. waits: no clip plays. played N: so many were.
fact() { sed -n "s/^$1: //p" live/rtmppush 2>/dev/null; }
filled() { [ "$(fact filler)" -ge "$1" ] 2>/dev/null; }
waits() { [ "$(fact state) $(fact stream) $(fact queue)" = "waiting connected 0" ]; }
played() { [ "$(wc -l <printed)" -ge "$1" ]; }

# decode FILE: it complains of what cannot be decoded, and of a picture that is not shown after the last.
decode() {
	run ffmpeg -v warning -nostdin -xerror -err_detect explode -i "$1" -fps_mode passthrough \
		-enc_time_base:v 1:1000 -f null -
}

# stamps FILE v|a: the times of the packets, in ms.
stamps() {
	ffprobe -v error -select_streams "$2" -show_entries packet=dts -of csv=p=0 "$1" | grep -o '^[0-9]*'
}

# steps FILE v|a MS: the places where stamps do not grow, or nothing new is shown or heard for more than that.
# Pictures may be sent in another order than they are shown.
steps() {
	stamps "$1" "$2" | awk 'NR > 1 && $1 <= last { print NR, last, $1 } { last = $1 }'
	ffprobe -v error -select_streams "$2" -show_entries packet=pts -of csv=p=0 "$1" | grep -o '^[0-9]*' |
		sort -n | awk -v most="$3" 'NR > 1 && $1 - last > most { print NR, last, $1 } { last = $1 }'
}
