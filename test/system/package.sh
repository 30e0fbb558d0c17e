#!/bin/sh
# The Debian package in a container: installed, it runs nothing by itself; it is upgraded while a
# station plays, which loses nothing; removed, nothing runs and settings stay; purged, nothing is
# left. Before, it is built twice, from a tarball that makes itself again, and judged by lintian.
. "$(dirname "$0")/../nspawn.sh"
count=20
command -v dh >/dev/null && command -v lintian >/dev/null || {
	skip "the Debian package" "no debhelper or no lintian"
	finish
}
need_nspawn

# From the tarball of a tarball.
version=$(sed -n 's/^VERSION := //p' "$top/Makefile")
tree=$T/streamhub-$version
make -s -C "$top" BUILD="$T/dist" dist
tar -xf "$T/dist/streamhub-$version.tar.gz"
run make -s -C "$tree" dist
is "the tarball makes itself again: exit code" "$rc" 0
ok "the same bytes" cmp "$tree/build/streamhub-$version.tar.gz" "$T/dist/streamhub-$version.tar.gz"
is "the version is the changelog's" "$(cd "$tree" && dpkg-parsechangelog -S Version)" "$version"
run make -s -C "$tree" deb
is "make deb: built, and lintian finds no error, no warning" "$rc" 0
[ "$rc" -eq 0 ] || {
	show "$(tail -n 10 .err)" "$(grep '^[EW]:' .out)"
	finish
}
mkdir old new
mv "$tree"/build/deb/streamhub_*.deb old
# What is in the group is needed to build, but for what is in every build environment and what only runs.
is "Build-Depends are those of contrib/deps" \
	"$(sed -n '/^Build-Depends:/,/^[^ ]*-.*:/s/^ \([a-z0-9-]*\),$/\1/p' "$tree/debian/control" | grep -v '^dh-' | sort)" \
	"$(awk '$1 == "build" { for (n = 3; n <= NF; n++) print $n }' "$tree/contrib/deps" | grep -vx 'gcc\|libc6-dev\|fuse3' | sort)"

# The next version is built while the first is looked at.
next=$version+next
{
	printf 'streamhub (%s) unstable; urgency=medium\n\n  * Another.\n\n' "$next"
	printf ' -- the streamhub authors <authors@streamhub.invalid>  %s\n\n' "$(date -R)"
	cat "$tree/debian/changelog"
} >changelog
cp changelog "$tree/debian/changelog"
make -s -C "$tree" deb >next.log 2>&1 &
building=$!
mine $building

nginx_starts
make_clips 1 $count 0
rm -f "$root/usr/sbin/policy-rc.d"
ok "it boots" boot
names() { inside sh -c 'find /etc /var/lib; find /run /usr -name "*streamhub*"' | sort; }
inside systemctl daemon-reload
names >before
cp old/*.deb "$root/root/old.deb"
run inside dpkg -i /root/old.deb
is "installed" "$rc" 0
show "$out" "$err"

tools=$(sed -n 's/^TOOLS := //p' "$top/Makefile")
inside dpkg -L streamhub >listed
for tool in $tools; do
	is "$tool: version, two pages, completion" "$(inside "$tool" --version):$(grep -c "/man1/$tool.1.gz$\|/completions/$tool$" listed)" \
		"$tool $version:3"
	case $tool in segprep | streamhub-drill) continue ;; esac # scripts
	like "$tool is hardened" "$(readelf -d "$root/usr/bin/$tool" | tr -s ' \n' ' '):$(readelf -sW "$root/usr/bin/$tool" | grep -c '_chk@')" "*NOW PIE*:[1-9]*"
done
units=$(inside dpkg -L streamhub | sed -n '/\.service$\|\.timer$/s/.*system.//p' | sed 's/@/@1/')
# shellcheck disable=SC2086 # words
is "verify has nothing to say" "$(inside systemd-analyze verify $units 2>&1)" ""
like "the units run what is packed" "$(inside systemctl show -P ExecStart camwatch@1)" "{ path=/usr/bin/camwatch ;*"
is "the user, and a place for settings" "$(inside stat -c %U:%G:%a /etc/streamhub/stations /var/lib/streamhub /run/streamhub.d | tr '\n' ' ')" \
	"root:streamhub:750 streamhub:streamhub:755 streamhub:streamhub:755 "
is "nothing is enabled" "$(inside systemctl is-enabled orchestrate streamhubfs stalecheck.timer streamhub.target | sort -u)" disabled
ours() { inside ps -eo comm= | grep -xE "$(echo "$tools" | tr ' ' '|')"; }
is "nothing runs" "$(ours)" ""
is "its limit of watches is read" "$(inside /lib/systemd/systemd-sysctl --cat-config | grep -c '^fs.inotify.max_user_instances = 8192')" 1

# Three stations: one is of another prefix, one is run without systemd.
mkdir -p "$root/srv/cam/1" "$root/srv/cam/2" "$root/srv/cam/3"
inside chown -R streamhub: /srv/cam
for id in 1 2 3; do
	run inside stationctl new $id
	is "stationctl new $id" "$rc:$out" "0:/etc/streamhub/stations/$id.conf"
	sed -i -e "s|^WATCH_DIR=.*|WATCH_DIR=/srv/cam/$id|" -e "s|^RTMP_URL=.*|RTMP_URL=rtmp://127.0.0.1:$port/live/$id|" \
		-e 's/^#MIN_FILE_AGE=.*/MIN_FILE_AGE=0/' -e 's/^#HOLD_NEWEST=.*/HOLD_NEWEST=never/' -e 's/^#MAX_LAG=.*/MAX_LAG=0/' \
		"$root/etc/streamhub/stations/$id.conf"
