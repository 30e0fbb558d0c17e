#!/bin/sh
# A real systemd, booted in a container on an overlay of this machine's root: two stations are
# installed, play into nginx while each tool is killed in turn, 20 times in all; one is stopped by
# hand; after a second boot the other plays on and this one stays down; nothing is left of both.
. "$(dirname "$0")/../nspawn.sh"
# How many clips, of 2 s: what is played while the tools of both are killed and settings are mended, on a slow
# machine too.
count=98
need_nspawn

make -s -C "$top" BUILD=build DESTDIR="$root" PREFIX=/usr/local install
nginx_starts
for id in a b; do
	mkdir -p "$root/srv/cam/$id"
	make_clips $id $count "$([ $id = a ] && echo 0 || echo 90)"
	mkdir -p "$root/etc/streamhub/stations"
	printf '%s\n' "WATCH_DIR=/srv/cam/$id" "AFTER_PLAY=$([ $id = a ] && echo delete || echo move:/srv/cam/played)" "RTMP_URL=rtmp://127.0.0.1:$port/live/$id" MIN_FILE_AGE=0 \
		HOLD_NEWEST=never MAX_LAG=0 >"$root/etc/streamhub/stations/$id.conf"
	chmod 600 "$root/etc/streamhub/stations/$id.conf"
done

# The first boot.
ok "it boots" boot
inside systemd-sysusers 2>/dev/null
inside systemd-tmpfiles --create 2>/dev/null
inside mkdir /srv/cam/played
inside chown -R streamhub: /srv/cam
units=$(cd "$top/contrib/systemd" && ls -- *.service *.timer | sed 's/@/@a/')
# shellcheck disable=SC2086 # words
is "verify has nothing to say" "$(inside systemd-analyze verify $units 2>&1)" ""
for unit in $units; do
	level=$(inside systemd-analyze security --no-pager "$unit" 2>/dev/null | sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p')
	note "exposure of $unit: $level"
	case $unit in
	streamhubfs-mount.service | *.timer) ;; # see there, and view.sh; a timer has none
	*) ok "exposure of $unit is at most 2.0: $level" awk "BEGIN { exit !(\"$level\" != \"\" && $level <= 2.0) }" ;;
	esac
done
inside systemctl enable --now streamhubfs.service stalecheck.timer 2>/dev/null
ok "the view is there" wait_for 20 inside test -e /run/streamhub/version
is "stalecheck.service can read all" "$(inside systemctl start stalecheck.service 2>&1):$(inside systemctl is-failed stalecheck.service)" ":inactive"

# What a person, a prefix and a user do to the units; kept where they are not named again.
run inside env SERVICE_PREFIX=cam SERVICE_USER=nobody stationctl install a
is "SERVICE_PREFIX and SERVICE_USER" "$rc:$(inside systemctl is-enabled cam@a.target)" 0:enabled
# Of the stages that are off, too: systemd gives the live folder to the user of each unit.
is "they are kept" "$(inside stationctl unit a | grep -c '^User=nobody$\|^PartOf=cam@a.target$')" 16
run inside stationctl uninstall a
is "and uninstalled" "$rc:$(find "$root/etc/systemd/system" -name 'cam*' -o -name '*@a*')" 0:
for bad in "SERVICE_PREFIX=../x" "SERVICE_USER=a b"; do
	run inside env "$bad" stationctl unit a
	like "refused: $bad" "$rc:$err" "64:*is no plain name*"
done
run inside stationctl install a b
is "install" "$rc:$(echo "$err" | grep -c 'is enabled$')" 0:2
is "installed: enabled, not started" "$(inside systemctl is-enabled streamhub@a.target):$(inside systemctl is-active streamhub@a.target)" enabled:inactive
is "unit: what install wrote" "$(inside stationctl unit a | grep -c '^ReadWritePaths="-/srv/cam/a"$')" 3
run inside stationctl start a b
is "start" "$rc:$(echo "$err" | grep -c ' runs, pid ')" 0:2
[ "$rc" -eq 0 ] || finish
run inside stationctl start a
like "start again: says so" "$rc:$err" "0:*station 'a': runs already, pid *"

# What another user is writing; it comes with something in it, and with an age of 0.
inside sh -c 'exec 3>/srv/cam/a/.open && echo half >&3 && mv /srv/cam/a/.open /srv/cam/a/open.mp4 && exec sleep 60' &
uploader=$!
is_held() { [ "$(inside sed -n 's/^held: //p' /run/streamhub.d/a/camwatch)" = 1 ]; }
ok "what another user is writing is held" wait_for 20 is_held
inside rm /srv/cam/a/open.mp4
kill $uploader

