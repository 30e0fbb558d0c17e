#!/bin/sh
# A station with a list beside one with a camera, in a booted systemd: the list is edited while it plays, each
# tool is killed, and after a second boot both go on.
. "$(dirname "$0")/../nspawn.sh"
count=30
need_nspawn

make -s -C "$top" BUILD=build DESTDIR="$root" PREFIX=/usr/local install
nginx_starts
make_clips a $count 0
make_clips l 4 90
mkdir -p "$root/srv/cam/a" "$root/srv/lib" "$root/etc/streamhub/stations"
cp made/l0* "$root/srv/lib"
ls made/l0[012]* | sed 's|.*/||' >"$root/srv/lib/list.m3u"
printf '%s\n' WATCH_DIR=/srv/cam/a MIN_FILE_AGE=0 HOLD_NEWEST=never MAX_LAG=0 "RTMP_URL=rtmp://127.0.0.1:$port/live/a" \
	>"$root/etc/streamhub/stations/a.conf"
printf '%s\n' PLAYLIST=/srv/lib/list.m3u TZ=Europe/Madrid "RTMP_URL=rtmp://127.0.0.1:$port/live/l" >"$root/etc/streamhub/stations/l.conf"
chmod 600 "$root"/etc/streamhub/stations/*.conf

ok "it boots" boot
inside systemd-sysusers 2>/dev/null
inside systemd-tmpfiles --create 2>/dev/null
inside chown -R streamhub: /srv/cam
inside systemctl enable --now streamhubfs.service 2>/dev/null
run inside stationctl install a l
is "install" "$rc" 0
run inside stationctl start a l
is "start" "$rc" 0
[ "$rc" -eq 0 ] || explain l
upload a
beats() { [ "$(inside sed -n 's/^count: //p' /run/streamhub.d/l/heartbeat)" -ge "$1" ] 2>/dev/null; }
plays() { wait_for 60 beats "$1" || ! explain l; }
ok "the list plays" plays 2
is "what runs" "$(inside systemctl list-units --plain --no-legend --state=running '*@l.service' | sed 's/ .*//' | tr '\n' ' ')" \
	"hbwrite@l.service playlist@l.service rtmppush@l.service segcheck@l.service "
is "it has a cursor, a place and no quarantine" "$(inside sh -c 'cd /var/lib/streamhub/l; find list player /srv/lib/_failed -type f 2>/dev/null' | sort | tr '\n' ' ')" \
	"list/place player/cursor player/still.flv "
# Root writes the list in its place, slowly: nobody else has a lease on it, but playlist may ask for one.
inside sh -c 'exec >>/srv/lib/list.m3u; printf l03; sleep 3; echo .mp4'
now_is() { [ "$(view l now)" = "$1" ]; }
ok "an entry of root's is on the air" wait_for 40 now_is /srv/lib/l03.mp4
is "and half of it never was" "$(inside journalctl -q -u playlist@l | grep -c 'left out')" 0
for tool in playlist segcheck rtmppush hbwrite; do
	inside sh -c 'rm -f /run/streamhub.d/l/backoff.*'
	old=$(main_pid playlist l)
	inside systemctl kill -s KILL --kill-who=main $tool@l
	is_new() { connected l && [ "$(main_pid playlist l)" != "$old" ] && [ "$(main_pid playlist l)" != 0 ]; }
	ok "$tool is killed: all are new, and on the air" wait_for 60 is_new
done
is "the camera's plays on" "$(view a state):$(inside systemctl is-active camwatch@a)" playing:active
halt
ok "it boots again" boot
ok "the list is on the air again" wait_for 60 connected l
ok "and the camera's" wait_for 60 connected a
ok "all of the camera's is played" wait_for 120 none_left a
is "the library is as it was" "$(cd "$root/srv/lib" && cksum ./*.mp4)" "$(cd made && cksum ./l0*)"
inside stationctl stop a l 2>/dev/null
run inside stationctl uninstall a l
is "uninstall" "$rc:$(find "$root/etc/systemd/system" -name '*@*')" 0:
halt
nginx_ends
books a $count
finish
