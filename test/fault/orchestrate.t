#!/bin/sh
# orchestrate -1: after a fault and another round, what is wanted runs once, and nothing else does.
. "$(dirname "$0")/fakes.sh"
settings up down
more_codes=$(documented stationctl)
stopped() { [ "$(alive stationrun):$(alive "$tools")" = 0:0 ]; }
prepare() {
	"$plain/stationctl" stop-all --pause 0
	wait_for 20 stopped
	rm -rf run var
	wish down up
	"$plain/stationctl" start down
	wish down down
	wish up up
}
started() { [ "$(alive stationrun):$(alive "$tools")" = 1:4 ]; }
act() { "$@" "$plain/orchestrate" -1 --backend process; }
# What the killed one had begun goes on by itself, and keeps others out so long.
none_acts() { flock -n run/streamhub.d/.stalecheck true; }
amiss() {
	wait_for 30 none_acts
	"$plain/orchestrate" -1 --backend process 2>err2
	code=$?
	[ $code -eq 0 ] || echo "again: $code $(cat err2); "
	wait_for 10 started || echo "then $(alive stationrun) run with $(alive "$tools") tools; "
	is_free down || echo "it still runs, and should not; "
	! is_free up || echo "it does not run, and should; "
	tmp run var
}
every "orchestrate -1" 40

"$plain/stationctl" stop-all --pause 0 2>/dev/null
wish up up
act() { "$@" "$plain/orchestrate" -n; }
prepare() { :; }
amiss() {
	[ "$1" -ne 0 ] || [ "$(wc -l <out)" -eq 2 ] || echo "printed $(cat out); "
	"$plain/orchestrate" -n >out2 2>err2 || echo "again: $(cat err2); "
	[ "$(cut -f 1,2 out2 | tr '\t\n' '  ')" = "down keep up start " ] || cat out2
	stopped || echo "it did something; "
}
written=100
every "orchestrate -n" 80
finish