for id in a b; do
	upload $id
done
deaths=0
for n in 1 2 3 4 5 6 7 8 9 10; do
	for id in a b; do
		case $(((n + deaths / 2) % 4)) in
		0) tool=camwatch ;;
		1) tool=segcheck ;;
		2) tool=rtmppush ;;
		3) tool=hbwrite ;;
		esac
		wait_for 60 all_run $id || { echo "$id is not back for death $deaths"; explain $id; } >>deaths
		# As if it had run for a minute: the pauses have tests of their own.
		inside sh -c "rm -f /run/streamhub.d/$id/backoff.*"
		inside systemctl kill -s KILL --kill-who=main "$tool@$id" 2>>deaths || echo "$tool of $id" >>deaths
		deaths=$((deaths + 1))
	done
done
is "20 deaths, and all came back" "$deaths:$(grep -v '^#' deaths 2>/dev/null)" 20:
[ ! -e deaths ] || grep '^#' deaths
for id in a b; do
	ok "$id: is back after the last" wait_for 90 all_run $id
	is "$id: the view shows it" "$(view $id desired)" up
done
# One dies: all are new, so that what it had in hand is printed again.
pids() { for tool in camwatch segcheck rtmppush hbwrite; do main_pid $tool "$1"; done | sort; }
for tool in hbwrite segcheck; do
	pids a >before
	inside sh -c "rm -f /run/streamhub.d/a/backoff.*; systemctl kill -s KILL --kill-who=main $tool@a"
	all_new() { all_run a && pids a >after && [ -z "$(comm -12 before after)" ]; }
	all_new_soon() { wait_for 60 all_new || ! explain a; }
	ok "$tool dies: all are new" all_new_soon
done
# Killed while others are still starting or ending, and with a file where a FIFO should be.
for n in 1 2 3 4 5 6 7 8; do
	for tool in camwatch segcheck rtmppush hbwrite; do
		inside sh -c "rm -f /run/streamhub.d/a/backoff.*; systemctl kill -s KILL --kill-who=main $tool@a" 2>>races
	done
done
all_soon() { wait_for 60 all_run a || ! explain a; }
ok "killed over and over: all come back" all_soon
inside stationctl stop a 2>/dev/null
inside sh -c 'echo /old >/run/streamhub.fifo/a.segcheck; exec stationctl start a' 2>/dev/null
is "each FIFO is one" "$(inside find /run/streamhub.fifo -name 'a.*' ! -type p)" ""
is "nothing was waited for in vain" "$(inside journalctl -q | grep 'timed out\|repeated too quickly')" ""
is "nothing of the address is in the journal or argv" "$(inside journalctl -q | grep -c "live/[ab]\b"):$(inside ps ax | grep -c '[l]ive/[ab]')" 0:0
run inside stationctl logs a
like "logs" "$rc:$out" "0:*rtmppush*connected*"
ok "b: what was played is moved" [ "$(find "$root/srv/cam/played" -name '*.mp4' | wc -l)" -gt 3 ]

# What each may write, and whom it may talk to.
may_write() { # TOOL PATH
	inside nsenter -t "$(main_pid "$1" a)" -m setpriv --reuid streamhub --regid streamhub --clear-groups test -w "$2"
}
while read -r tool answer path; do
	may_write "$tool" "$path" && got=yes || got=no
	is "$tool may write $path: $answer" "$got" "$answer"
done <<X
camwatch yes /run/streamhub.d/a
camwatch yes /srv/cam/a
camwatch no /var/lib/streamhub/a
camwatch no /srv/cam/b
segcheck yes /srv/cam/a
segcheck no /var/lib/streamhub/a
segcheck no /srv/cam/b
rtmppush yes /srv/cam/a
rtmppush yes /var/lib/streamhub/a/player
rtmppush yes /var/lib/streamhub/a/player/cursor
rtmppush no /var/lib/streamhub/a
rtmppush no /var/lib/streamhub/a/desired
rtmppush no /var/lib/streamhub/b
rtmppush no /srv/cam/b
hbwrite yes /run/streamhub.d/a
hbwrite no /run/streamhub.d/b
hbwrite no /srv/cam/a
hbwrite no /var/lib/streamhub/a
X
for tool in camwatch segcheck hbwrite rtmppush; do
	pid=$(main_pid $tool a)
	[ $tool = rtmppush ] && wanted=yes || wanted=no
	[ "$(inside grep -c : "/proc/$pid/net/dev")" -gt 1 ] && got=yes || got=no
	is "$tool has a network: $wanted" $got $wanted
	is "$tool has no address in its environment" "$(inside grep -c rtmp: "/proc/$pid/environ")" 0
