#!/bin/sh
# rtmppush and its memory, where the key is: nobody else looks into it, it has a bound, and no core is made,
# whatever is allowed outside.
. "$(dirname "$0")/../rtmp.sh"
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=64x48:r=25:d=5 -c:v libx264 -preset ultrafast -threads 1 \
	-pix_fmt yuv420p clip.mp4
echo "$T/clip.mp4" >list
if [ "$(id -u)" -eq 0 ]; then
	sink_port=$(free_port)
	rtmpsink -1 "rtmp://127.0.0.1:$sink_port/live/secretkey" >sink.out 2>sink.err &
	sink=$!
	mine $sink
	wait_for 20 listens "$sink_port"
	mkdir core.d
	chmod 777 core.d
	chmod 755 "$T"
	cp "$plain/rtmppush" core.d
	(
		cd core.d || exit
		# shellcheck disable=SC3045 # dash has it, too
		ulimit -c "$(ulimit -H -c)"
		RTMP_URL=rtmp://127.0.0.1:$sink_port/live/secretkey \
			exec setpriv --reuid 65534 --clear-groups ./rtmppush --retries 1 <"$T/list" >out 2>err
	) &
	push=$!
	mine $push
	ok "it plays" wait_for 20 grep -q connected core.d/err
	is "it runs as another user" "$(awk '/^Uid:/ { print $2 }' /proc/$push/status)" 65534
	peeks() {
		setpriv --reuid 65534 --clear-groups --bounding-set -all perl -e \
			'open(my $f, "<", $ARGV[0]) and read($f, my $b, 1) and print "read"; print $!' \
			"/proc/$push/$1"
	}
	for file in environ mem maps; do
		is "the same user cannot read its $file" "$(peeks $file)" "Permission denied"
	done
	is "no key in its command line and environment" \
		"$(cat /proc/$push/cmdline /proc/$push/environ | tr '\0' '\n' | grep -c secretkey)" 0
	is "it lets no core be made" "$(grep -c '^Max core file size *0 *0 ' /proc/$push/limits)" 1
	is "its memory is bounded" \
		"$(grep -c '^Max address space *1073741824 *1073741824 ' /proc/$push/limits)" 1
	prlimit --core=unlimited --pid $push 2>/dev/null ||
		note "SIGABRT with the limit of 0 only: it cannot be raised here"
	kill -ABRT $push
	reap $push
	code=$?
	is "ended by SIGABRT" $code 134
	cores="core.d / /var/lib/systemd/coredump /var/crash"
	is "no core" "$(find $cores -maxdepth 1 -name '*core*' -type f -newer list 2>/dev/null)" ""
	is "no key in what it has left" "$(grep -rla secretkey core.d)" ""
	kill $sink 2>/dev/null
	reap $sink
else
	skip "no core, and no look into its memory" "needs another user"
fi
finish
