#!/bin/sh
# stationctl: what a verb changes is changed or is as it was, and the verb can be given again. Left
# out: what speaks to systemd (unit, install, uninstall), logs, which becomes tail, and test, which
# is rtmppush.
. "$(dirname "$0")/fakes.sh"
settings 1 2
conf=etc/streamhub/stations
act() { "$@" "$plain/stationctl" --backend process "$verb" 1; }
again() { "$plain/stationctl" --backend process "$@" >out2 2>err2 || echo "again: $? $(cat err2); "; }

verb=new
new=$conf/new.conf
prepare() { rm -rf "$conf"/new.conf "$conf"/.new*; }
act() { "$@" "$plain/stationctl" new new; }
amiss() {
	[ "$1" -ne 0 ] || [ "$(cat out)" = "$T/$new" ] || echo "printed $(cat out); "
	if [ -e $new ]; then cmp $new template; else again new new; fi
	cmp $new template
	[ "$(ls -A $conf | tr '\n' ' ')" = "1.conf 2.conf new.conf " ] || ls -A $conf
}
"$plain/stationctl" new new >/dev/null
mv $new template
written=$(wc -c <template)
every "stationctl new" 100
rm -f $new

# These change nothing.
prepare() { :; }
amiss() {
	[ "$1" -ne 0 ] || cmp out right
	again "$verb" 1
	cmp out2 right
}
written=20
for verb in list check; do
	act() { "$@" "$plain/stationctl" "$verb" 1; }
	"$plain/stationctl" $verb 1 >right
	every "stationctl $verb" 60
done
wish 1 down
act() { "$@" "$plain/stationctl" --backend process status 1; }
verb=status
# What could not be read is in its line.
amiss() {
	[ "$1" -gt 1 ] || grep -q '^[^ ]* 1 (1) not running' out || cat out
	again status 1
	cmp out2 right
}
"$plain/stationctl" status 1 >right
every "stationctl status" 60

stopped() { [ "$(alive stationrun):$(alive "$tools")" = 0:0 ]; }
started() { [ "$(wished):$(alive stationrun):$(alive "$tools")" = up:1:4 ]; }
wished() { cat var/lib/streamhub/1/desired 2>/dev/null; }
unset written
prepare() {
	"$plain/stationctl" stop 1
	wait_for 20 stopped
	rm -rf run var
}
act() { "$@" "$plain/stationctl" --backend process start 1; }
amiss() {
	case $(wished) in up | "") ;; *) echo "wish: $(wished); " ;; esac
	again start 1
	wait_for 10 started || echo "then: $(wished):$(alive stationrun):$(alive "$tools"); "
	tmp run var
}
every "stationctl start" 30

prepare() {
	"$plain/stationctl" start 1
}
act() { "$@" "$plain/stationctl" --backend process stop 1; }
amiss() {
	case $(wished) in up | down) ;; *) echo "wish: $(wished); " ;; esac
	again stop 1
	[ "$(wished):$(alive stationrun):$(alive "$tools")" = down:0:0 ] || echo "then: $(wished):$(alive stationrun):$(alive "$tools"); "
	[ -z "$(ls run/streamhub.d/1)" ] || echo "left: $(ls run/streamhub.d/1); "
	tmp run var
}
every "stationctl stop" 30

# Clips that were played are deleted; the others are not.
"$plain/stationctl" stop 1 2>/dev/null
prepare() {
	mkdir -p drop/1/_failed
	for n in 1 2 3; do
		echo bad >drop/1/_failed/$n.mp4
		echo "code: x" >drop/1/_failed/$n.mp4.reason
	done
	echo good >drop/1/good.mp4
}
act() { "$@" "$plain/stationctl" clean -y failed 1; }
amiss() {
	for n in 1 2 3; do
		[ -e drop/1/_failed/$n.mp4.reason ] || [ ! -e drop/1/_failed/$n.mp4 ] || echo "$n.mp4 without its reason; "
	done
	again clean -y failed 1
	[ "$(cd drop/1 && find . -type f)" = ./good.mp4 ] || find drop/1 -type f
}
every "stationctl clean" 80
finish
