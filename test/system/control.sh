#!/bin/sh
# A server's events make stations run, in a booted systemd: services of their own hear them and write what is
# desired; a lost network, a person, kills and a second boot. LOST: how long the network is lost, in seconds.
. "$(dirname "$0")/../nspawn.sh"
need_nspawn

make -s -C "$top" BUILD=build DESTDIR="$root" PREFIX=/usr/local install
mkdir -p "$root/etc/streamhub/stations"
rtmp=$(free_port)
events=$(free_port)
for id in a b c; do
	mkdir -p "$root/srv/cam/$id"
	printf '%s\n' "WATCH_DIR=/srv/cam/$id" "RTMP_URL=rtmp://127.0.0.1:$rtmp/live/$id" >"$root/etc/streamhub/stations/$id.conf"
done
printf '%s\n' "SSE_ENDPOINT=http://127.0.0.1:$events/events" SSE_RETRY_DELAY=1 HEALTH_CHECK_INTERVAL=2 SSE_TOKEN=s3cret \
	ALLOW_NEW=/etc/streamhub/new.conf >"$root/etc/streamhub/control.conf"
printf '%s\n' WATCH_DIR=/srv/cam/@ID@ RTMP_URL=@URL@ >"$root/etc/streamhub/new.conf"
mkdir "$root/srv/cam/new"
chmod 600 "$root"/etc/streamhub/stations/*.conf "$root/etc/streamhub/control.conf"

# server ID LIST: says that all of LIST should run. server_ends.
server() {
	printf '%s\n' "ok id: $1\\nevent: state\\ndata: $2\\n\\n | hang" >script
	: >"log.$1"
	perl "$top/test/sse-server.pl" "$events" script "log.$1" 2>server.err &
	server=$!
	mine $server
	wait_for 10 listens "$events"
}
server_ends() {
	# shellcheck disable=SC2046 # numbers: the connections too
	kill $server $(pgrep -P $server)
	wait $server 2>/dev/null
}
# runs ID, rests ID: all of its services do.
services() { inside systemctl is-active camwatch@"$1" segcheck@"$1" rtmppush@"$1" hbwrite@"$1" | sort -u | tr '\n' ' '; }
runs() { [ "$(services "$1")" = "active " ]; }
rests() { [ "$(services "$1")" = "inactive " ]; }
pids() { for id; do main_pid rtmppush "$id"; done | tr '\n' ' '; }
heard() { [ "$(sed -n 's/^id: //p' "$root/var/lib/streamhub/.control/expected" 2>/dev/null)" = "$1" ]; }
# await SECONDS COMMAND...: wait_for; says why not.
await() { wait_for "$@" || ! why; }
why() { inside journalctl -q -n 40 -u 'streamhub-*' -u orchestrate | sed 's/^/# /'; }

server 1 '["a","b"]'
ok "it boots" boot
inside systemd-sysusers 2>/dev/null
inside systemd-tmpfiles --create 2>/dev/null
inside chown -R streamhub: /srv/cam
run inside systemctl enable --now orchestrate.service streamhub-control.service
hears() { [ "$(inside systemctl is-active streamhub-control streamhub-events | tr '\n' ' ')" = "active active " ]; }
ok "the services start: $rc" await 20 hears
ok "what the server lists, runs" await 60 runs a
ok "all of it" await 60 runs b
is "nothing else" "$(services c)" "inactive "
like "the token is sent" "$(cat log.1)" "*Authorization: Bearer s3cret*"
is "and in no log" "$(inside journalctl -q | grep -c s3cret)" 0
is "who hears is nobody" "$(inside systemctl show -P User streamhub-events):$(inside systemctl show -P PrivateNetwork streamhub-control)" streamhub:yes
inside stationctl stop b 2>/dev/null
ok "a person stops one" wait_for 30 rests b

# Kills: both begin together, and nothing is stopped.
before=$(pids a)
for unit in control events control; do
	old=$(inside systemctl show -P MainPID streamhub-events)
	inside systemctl kill -s KILL --kill-who=main streamhub-$unit
	is_new() {
		new=$(inside systemctl show -P MainPID streamhub-events)
		[ "$new" != "$old" ] && [ "$new" != 0 ] && [ "$(inside systemctl is-active streamhub-control)" = active ]
	}
	ok "$unit is killed: it hears again" wait_for 30 is_new || why
done
server_ends
server 2 '["a","b"]'
ok "the server again" await 30 heard 2
is "nothing was stopped, and a person's stop counts" "$(pids a):$(services b)" "$before:inactive "

# The network is lost.
server_ends
lost=$(date +%s)
passes() { [ $(($(date +%s) - lost)) -ge "${LOST:-15}" ]; }
wait_for $((${LOST:-15} + 5)) passes
is "the network is lost for ${LOST:-15} s: all goes on" "$(pids a):$(services b)" "$before:inactive "

# A boot, while the server is down.
halt
ok "it boots again" boot
ok "what ran runs again" await 60 runs a
is "what a person has stopped does not" "$(services b)" "inactive "
like "which is said" "$(inside journalctl -q -o cat -b -u streamhub-control)" "*[[]BOOT] the machine has booted since event '2'*"
before=$(pids a)
inside touch -d 2000-01-01 /run/streamhub.d/a # nobody looks at it
server 3 '["a","b","c"]'
ok "the server is back, with another list" await 60 runs c
is "the difference alone is done" "$(pids a):$(services b)" "$before:inactive "
server_ends
server 4 '["a","b"]'
ok "a list without it" await 60 rests c
is "and the others stay" "$(pids a):$(services b)" "$before:inactive "
server_ends
server 5 "[\"a\",\"b\",{\"id\":\"new\",\"url\":\"rtmp://127.0.0.1:$rtmp/live/k3y\"}]"
ok "a new stream runs, by the template" await 60 runs new
is "its settings are root's alone, its key in no log" \
	"$(inside stat -c '%U %a' /etc/streamhub/stations/new.conf):$(inside journalctl -q | grep -c k3y)" "root 600:0"
server_ends
server 6 '[]'
ok "an empty list" await 30 heard 6
is "stops nothing" "$(pids a)" "$before"
inside systemctl stop streamhub-control
is "the services stop" "$(inside systemctl is-active streamhub-control streamhub-events | tr '\n' ' ')" "inactive inactive "
is "and no station" "$(pids a)" "$before"
server_ends
halt
finish
