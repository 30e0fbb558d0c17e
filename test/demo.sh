# shellcheck shell=sh disable=SC2034,SC2154
# demo.sh: rtmp.sh for the tests of contrib/demo, which make run starts.
. "$(dirname "$0")/../rtmp.sh"
export BUILD="$BIN"
export STREAMHUB_ROOT="$T/demo"
# Two demos at once would take each other's port, and be taken for each other.
DEMO_PORT=$(free_port)
export DEMO_PORT
# A killed demo leaves what the next one ends.
cleanup_hook='kill ${demo-} 2>/dev/null; stationctl stop-all --pause 0 2>/dev/null
	kill ${left-} 2>/dev/null; '"$cleanup_hook"

# demo_starts [FILE]; demo_ends SIGNAL.
demo_starts() {
	rm -f demo.out # of the one before
	env --default-signal=INT "$top/contrib/demo" "$@" >demo.out 2>demo.err &
	demo=$!
	wait_for 30 grep -qs "Ctrl-C ends it" demo.out
}
demo_ends() {
	kill "-$1" $demo
	wait $demo
	rc=$?
	demo=
}

# nothing_left: the server's address names no folder: it is known by the port, in the file port.
nothing_left() {
	! pgrep -f "$T/" >/dev/null && ! grep -q "$T/" /proc/self/mounts &&
		{ [ ! -e port ] ||
			! pgrep -f "^rtmpsink rtmp://127.0.0.1:$(cat port)/live/demo$" >/dev/null; }
}
demo_port() { sed -n 's/^RTMP_URL=.*:\([0-9]*\)\/.*/\1/p' demo/etc/streamhub/stations/1.conf; }

# make_in_top [VARIABLE=VALUE...] TARGET: of the repository, with the tools that are not sanitized.
make_in_top() {
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$top" BUILD="$plain" "$@"
}
