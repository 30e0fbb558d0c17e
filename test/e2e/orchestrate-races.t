#!/bin/sh
# orchestrate and others: a station that is stopped while it is being started, supervisors that are killed,
# and one that no restart helps.
. "$(dirname "$0")/../control.sh"
settings up
wish up up
orchestrate -1 2>/dev/null

# Stopped by hand while it is being started: its supervisor is slow.
mkdir slow
cp "$BIN/orchestrate" slow
cat >slow/stationrun <<X
#!/bin/sh
: >"$T/starting"
while [ ! -e "$T/go" ]; do perl -e 'select undef, undef, undef, .01'; done
exec "$BIN/stationrun" "\$@"
X
chmod +x slow/stationrun
settings late
wish late up
PATH=$T/slow:$PATH orchestrate -1 2>slow.err &
pid=$!
mine $pid
ok "it is being started" wait_for 10 [ -e starting ]
wish late down
: >go
reap $pid
ok "stopped by hand meanwhile: it is down in the end" rests late
orchestrates
is "all is well: nothing to do" "$(cat log)" ""
kill -9 "$(fact up pid)"
first=$(fact up pid)
back() { runs up && [ "$(fact up pid)" != "$first" ]; }
ok "a supervisor is killed: it is back" wait_for 30 back
kill -9 $pid
reap $pid
ok "orchestrate is killed: the stations run" runs up

# An error of what the camera sends is left alone, too.
settings bad STALE_AFTER=1
for n in 1 2 3; do cp "$top/test/fixtures/truncated-moov-first.mp4" drop/bad/$n.mp4; done
stationctl start bad 2>/dev/null
refuses() { stationctl status bad | grep -q '3 of 3 clips refused'; }
ok "one that refuses all" wait_for 60 refuses
like "one that refuses all is not restarted" "$(orchestrate -n 2>/dev/null | grep ^bad)" \
	"bad${tab}keep${tab}3 of 3 clips refused: *"
finish