done
is "as its example" "$(inside cat /usr/share/doc/streamhub/examples/1.conf | grep -vE 'WATCH_DIR|RTMP_URL|MIN_FILE_AGE|HOLD_NEWEST|MAX_LAG')" \
	"$(grep -vE 'WATCH_DIR|RTMP_URL|MIN_FILE_AGE|HOLD_NEWEST|MAX_LAG' "$root/etc/streamhub/stations/1.conf")"
echo ACTIVE=no >>"$root/etc/streamhub/stations/3.conf"
inside stationctl install 1 2>/dev/null
inside env SERVICE_PREFIX=cam stationctl install 2 2>/dev/null
inside systemctl enable --now orchestrate streamhubfs stalecheck.timer 2>/dev/null
reap $building
rc=$?
is "the next version is built: $(grep '^[EW]:' next.log)" "$rc" 0
mv "$tree"/build/deb/streamhub_*.deb new
cp new/*.deb "$root/root/new.deb"
run inside stationctl start 1 2
is "two stations start" "$rc" 0
inside systemctl start streamhub.target cam.target # as after a boot
run inside stationctl --backend process start 3
is "and one without systemd" "$rc" 0

# Upgraded while it plays.
upload 1
played() { [ "$(unplayed 1)" -lt "$1" ]; }
ok "a clip is played" wait_for 60 played $count
all_pids() { for tool in camwatch segcheck rtmppush hbwrite; do main_pid $tool 1; main_pid $tool 2; done; }
pids=$(all_pids)
serves=$(inside systemctl show -P MainPID orchestrate streamhubfs)
run inside dpkg -i /root/new.deb
is "upgraded" "$rc:$(inside camwatch --version)" "0:camwatch $next"
is "and the view is no trouble to it" "$(echo "$out$err" | grep -c /run/streamhub)" 0
like "it names the stations" "$out" "*these stations play on*: 1 2 *stationctl restart 1 2*"
is "which play on" "$(all_pids)" "$pids"
is "in one session" "$(find rec -name '1-*' | wc -l)" 1
ok "orchestrate and the view are new" [ "$(inside systemctl show -P MainPID orchestrate streamhubfs)" != "$serves" ]
has_version() { [ "$(inside cat /run/streamhub/version)" = "streamhub $next" ]; }
ok "the view is of the next version" wait_for 20 has_version
ok "and clips go on being played" wait_for 30 played "$(unplayed 1)"
runs_what() { inside readlink "/proc/$(main_pid rtmppush 1)/exe"; }
is "by what was there before" "$(runs_what)" "/usr/bin/rtmppush (deleted)"
new_second
began=$(now)
run inside stationctl restart 1
wait_for 30 all_run 1
note "a restart takes $(($(now) - began)) ms until it plays"
is "restart" "$rc:$(runs_what)" "0:/usr/bin/rtmppush"
[ "$rc" -eq 0 ] || {
	show "$err"
	explain 1
}
ok "there is still something to play: $(unplayed 1)" [ "$(unplayed 1)" -gt 2 ]
ok "it plays to the end" wait_for 90 none_left 1
is "nothing was late" "$(inside journalctl -q | grep 'is late')" ""

# Removed: somebody may still have it back.
run inside dpkg -r streamhub
is "removed" "$rc" 0
is "nothing runs any more" "$(ours)" ""
is "no unit is active" "$(inside systemctl list-units --plain --no-legend --state=active '*@1.*' '*@2.*' 'streamhub*' 'orchestrate*' 'stalecheck*')" ""
is "nothing that was installed is left" "$(while read -r path; do [ ! -f "$root$path" ] || echo "$path"; done <listed)" ""
is "settings and wishes are" "$(inside sh -c 'ls /etc/streamhub/stations; cat /var/lib/streamhub/*/desired' | tr '\n' ' ')" "1.conf 2.conf 3.conf up up down "
run inside dpkg -i /root/new.deb
is "back again: enabled as before, and nothing runs" "$rc:$(inside systemctl is-enabled orchestrate streamhub@1.target cam@2.target | sort -u):$(ours)" 0:enabled:
inside systemctl start streamhub.target # as a boot does
pushes() { wait_for 60 inside systemctl is-active -q rtmppush@1 || ! explain 1; }
ok "and it goes on" pushes
run inside dpkg -P streamhub
is "purged" "$rc:$(ours)" 0:
names >after
is "nothing is left" "$(comm -13 before after)" ""
is "and the drop folders are" "$(inside ls /srv/cam | tr '\n' ' ')" "1 2 3 "
halt
nginx_ends
books 1 $count
finish
