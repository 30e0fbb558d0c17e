#!/bin/sh
# The view as two services in a booted systemd: what rights each has, and that it comes back however
# either of them ends.
. "$(dirname "$0")/../nspawn.sh"
need_nspawn

make -s -C "$top" BUILD=build DESTDIR="$root" PREFIX=/usr/local install
mkdir -p "$root/srv/cam/a/_failed" "$root/etc/streamhub/stations"
printf '%s\n' WATCH_DIR=/srv/cam/a RTMP_URL=rtmp://127.0.0.1:9/live/a >"$root/etc/streamhub/stations/a.conf"
printf '%s\n' WATCH_DIR=/run/streamhub/stations/a RTMP_URL=rtmp://127.0.0.1:9/live/b >"$root/etc/streamhub/stations/b.conf"
echo bad >"$root/srv/cam/a/_failed/x.mp4"
chmod 700 "$root/srv/cam/a"
chmod 600 "$root"/etc/streamhub/stations/*.conf "$root/srv/cam/a/_failed/x.mp4"
ok "it boots" boot
inside systemd-sysusers 2>/dev/null
inside systemd-tmpfiles --create 2>/dev/null
is "verify has nothing to say" "$(inside systemd-analyze verify streamhubfs.service streamhubfs-mount.service 2>&1)" ""

# Each line that costs the mounter is named, with its reason, in its unit.
exposure() { inside systemd-analyze security --no-pager "$1" 2>/dev/null; }
level() { exposure "$1" | sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p'; }
at_most() { awk "BEGIN { exit !(\"$1\" != \"\" && $1 <= $2) }"; }
server=$(level streamhubfs.service)
ok "exposure of the server is below 2.0: $server" at_most "$server" 1.9
mounter=$(level streamhubfs-mount.service)
ok "exposure of the mounter is at most 2.6: $mounter" at_most "$mounter" 2.6
exposure streamhubfs-mount.service | sed -n 's/^. *✗/# ✗/p; s/^✗/# ✗/p'

# Both run, with what they need.
there() { inside test -e /run/streamhub/version; }
pid() { inside systemctl show -P MainPID "$1"; }
rights() { inside sed -n 's/^CapEff:.//p' "/proc/$(pid "$1")/status"; }
run inside systemctl start streamhubfs.service
is "it starts: ready is told when it can be read" "$rc:$(there && echo there)" 0:there
[ "$rc" -eq 0 ] || show "$(inside journalctl -q -u streamhubfs -u streamhubfs-mount)"
is "the server reads, and nothing else" "$(rights streamhubfs)" 0000000000000004
is "the mounter mounts, and nothing else" "$(rights streamhubfs-mount)" 0000000000200000
is "neither is root" "$(for s in streamhubfs streamhubfs-mount; do inside stat -c %U "/proc/$(pid $s)"; done | sort -u)" streamhubfs
is "a quarantine that only root may read" "$(inside cat /run/streamhub/stations/a/failed/x.mp4)" bad
is "and nobody else" "$(inside setpriv --reuid 65534 --regid 65534 --clear-groups cat /run/streamhub/stations/a/failed/x.mp4 2>&1 | grep -c denied)" 1
is "others may look" "$(inside setpriv --reuid 65534 --regid 65534 --clear-groups cat /run/streamhub/stations/a/desired)" -
is "settings that lead back into the view: no hang" "$(timeout 10 nsenter -t "$leader" -a cat /run/streamhub/stations/b/desired)" -
is "the server sees no view" "$(inside nsenter -t "$(pid streamhubfs)" -m ls -A /run/streamhub)" ""

# However either ends, it comes back; readers get an answer.
new_view() { [ "$(pid streamhubfs)" != "$old" ] && there && [ "$(inside grep -c ' /run/streamhub .*fuse.streamhubfs' /proc/1/mountinfo)" -eq 1 ]; }
for unit in streamhubfs streamhubfs-mount; do
	for signal in KILL TERM ABRT; do
		old=$(pid streamhubfs)
		timeout 20 nsenter -t "$leader" -a tail -f /run/streamhub/stations/a/now >/dev/null 2>&1 &
		reader=$!
		inside systemctl kill -s $signal --kill-who=main $unit
		ok "$unit gets $signal: the view is back" wait_for 30 new_view
		is "and can be read" "$(timeout 10 nsenter -t "$leader" -a head -c 7 /run/streamhub/summary)" STATION
		kill $reader 2>/dev/null
		wait $reader 2>/dev/null
	done
done
old=$(pid streamhubfs)
inside systemctl kill -s KILL --kill-who=main streamhubfs streamhubfs-mount
ok "both are killed: the view is back" wait_for 30 new_view
old=$(pid streamhubfs)
inside umount /run/streamhub
ok "unmounted by somebody: the view is back" wait_for 30 new_view
old=$(pid streamhubfs)
run inside systemctl restart streamhubfs-mount
ok "the mounter is restarted: the view is back" wait_for 30 new_view

# A disk that is mounted later is seen.
inside mount -t tmpfs none /srv/cam/a
inside sh -c 'mkdir /srv/cam/a/_failed && echo later >/srv/cam/a/_failed/y.mp4'
later() { [ "$(inside cat /run/streamhub/stations/a/failed/y.mp4 2>/dev/null)" = later ]; }
ok "a disk that is mounted later" wait_for 10 later

# Stopped, nothing is left; one process by hand works there, too.
run inside systemctl stop streamhubfs
is "stopped" "$rc:$(inside grep -c ' /run/streamhub ' /proc/1/mountinfo)" 0:0
rests() { [ "$(inside systemctl is-active streamhubfs-mount)" = inactive ]; }
ok "the mounter, too" wait_for 10 rests
inside systemd-run -q --unit=byhand streamhubfs
ok "by hand, one process" wait_for 10 there
inside systemctl stop byhand
is "and it is unmounted" "$(inside grep -c ' /run/streamhub ' /proc/1/mountinfo)" 0
run inside systemctl enable --now streamhubfs
halt
ok "it boots again" boot
ok "the view is there after a boot" wait_for 20 there
halt
finish
