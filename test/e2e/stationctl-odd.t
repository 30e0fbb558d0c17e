#!/bin/sh
# What the tools of stations say where something else lies in the place of a folder or a file:
# never that nothing is there; and nothing is left running.
. "$(dirname "$0")/../lib.sh"
settings=etc/streamhub/stations state=var/lib/streamhub live=run/streamhub.d
mkdir -p $settings drop
cat >$settings/1.conf <<X
WATCH_DIR=$T/drop
RTMP_URL=rtmp://127.0.0.1:9/live/secretkey
X
chmod 600 $settings/1.conf
left() { # how many of them run
	grep -lsazFx "STREAMHUB_ROOT=$T" /proc/[0-9]*/environ | sed 's/environ/comm/' |
		xargs cat 2>/dev/null | grep -c -e stationrun -e camwatch
}

no_wish="cannot record that its desired state is"
no_lock="lock in '$T/$live/1': Is a directory"
while IFS='|' read -r folder file command wanted; do
	rm -rf var run
	mkdir -p "$folder"
	[ -z "$file" ] || : >"$file"
	# shellcheck disable=SC2086 # words
	run timeout 20 $command
	like "${file:+a file }${file:-a folder $folder}: $command" "$rc:$err" "$wanted"
	is "${file:-$folder}: $command: nothing is left" "$(left)" 0
done <<X
var/lib|$state|orchestrate -1|74:*ERROR*'$T/$state': Not a directory
$live/.stalecheck||orchestrate -1|74:*ERROR*'$T/$live/.stalecheck': Is a directory
$state/1/desired||stationctl start 1|74:*ERROR*station '1': $no_wish up: Is a directory
$state/1/desired||stationctl stop 1|74:*ERROR*station '1': $no_wish down: Is a directory*
$state|$state/1|stationctl start 1|74:*ERROR*station '1': $no_wish up: Not a directory
$live|$live/1|stationctl start 1|74:*ERROR*station '1': cannot make its folders: Not a directory
$live|$live/1|stationctl stop 1|74:*ERROR*station '1': '$T/$live/1': Not a directory
$live|$live/1|stationctl status 1|74:*ERROR*station '1': cannot be looked at: Not a directory
$live|$live/1|stationctl clean -y temp 1|74:*ERROR*station '1': cannot be looked at: Not a directory
$live|$live/1|stationctl test 1|74:*ERROR*station '1': cannot be looked at: Not a directory
$live|$live/1|stationrun 1|74:*ERROR*folder '$T/$live/1': Not a directory
$live/1/.lock||stationctl start 1|69:*ERROR*stationrun*$no_lock*did not start: exit code 74*
$live/1/.lock||stationctl stop 1|74:*ERROR*station '1': lock: Is a directory
$live/1/.lock||stationrun 1|74:*ERROR*lock in '$T/$live/1': Is a directory
run|$live|stationctl stop 1|74:*ERROR*station '1': '$T/$live/1': Not a directory
run|$live|stationctl status 1|74:*ERROR*station '1': cannot be looked at: Not a directory
X

# Whoever has no rights is told so, once, and not that the station is in error.
if [ "$(id -u)" -ne 0 ]; then
	skip "without rights" "needs root"
	finish
fi
rm -rf var run
mkdir tools
chmod 755 .
for tool in stationctl stationrun camwatch segcheck rtmppush hbwrite; do
	cp "$plain/$tool" tools
done
PATH=$T/tools:$PATH
as_nobody() { run setpriv --reuid nobody --regid nogroup --clear-groups "$@"; }
cleanup_hook='stationctl stop 1 2>/dev/null'
stationctl start 1 2>/dev/null
wait_for 20 [ -e $live/1/rtmppush ]
as_nobody stationctl status 1
like "without rights: status" "$rc:$out:$err" \
	"74:[?] 1 (1) running pid [0-9]* · * · settings: Permission denied:"
as_nobody stationctl stop 1
like "without rights: stop" \
	"$rc:$(echo "$err" | wc -l):$err" \
	"74:1:*[[]ERROR]*station '1': cannot record that its desired state is down: Permission denied"
as_nobody stationctl start 1
like "without rights: start" \
	"$rc:$(echo "$err" | wc -l):$err" "74:1:*[[]ERROR]*'$T/$settings/1.conf': Permission denied"
run stationctl status 1
like "without rights: nothing was done" "$rc:$out" "0:* 1 (1) running pid *"
finish
