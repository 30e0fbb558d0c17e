#!/bin/sh
# Two live sources in a booted systemd: one station records and relays, the other only records. Each tool
# is killed; one station is stopped by hand, and stays so over a reboot.
. "$(dirname "$0")/../nspawn.sh"
need_nspawn

make -s -C "$top" BUILD=build DESTDIR="$root" PREFIX=/usr/local install
nginx_starts
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=160x120:r=25:d=10 -f lavfi -i sine=d=10 -c:v libx264 -preset ultrafast \
	-g 25 -pix_fmt yuv420p -c:a aac source.flv
ffmpeg -v error -nostdin -re -stream_loop -1 -i source.flv -c copy -f flv "rtmp://127.0.0.1:$port/live/source" 2>sender.err &
mine $!
mkdir -p "$root/srv/rec/r" "$root/srv/rec/s" "$root/etc/streamhub/stations"
for id in r s; do
	printf '%s\n' "WATCH_DIR=/srv/rec/$id" "SOURCE_URL=rtmp://127.0.0.1:$port/live/source" SEGMENT_TIME=2 KEEP_BYTES=4000000 \
		>"$root/etc/streamhub/stations/$id.conf"
done
echo "RTMP_URL=rtmp://127.0.0.1:$port/live/relayed" >>"$root/etc/streamhub/stations/r.conf"
chmod 600 "$root"/etc/streamhub/stations/*.conf
clips() { find "$root/srv/rec/$1" -name '*Z.mp4' | sort; }
newest() { clips "$1" | tail -n 1; }
records() { [ "$(newest "$1")" != "${last-}" ]; }
relays() { [ "$(view r state)" = playing ]; }

ok "it boots" boot
inside systemd-sysusers 2>/dev/null
inside systemd-tmpfiles --create 2>/dev/null
inside chown -R streamhub: /srv/rec
inside systemctl enable --now streamhubfs.service 2>/dev/null
run inside stationctl install r s
is "install" "$rc" 0
run inside stationctl start r s
is "start" "$rc" 0
[ "$rc" -eq 0 ] || explain r
for id in r s; do
	ok "$id: records" wait_for 60 records $id
done
plays() { wait_for 60 relays || ! explain r; }
ok "r: relays" plays
is "s: its state" "$(view s state):$(view s source):$(view s stream)" recording:connected:disconnected
is "s: what runs" "$(inside systemctl list-units --plain --no-legend --state=running '*@s.service' | sed 's/ .*//' | tr '\n' ' ')" \
	"hbwrite@s.service segcut@s.service "
is "the address is in no journal and no argv" "$(inside journalctl -q | grep -c live/source):$(inside ps ax | grep -c '[l]ive/source')" 0:0

for of in segcut@r segcheck@r rtmppush@r hbwrite@r segcut@s hbwrite@s; do
	id=${of#*@} last=$(newest "${of#*@}")
	inside sh -c "rm -f /run/streamhub.d/$id/backoff.*"
	inside systemctl kill -s KILL --kill-who=main "$of"
	ok "$of is killed: it goes on recording" wait_for 60 records "$id"
	[ $id = s ] || ok "$of is killed: it goes on relaying" wait_for 60 relays
done
ok "only what is under way is a part" [ "$(find "$root/srv/rec" -name '.*.part' | wc -l)" -le 2 ]
whole() { clips r | head -n -1 | while read -r clip; do ffprobe -v error -i "$clip" 2>&1; done; }
is "each clip is whole" "$(whole)" ""
shows() { inside stationctl status s | grep -q '^✓ s (s) running pid .* · recording · heartbeat '; }
ok "stationctl status" wait_for 20 shows
run inside stationctl stop s
is "s: stopped" "$rc:$(find "$root/srv/rec/s" -name '.*.part' | wc -l)" 0:0
# What streamhub(7) says to people who come from scripts, row by row.
sed -n '/^\.Ss From scripts/,/^\.El/s/^\.Dl \$ //p' "$top/man/streamhub.7" | sed 's/\<ID\>/s/' >typed
ok "rows: $(wc -l <typed)" [ "$(wc -l <typed)" -gt 15 ]
while read -r typed; do
	# shellcheck disable=SC2086 # words
	run inside $typed
	case $typed in
	*status | stalecheck*) ok "$typed: $rc" [ "$rc" -le 1 ] ;;
	*) is "$typed" "$rc" 0 ;;
	esac
done <typed
inside rm /etc/streamhub/stations/7.conf
halt
last=$(newest r) stopped=$(newest s)
ok "it boots again" boot
ok "r: records again" wait_for 60 records r
ok "r: relays again" wait_for 60 relays
is "s: stays down" "$(inside systemctl is-active segcut@s hbwrite@s | sort -u):$(newest s)" "inactive:$stopped"
ok "r: keeps within its bytes" [ "$(clips r | xargs stat -c %s | awk '{ n += $1 } END { print n }')" -le 4500000 ]
halt
nginx_ends
finish
