#!/bin/sh
# stationrun: starts its tools, starts them again when one has ended, and is told to end by one of
# them. Whatever happens to it, no tool and no fact is left behind, and it can be run again.
# shellcheck disable=SC2086 # words
. "$(dirname "$0")/fakes.sh"
settings 1
# The last tool fails the first time, and then ends all.
cat >bin/hbwrite <<'X'
#!/bin/sh
[ -e "$STREAMHUB_ROOT/failed" ] || { : >"$STREAMHUB_ROOT/failed"; exit 1; }
kill -TERM $PPID
exec tail -f /dev/null
X
prepare() {
	rm -rf run var failed
	$before
}
act() { "$@" "$plain/stationrun" $options 1; }
none_left() { [ "$(alive stationrun):$(alive "$tools")" = 0:0 ]; }
amiss() {
	wait_for 10 none_left || echo "left: $(alive stationrun), and $(alive "$tools") tools; "
	: >failed
	timeout 30 "$plain/stationrun" $options 1 >out2 2>err2 || echo "again: $? $(cat err2); "
	wait_for 10 none_left || echo "left then: $(alive "$tools") tools; "
	is_free 1 || echo "locked; "
	[ -z "$(ls run/streamhub.d/1)" ] || echo "left: $(ls run/streamhub.d/1); "
	tmp run var
}
options=-l before='touch failed'
every "stationrun -l" 40
options='' before=
every "stationrun, a tool fails" 6 # it waits 5 s
finish
