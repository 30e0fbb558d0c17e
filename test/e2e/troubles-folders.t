#!/bin/sh
# The troubles of streamhub(7): folders that cannot be read or written to, in name spaces, or as another user,
# who has a root of his own.
. "$(dirname "$0")/../troubles.sh"
own new
if [ "$(id -u)" -eq 0 ]; then
	own readonly; clip readonly/1.mp4
	mkdir drop/readonly/_failed
	unshare -m sh -c \
		"mount --bind drop/readonly drop/readonly && mount -o remount,ro,bind drop/readonly &&
		stationctl start readonly" 2>>start.err
	log readonly "'/srv/ftp/camera1/1.mp4' was played, but not deleted: Read-only file system"
	own nofailed; bad nofailed/1.mp4
	unshare -m sh -c \
		"mount --bind drop/nofailed drop/nofailed && mount -o remount,ro,bind drop/nofailed &&
		stationctl start nofailed" 2>>start.err
	# rtmppush needs the quarantine as well: one of the two is the first to end.
	becomes nofailed error
	seen nofailed "$all/stations/nofailed/status" "ended with exit code 66"
	log nofailed "quarantine '/srv/ftp/camera1/_failed': Read-only file system"

	chmod 755 .
	other=$T/other
	mkdir -p "$other/etc/streamhub/stations" "$other/run" "$other/var" drop/denied drop/closed
	chmod 700 drop/closed
	for id in denied closed; do
		sed "s|drop/new|drop/$id|" "$conf/new.conf" >"$other/etc/streamhub/stations/$id.conf"
	done
	chown -R nobody "$other"
	chmod 600 "$other"/etc/streamhub/stations/*
	mkdir tools # where nobody can get at them
	for tool in stationctl stationrun camwatch segcheck rtmppush hbwrite; do
		cp "$plain/$tool" tools
	done
	as_nobody() {
		STREAMHUB_ROOT=$other PATH=$T/tools:$PATH \
			setpriv --reuid nobody --regid nogroup --clear-groups "$@"
	}
	as_nobody stationctl start denied 2>>start.err
	as_nobody stationrun -l closed 2>>start.err & # stationctl would refuse to
	mine $!
	bad denied/1.mp4
	seen denied "$other/var/lib/streamhub/denied/log" \
		"quarantine '/srv/ftp/camera1/_failed': Permission denied"
	seen closed "$other/var/lib/streamhub/closed/log" "WATCH_DIR '/srv/ftp/camera1': Permission denied"
	as_nobody stationctl stop denied closed 2>>start.err

	own full; clip full/1.mp4
	mkdir -p run/streamhub.d/full
	# Its facts are seen there alone, so it is stopped there.
	timeout 60 unshare -m sh -c \
		"mount -t tmpfs -o size=8k none run/streamhub.d/full && stationctl start full
		until ! echo >>run/streamhub.d/full/fill; do :; done
		until grep 'fact .rtmppush.*No space' var/lib/streamhub/full/log; do sleep .1; done
		rm run/streamhub.d/full/fill
		stationctl stop full" >/dev/null 2>>start.err
	log full "fact 'rtmppush': No space left on device"
else
	skip "folders that cannot be written to" "needs root"
fi
finish
