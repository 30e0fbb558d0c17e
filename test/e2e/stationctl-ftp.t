#!/bin/sh
# Two stations as they are used: cameras upload through vsftpd, nginx records. Each tool is killed
# in turn, then the supervisors; one station is stopped by hand meanwhile. By its ledger each
# recording holds every packet of every clip.
# Takes long.
. "$(dirname "$0")/../rtmp.sh"
need_nginx
need_vsftpd
conf=$T/etc/streamhub/stations
count=14
mkdir -p "$conf" made rec
vsftpd_starts ftp a b
vsftpd=$server
nginx_starts
cleanup_hook="kill $vsftpd; stationctl stop-all --pause 0 2>/dev/null; $cleanup_hook"

# Clips of 2 s; no two packets of one station are the same.
for id in a b; do
	ffmpeg -v error -nostdin -f lavfi -i \
		"testsrc2=s=160x120:r=25:d=$((2 * count)),hue=h=$([ $id = a ] && echo 0 || echo 90)" \
		-f lavfi -i "aevalsrc='0.5*sin(2*PI*(200+40*t)*t)+0.05*random(0)':d=$((2 * count))" \
		-c:v libx264 \
		-preset ultrafast -qp 40 -g 25 -sc_threshold 0 -pix_fmt yuv420p -c:a aac -b:a 48k \
		-f segment -segment_time 2 -reset_timestamps 1 "made/$id%02d.mp4"
	printf '%s\n' "WATCH_DIR=$T/ftp/$id" "RTMP_URL=rtmp://127.0.0.1:$port/live/$id" MIN_FILE_AGE=0 \
		HOLD_NEWEST=never >"$conf/$id.conf"
	chmod 600 "$conf/$id.conf"
done

fact() { value "run/streamhub.d/$1/$2" "$3" 2>/dev/null; }
restarted() {
	[ "$(fact "$1" stationrun restarts)" = "$2" ] && [ "$(fact "$1" stationrun state)" = running ]
}
connected() { [ "$(fact "$1" rtmppush stream)" = connected ]; }
none_runs() { ! pgrep -f "$T/run/streamhub\.d/$1( |/|\$)" >/dev/null; }
tools_of() { pgrep -f "$T/run/streamhub\.d/$1( |/|\$)" | wc -l; }

# camera ID: uploads them, a little faster than they play.
camera() {
	for clip in made/"$1"*; do
		curl -s -T "$clip" "$ftp_url/$1/" || echo "camera $1: curl failed" >>camera.err
		goes_on 1.6
	done
}
# tools_die ID TOOL...: each is killed when its station is connected, and all come back.
tools_die() {
	dies=$1 times=0
	shift
	for tool; do
		times=$((times + 1))
		wait_for 30 connected "$dies" || echo "$dies: not connected before $tool"
		case $tool in
		hbwrite) kill -9 "$(pgrep -f "^hbwrite $T/run/streamhub.d/$dies/heartbeat\$")" ;;
		*) kill -9 "$(fact "$dies" "$tool" pid)" ;;
		esac
		wait_for 30 restarted "$dies" $times || echo "$dies: not back after $tool"
	done >>"deaths.$dies" 2>&1
}

stationctl start a b 2>start.err
is "both start" "$?:$(grep -c runs, start.err)" 0:2
for id in a b; do
	camera $id &
	mine $!
	eval "camera_$id=$!"
done
tools_die a camwatch rtmppush &
deaths=$!
mine $deaths
tools_die b segcheck hbwrite
reap $deaths
is "each tool was killed, and all came back" "$(cat deaths.a deaths.b)" ""
for tool in camwatch rtmppush segcheck hbwrite; do
	is "why is in the log: $tool" \
		"$(cat var/lib/streamhub/?/log |
			grep -c "'[ab]': $tool was ended by signal 9; all again in")" 1
done

# The supervisors: their tools end with them, and are there once when they are back.
wait_for 30 connected a
for id in a b; do
	kill -9 "$(fact $id stationrun pid)"
	ok "$id: without its supervisor all ends" wait_for 20 none_runs $id
done
new_second
stationctl start a 2>start.err
ok "a: one of each again" wait_for 20 [ "$(tools_of a)" -ge 3 ]
stationctl stop b 2>stop.err
like "b: stopped by hand" "$(cat stop.err)" "*station 'b': was not stopped in order*"
waiting=$(find ftp/b -name '*.mp4' | wc -l)
wait_for 30 connected a
is "b: stays so" "$(cat var/lib/streamhub/b/desired):$(tools_of b)" down:0
run stationctl status
like "one is wanted, one is not" "$rc:$out" "0:*(a) running pid*(b) not running*not desired up*"
# shellcheck disable=SC2154 # by eval
{ reap "$camera_a"; reap "$camera_b"; }
is "the cameras had no error" "$(cat camera.err 2>/dev/null)" ""
ok "b: nothing of it was touched, and more has come" [ "$(find ftp/b -name '*.mp4' | wc -l)" -ge "$waiting" ]
stationctl start b 2>/dev/null
all_played() { [ -z "$(find "ftp/$1" -name '*.mp4')" ]; }
for id in a b; do
	ok "$id: all is played in the end" wait_for 90 all_played $id
	is "$id: nothing was put away" "$(ls ftp/$id/_failed 2>/dev/null)" ""
done
stationctl stop-all --pause 0 2>/dev/null
nginx_ends
for id in a b; do
	mkdir -p book-$id/rec
	mv rec/$id-* book-$id/rec
	ls "$T"/made/$id* >book-$id/list
	(cd book-$id && ledger 6000) | sed 's/^#/# note:/'
	whole book-$id $((50 * count))
	ok "$id: nothing runs" none_runs $id
done
finish