done

# Archives in, archives out.
mkdir -p "$root/srv/cam/c" "$root/srv/store" pair
printf '%s\n' WATCH_DIR=/srv/cam/c AFTER_PLAY=archive:/srv/store UNPACK=yes "RTMP_URL=rtmp://127.0.0.1:$port/live/c" \
	MIN_FILE_AGE=1 HOLD_NEWEST=never MAX_LAG=0 >"$root/etc/streamhub/stations/c.conf"
chmod 600 "$root/etc/streamhub/stations/c.conf"
cp -p made/a00.mp4 made/a01.mp4 pair
bsdtar -C pair --format zip -cf "$root/srv/pair.zip" a00.mp4 a01.mp4
run inside env SERVICE_USER=streamhub-c stationctl install c
like "a user of its own is made" "$rc:$err" "0:*station 'c': user 'streamhub-c' is made*"
inside chown -R streamhub-c: /srv/cam/c /srv/store
mv "$root/srv/pair.zip" "$root/srv/cam/c"
run inside stationctl start c
is "a station that unpacks and packs, as a user of its own" "$rc:$(inside systemctl show -P User camwatch@c rtmppush@c segpack@c | grep . | sort -u)" 0:streamhub-c
[ "$rc" -eq 0 ] || explain c
packed() { [ "$(tar tf "$root"/srv/store/*/*.tar 2>/dev/null | tr '\n' ' ')" = ".unpacked/pair.zip/a00.mp4 .unpacked/pair.zip/a01.mp4 " ]; }
ok "its clips are played and packed" wait_for 60 packed
gone() { [ ! -e "$root/srv/cam/c/pair.zip" ]; }
ok "and the archive that came is gone" wait_for 30 gone
c_runs() { [ "$(inside systemctl is-active segunpack@c segpack@c camwatch@c rtmppush@c | sort -u)" = active ]; }
ok "all of it runs" wait_for 60 c_runs
died=$(inside journalctl -q -u '*@c.service' | grep 'Failed with result')
is "and nothing of it has died" "$died" ""
[ -z "$died" ] || explain c
# secrets_of ID FROM USER: what of its key that user finds from within the rtmppush of another station.
secrets_of() {
	of=$(main_pid rtmppush "$1")
	for secret in "/etc/streamhub/stations/$1.conf" "/run/credentials/rtmppush@$1.service/settings" \
		"/proc/$of/environ" "/proc/$of/mem" "/proc/$of/root/etc" "/proc/$of/fd" "/proc/$of/maps"; do
		inside nsenter -t "$(main_pid rtmppush "$2")" -m setpriv --reuid "$3" --regid "$3" --clear-groups head -c 1 "$secret" >found 2>&1
		[ ! -e found ] || grep -qE 'ermission denied|No such file' found || echo "$secret"
	done
}
is "the key of another user's station is not to be had" "$(secrets_of a c streamhub-c)" ""
is "nor that of another station of the same user" "$(secrets_of b a streamhub)" ""
# Why there is one user for all, or one that is made, and no dynamic one.
run inside systemd-run -q --pipe -p DynamicUser=yes camwatch -1 -a 0 -n never /srv/cam/b
like "a dynamic user has no openat2(2)" "$rc:$err" "66:*'/srv/cam/b': cannot be watched: Function not implemented*"
for tool in segunpack segpack; do
	is "$tool has no network" "$(inside grep -c : "/proc/$(main_pid $tool c)/net/dev")" 1
	inside systemctl kill -s KILL --kill-who=main "$tool@c"
	is "$tool is killed" $? 0
	ok "$tool is killed: all are back" wait_for 60 c_runs
done
run inside sh -c 'stationctl stop c && stationctl uninstall c'
is "and stopped and uninstalled" "$rc:$(find "$root/etc/systemd/system" -name '*@c*')" 0:
rm "$root/etc/streamhub/stations/c.conf"

# It is to have something left for the second boot.
inside stationctl stop a 2>/dev/null

