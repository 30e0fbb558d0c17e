#!/bin/sh
# stationctl with many stations and with bad ones: 200 on one machine with a server that keeps
# nothing, started, looked at, stopped; and one whose server refuses for ten minutes, one with
# broken settings, one without its folder, beside one that is well.
. "$(dirname "$0")/../stations.sh"
need_nginx

many() {
	export STREAMHUB_ROOT="$PWD"
	record=off
	nginx_starts
	for n in $(seq 200); do
		station "$n"
		cp "$good" "drop/$n/1.mp4"
	done
	before=$(zombies)
	began=$(now)
	stationctl start-all --pause 0 >out 2>err
	saw start-all "$?:$(grep -c ' runs, pid ' err)"
	note "many: 200 started in $(($(now) - began)) ms"
	wait_for 120 all_quiet
	saw played "$(find drop -name '*.mp4' | wc -l)"
	pids=$(processes)
	for name in stationrun camwatch segcheck rtmppush hbwrite; do
		saw "$name" "$(for pid in $pids; do readlink "/proc/$pid/exe"; done | grep -c "/$name\$")"
	done
	# shellcheck disable=SC2086 # words
	first=$(ticks $pids) since=$(now)
	goes_on 20
	# shellcheck disable=SC2086 # words
	used=$(($(ticks $pids) - first))
	# shellcheck disable=SC2086 # words
	memory=$(for pid in $pids; do cat "/proc/$pid/smaps_rollup"; done 2>/dev/null | awk '/^Pss:/ { n += $2 } END { print int(n / 1024) }')
	note "many: $(echo "$pids" | wc -l) processes, $memory MiB, $((used * 1000 / $(getconf CLK_TCK) * 1000 / ($(now) - since))) ms of CPU a second while idle"
	began=$(now)
	stationctl status >out 2>err
	saw status "$?:$(grep -c 'running pid' out)"
	note "many: status of all in $(($(now) - began)) ms"
	began=$(now)
	stationctl stop-all --pause 0 >out 2>err
	saw stop-all "$?:$(grep -c ': stopped' err)"
	note "many: 200 stopped in $(($(now) - began)) ms"
	saw left "$(processes | wc -l)"
	saw zombies $(($(zombies) - before))
	nginx_ends
}
all_quiet() { [ -z "$(find drop -name '*.mp4')" ]; }

# For ten minutes: a server that does not listen, one that refuses to be published to.
flapping() {
	export STREAMHUB_ROOT="$PWD"
	nginx_starts 'application closed { live on; deny publish all; }'
	station well
	station refused "RTMP_URL=rtmp://127.0.0.1:$port/closed/refused"
	station gone "RTMP_URL=rtmp://127.0.0.1:$(free_port)/live/gone"
	station folder
	station settings
	for id in well refused gone; do
		cp "$good" drop/$id/1.mp4
	done
	stationctl start-all --pause 0 >out 2>err
	saw start-all $?
	rm -r drop/folder
	echo MAX_LAG=x >>etc/streamhub/stations/settings.conf
	for id in folder settings; do # what runs has read them before
		wait_for 10 [ -s run/streamhub.d/$id/camwatch ]
		kill -9 "$(value run/streamhub.d/$id/camwatch pid)"
	done
	if can_mount; then
		mkdir -p run/streamhub
		streamhubfs 2>view.err &
		view=$!
		mine $view
	fi
	pid=$(fact well pid)
	for n in $(seq 60); do
		cp "$good" drop/well/$((n + 1)).mp4
		goes_on 10
	done
	saw well "$(stationctl status well | sed 's/ pid [0-9]*//; s/[0-9]* s ago/now/; s/ playing / waiting /')"
	saw well-restarts "$(fact well restarts):$([ "$(fact well pid)" = "$pid" ] && echo same)"
	saw well-left "$(find drop/well -name '*.mp4' | wc -l)"
	stationctl status >out 2>/dev/null
	saw status $?
	for id in refused gone folder settings; do
		saw status-$id "$(grep "($id)" out | sed 's/.* · //')"
		[ ! -e run/streamhub/version ] || saw view-$id "$(value run/streamhub/stations/$id/status error)"
		size=$(cat var/lib/streamhub/$id/log* | wc -c)
		note "flapping: $id: $size bytes of log, $(fact $id restarts) restarts"
		saw log-$id "$([ "$size" -lt 20000 ] && echo small || echo "$size bytes")"
	done
	saw clips "$(find drop/refused drop/gone -name "*.mp4" | wc -l)"
	# And when it is mended, it goes on by itself.
	mkdir drop/folder
	cp "$good" drop/folder
	sed -i '$d' etc/streamhub/stations/settings.conf
	cp "$good" drop/settings
	wait_for 90 mended
	saw mended "$(find drop/folder drop/settings -name '*.mp4' | wc -l)"
	stationctl stop-all --pause 0 >out 2>err
	saw stop-all $?
	saw left "$(processes | wc -l)"
	[ -z "${view-}" ] || { kill $view && reap $view; }
	nginx_ends
}
mended() { [ -z "$(find drop/folder drop/settings -name '*.mp4')" ]; }

scenarios many flapping
check many start-all 0:200
check many played 0
for name in stationrun camwatch rtmppush hbwrite; do
	check many $name 200
done
like "many: segcheck, with a worker or without" "$(sed -n 's/^segcheck //p' many/seen)" "[234]??"
check many status 0:200
check many stop-all 0:200
check many left 0
check many zombies 0
check flapping start-all 0
like "flapping: the one that is well" "$(sed -n 's/^well //p' flapping/seen)" "✓ well (well) running · waiting · heartbeat now"
check flapping well-restarts 0:same
check flapping well-left 0
check flapping status 1
check flapping clips 2
for id in refused gone folder settings; do
	case $id in
	refused) why='heartbeat too old: *' ;;
	gone) why='heartbeat too old: *Connection refused*' ;;
	folder) why="WATCH_DIR '*/drop/folder': No such file or directory" ;;
	settings) why="settings: line 5: MAX_LAG: expected seconds*" ;;
	esac
	told=$(sed -n "s/^status-$id //p" flapping/seen)
	like "flapping: the reason in status: $id" "$told" "$why"
	if can_mount; then
		is "flapping: the same in the view: $id" "$(sed -n "s/^view-$id //p" flapping/seen)" "$told"
	else
		skip "flapping: the same in the view: $id" "$no_view"
	fi
	show "$id: $told"
	check flapping log-$id small
done
check flapping mended 0
check flapping stop-all 0
check flapping left 0
finish
