#!/bin/sh
# rtmppush into nginx with its RTMP module: one connection, a recording that holds every
# packet once, and what is said when publishing is refused.
# Takes long.
. "$(dirname "$0")/../rtmp.sh"
need_nginx

http=$(free_port)
mkdir d
nginx_starts "application guarded { live on; on_publish http://127.0.0.1:$http/; }" || {
	ok "nginx starts" false
	finish
}
for n in 1 2 3 4 5 6 7 8; do
	bframes=$((n % 2 * 2))
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=64x48:r=1$n:d=1" -f lavfi -i "sine=f=${n}00:d=1" \
		-c:v libx264 -preset ultrafast -g 5 -bf $bframes -pix_fmt yuv420p -c:a aac d/$n.mp4
	touch -d "2026-01-02 10:00:0$n" d/$n.mp4
done
for n in 91 92 93; do # more packets than are read ahead
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=160x120:r=100:d=3" -f lavfi -i "sine=f=$n:d=3" \
		-c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p -c:a aac d/$n.mp4
	touch -d "2026-01-02 10:01:0${n#9}" d/$n.mp4
done
ls d/* >list
run rtmppush --lead 10000 --retries 1 <list
is "exit code and output" "$rc:$out" "0:$(cat list)"
logged() { [ -s access.log ]; }
ok "the server logs the session" wait_for 10 logged
is "one connection" "$(wc -l <access.log)" 1
is "one recording" "$(ls rec | wc -l)" 1
got=$(ls -d rec/*)
for kind in video audio; do
	for file in $(cat list); do packets $file $kind; done >expected
	packets "$got" $kind >arrived
	is "$kind: every packet, once, in order" "$(cmp expected arrived 2>&1)" ""
	ok "$kind: there are packets" [ -s expected ]
	is "$kind: time stamps grow" "$(ffprobe -v error -select_streams ${kind%"${kind#?}"} \
		-show_entries packet=dts -of csv=p=0 "$got" |
			awk -F , 'NR > 1 && $1 <= last { print } { last = $1 }')" ""
done

# Refused: the name is in use.
mkfifo in
rtmppush <in >printed 2>first.err &
first=$!
exec 9>in
mine $first
echo d/1.mp4 >&9
printed() { [ -s printed ]; }
ok "the first publisher plays" wait_for 20 printed
echo d/2.mp4 >second
run rtmppush --retries 1 <second
is "name in use: exit code and output" "$rc:$out" "69:"
like "name in use: the server's reason" "$err" \
	"*'rtmp://127.0.0.1:$port/live/[*][*][*]': *: the server says: Already publishing; giving up*"
is "name in use: no key" "$(echo "$err" | grep -c secretkey)" 0
ok "name in use: the first one goes on" kill -0 $first
exec 9>&-
reap $first
is "name in use: and ends well" $? 0

# Refused: by the server's own door-keeper, who says 403, and who is not there.
perl -MIO::Socket::INET -e '
	my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
	while (my $c = $l->accept) {
		while (<$c>) { last if /^\r?\n$/ }
		print $c "HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	}' "$http" &
keeper=$!
mine $keeper
wait_for 20 listens "$http"
for who in refuses "is not there"; do
	run env RTMP_URL="rtmp://127.0.0.1:$port/guarded/secretkey" rtmppush --retries 1 <second
	is "door-keeper $who: exit code and output" "$rc:$out" "69:"
	like "door-keeper $who: said" "$err" \
		"*'rtmp://127.0.0.1:$port/guarded/[*][*][*]': *hung up*may refuse the key; giving up*"
	is "door-keeper $who: no key" "$(echo "$err" | grep -c secretkey)" 0
	kill $keeper 2>/dev/null
	reap $keeper 2>/dev/null
done
finish