# What somebody else does: all of it is new after it, so that nothing of what was in hand is lost.
before=$(main_pid camwatch b)
new_second
inside sh -c 'systemctl stop streamhub@b.target; systemctl start streamhub@b.target'
renewed() { all_run b && [ "$(main_pid camwatch b)" != "$before" ]; }
ok "stopped and started at once: camwatch is new" wait_for 30 renewed

# A tool that cannot live: the pauses grow, and it is never given up.
inside stationctl stop b 2>/dev/null
mkdir -p "$root/etc/systemd/system/rtmppush@b.service.d"
printf '[Service]\nExecStart=\nExecStart=/bin/false\n' >"$root/etc/systemd/system/rtmppush@b.service.d/broken.conf"
inside systemctl daemon-reload
began=$(now)
run inside stationctl start b
failures() { inside sed -n 's/^failures: //p' /run/streamhub.d/b/backoff.rtmppush; }
often() { [ "$(failures)" -ge 4 ]; }
ok "a tool that ends at once is tried again" wait_for 90 often
took=$(($(now) - began))
ok "with growing pauses: 4 failures in $took ms" [ $took -ge 7000 ]
rm "$root/etc/systemd/system/rtmppush@b.service.d/broken.conf"
inside systemctl daemon-reload
ok "mended: it goes on by itself" wait_for 60 all_run b

# What must not be started again. The pauses of before, up to 72 s, are not to be waited for.
inside sh -c 'rm /run/streamhub.d/b/backoff.*'
cp "$root/etc/streamhub/stations/b.conf" b.conf
echo MAX_LAG=x >>"$root/etc/streamhub/stations/b.conf"
inside systemctl kill -s KILL --kill-who=main hbwrite@b
rests() { ! inside systemctl list-units --plain --no-legend '*@b.service' | grep -qv ' failed '; }
all_rests() { wait_for 60 rests || ! explain b; }
ok "settings that are wrong: all of it rests" all_rests
like "and one has said why" "$(inside journalctl -q -u camwatch@b -u rtmppush@b)" "*option -l: 'x'*"
cp b.conf "$root/etc/streamhub/stations/b.conf"
run inside stationctl start b
is "mended: it starts" "$rc" 0
ok "and plays" wait_for 30 connected b
inside stationctl start a 2>/dev/null
run inside stationctl stop b
like "stopped by hand" "$rc:$err" "0:*station 'b': stopped"
is "stopped by hand: nothing of it runs" "$(inside systemctl list-units --plain --no-legend '*@b.service' '*@b.socket' | grep -vc failed)" 0
left_of_b=$(unplayed b)

is "nothing was late" "$(inside journalctl -q | grep 'is late')" ""
left_of_a=$(unplayed a)
ok "there is still something to play: $left_of_a, $left_of_b" [ "$left_of_a" -gt 3 -a "$left_of_b" -gt 3 ]

# The second boot.
halt
ok "it boots again" boot
ok "the one comes back" wait_for 30 all_run a
is "the other stays down" "$(inside cat /var/lib/streamhub/b/desired):$(inside systemctl is-active camwatch@b rtmppush@b | sort -u | tr '\n' ' ')" "down:inactive "
is "and none of its clips was touched" "$(unplayed b)" "$left_of_b"
# orchestrate, and a station that somebody else has stopped.
inside systemctl enable --now orchestrate.service 2>/dev/null
is "orchestrate runs" "$(inside systemctl is-active orchestrate)" active
new_second
inside systemctl stop streamhub@a.target
ok "orchestrate starts it again" wait_for 30 all_run a
is "and leaves the other down" "$(inside systemctl is-active camwatch@b)" inactive
run inside stationctl start b
is "b starts when it is told to" "$rc" 0
ok "a plays to the end" wait_for 240 none_left a
ok "b plays to the end" wait_for 240 none_left b
inside stationctl stop a b 2>/dev/null
inside systemctl disable --now orchestrate.service streamhubfs.service stalecheck.timer 2>/dev/null
run inside stationctl uninstall a b
is "uninstall" "$rc:$(echo "$err" | grep -c uninstalled)" 0:2
is "uninstall leaves nothing" "$(find "$root/etc/systemd/system" -name '*@*')$(find "$root/etc/systemd/system" -name 'streamhub.target*')" ""
is "and nothing runs" "$(inside systemctl list-units --plain --no-legend '*@a*' '*@b*' | grep -vc failed)" 0
is "nothing was late until the end" "$(inside journalctl -q | grep 'is late')" ""
halt
nginx_ends
for id in a b; do
	books $id $count
done
finish
