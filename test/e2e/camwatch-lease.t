#!/bin/sh
# camwatch and a file that another user is writing and that has been still for longer than the age:
# with CAP_LEASE it is not printed before it is closed, without it is.
. "$(dirname "$0")/../lib.sh"
camwatch=$plain/camwatch # the leak sanitizer looks into no process that has capabilities
can_lease() {
	[ "$(id -u)" -eq 0 ] && setpriv --bounding-set -all,+lease,+setuid,+setgid,+setpcap true 2>/dev/null
}
can_lease || {
	skip "a writer of another user" "needs root and CAP_LEASE"
	finish
}
chmod 755 "$T"
mkdir -m 777 d
# The upload belongs to one user, and camwatch runs as another.
mkfifo hold
setpriv --reuid 12001 --regid 12001 --clear-groups sh -c \
	'umask 022; echo half >d/half.mp4; exec 3>>d/half.mp4; echo open; read -r _' \
	<hold >opened &
writer=$!
exec 4>hold
cleanup_hook='kill $writer 2>/dev/null'
ok "another user has it open for writing" wait_for 10 grep -q open opened
touch -d '1 hour ago' d/half.mp4
for age in 0 1; do
	run setpriv --reuid 12002 --regid 12002 --clear-groups "$camwatch" -1 -a $age d
	is "-a $age, without CAP_LEASE: printed" "$rc:$out" 0:d/half.mp4
	run setpriv --reuid 12002 --regid 12002 --clear-groups --inh-caps +lease --ambient-caps +lease \
		--bounding-set -all,+lease "$camwatch" -1 -a $age d
	is "-a $age, with CAP_LEASE: not printed" "$rc:$out" 0:
	like "-a $age, with CAP_LEASE: said" "$err" "*left: 1 files, empty, being written*"
done
exec 4>&-
wait $writer
cleanup_hook=:

# check warns of it where it cannot be seen.
mkdir -p etc/streamhub/stations
settings() {
	printf '%s\n' "WATCH_DIR=$T/d" RTMP_URL=rtmp://127.0.0.1:9/x/y \
		"MIN_FILE_AGE=$1" >etc/streamhub/stations/1.conf
	chmod 600 etc/streamhub/stations/1.conf
	chown 12002 etc/streamhub/stations/1.conf
}
as_other() { run setpriv --reuid 12002 --regid 12002 --clear-groups "$@"; }
settings 9
as_other "$plain/stationctl" --backend process check 1
like "check: a short age, and clips of another user" "$rc:$out:$err" \
	"0:1*good:*WARN*MIN_FILE_AGE is below 10, and the clips belong to another user: *"
run "$plain/stationctl" --backend process check 1
is "check: root can see them" "$rc:$err" 0:
as_other "$plain/stationctl" --backend systemd check 1
is "check: a service can see them" "$rc:$err" 0:
settings 10
as_other "$plain/stationctl" --backend process check 1
is "check: an age of 10 is long enough" "$rc:$err" 0:
settings 0
chown -R 12002 d
as_other "$plain/stationctl" --backend process check 1
is "check: clips of its own user" "$rc:$err" 0:
run setpriv --reuid 12002 --regid 12002 --clear-groups --inh-caps +lease --ambient-caps +lease \
	"$camwatch" -1 -a 1 d
is "closed: printed" "$rc:$out" 0:d/half.mp4
finish
