#!/bin/sh
# hbwrite: the heartbeat is the old or the new one, never part of one; what it passed on is a prefix
# of its input; the next one clears what is left.
. "$(dirname "$0")/every.sh"
whole_beat() { # of these messages
	[ "$(cut -d: -f1 s/hb | tr '\n' ' ')" = "time boot mono pid count state message last " ] ||
		echo "not whole; "
	case $(value s/hb message) in old | new) ;; *) echo "message; " ;; esac
}
prepare() {
	rm -rf s
	mkdir s
	hbwrite -1 -m old s/hb
}
act() { "$@" "$plain/hbwrite" -1 -m new s/hb; }
amiss() {
	whole_beat
	[ "$1" -ne 0 ] || [ "$(value s/hb message)" = new ] || echo "exit code 0, and no beat; "
	hbwrite -1 -m new s/hb 2>err2 || echo "again: $? $(cat err2); "
	[ "$(value s/hb message)" = new ] || echo "not new; "
	tmp s
}
written=250
every "hbwrite -1" 200

seq 20000 >input
act() { "$@" "$plain/hbwrite" -m new s/hb <input; }
amiss() {
	whole_beat
	head -c "$(stat -c %s out)" input | cmp -s - out || echo "not a prefix; "
	[ "$1" -ne 0 ] || { cmp -s out input && [ "$(value s/hb count)" = 20000 ]; } ||
		echo "exit code 0, and not all; "
	hbwrite -m new s/hb <input 2>err2 | cmp - input || echo "again: $(cat err2); "
	[ "$(value s/hb count)" = 20000 ] || echo "count; "
	tmp s
}
written=110000
every "hbwrite, a filter" 200
finish
