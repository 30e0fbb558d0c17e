#!/bin/sh
# rtmppush --catch-up, as a viewer of nginx sees it: while clips wait, it comes faster by so many per cent,
# and else at the pace of the wall clock. A minute and a half.
. "$(dirname "$0")/../rtmp.sh"
need_nginx
PATH=$plain:$PATH
ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=96x64:r=25:d=5" -f lavfi -i sine=d=5 \
	-c:v libx264 -preset ultrafast -g 25 -bf 0 -pix_fmt yuv420p -c:a aac clip.mp4 || exit 99

# pace: by least squares over what came while clips waited, after the first second: the media's time against
# the wall's, in per mille above it.
pace() {
	awk -v until="$1" '$2 == "video" { if (!began) began = $1
		x = $1 - began; y = $3
		if (x < 1000 || x > until) next
		n++; sx += x; sy += y; sxx += x * x; sxy += x * y }
		END { printf "%d\n", ((n * sxy - sx * sy) / (n * sxx - sx * sx) - 1) * 1000 + 0.5 }' viewed
}

plays() { # PERCENT CLIPS
	nginx_starts
	mkfifo paths
	rtmppush --catch-up "$1" <paths >printed 2>err &
	push=$!
	mine $push
	exec 9>paths
	for n in $(seq "$2"); do echo "$T/clip.mp4"; done >&9
	[ "$2" -gt 2 ] && exec 9>&-
	sessions 1 || wait_for 20 sessions 1
	perl "$top/test/viewer.pl" "$port" live secretkey >viewed 9>&- &
	viewer=$!
	mine $viewer
	if [ "$2" -le 2 ]; then # no clip ever waits behind the next
		for n in $(seq 3 14); do
			wait_for 20 played $((n - 2))
			echo "$T/clip.mp4" >&9
		done
		exec 9>&-
	fi
	reap $push
	saw rc $?
	kill -9 $server
	reap $server 2>/dev/null
	reap $viewer
	saw sessions "$(grep -c connected err)"
	pace 55000 >pace
}
played() { [ "$(wc -l <printed)" -ge "$1" ]; }
none() { plays 0 14; }
one() { plays 1 14; }
two() { plays 2 14; }
few() { plays 2 2; }
scenarios none one two few
for scenario in none one two few; do
	check $scenario rc 0
	check $scenario sessions 1
done
note "per mille above the wall clock: without $(cat none/pace), 1 % $(cat one/pace), 2 % $(cat two/pace)," \
	"2 % without clips that wait $(cat few/pace)"
within() { [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; }
ok "without: the pace of the wall clock" within "$(cat none/pace)" -3 3
ok "1 %: faster by so much" within "$(($(cat one/pace) - $(cat none/pace)))" 6 14
ok "2 %: faster by so much" within "$(($(cat two/pace) - $(cat none/pace)))" 15 25
ok "2 %, and no clips wait: the pace of the wall clock" within "$(cat few/pace)" -3 3
finish
