#!/bin/sh
# orchestrate and stations that are stale: restarted as soon as they are, within a budget; never one
# that plays a long clip, has no server, or is only silent. Five restarts for nothing are an error.
# Takes long.
. "$(dirname "$0")/../rtmp.sh"
conf=$T/etc/streamhub/stations
mkdir -p "$conf"
port=$(free_port)
tab=$(printf '\t')
good=$top/tools/stationctl/pattern.mp4
cleanup_hook="stationctl stop-all --pause 0 2>/dev/null; $cleanup_hook"
wish() { # ID up|down
	mkdir -p "var/lib/streamhub/$1"
	echo "$2" >"var/lib/streamhub/$1/desired"
}
is_state() { stationctl status "$1" | grep -q " $2"; }
planned() { orchestrate -n 2>/dev/null | grep "^$1$tab"; }

# Beside these the player has a clip, and does nothing.
mkdir frozen
cp "$BIN/orchestrate" "$BIN/stationrun" frozen
cat >frozen/rtmppush <<'X'
#!/bin/sh
while [ "$1" != -s ]; do shift; done
read -r up _ </proc/uptime
printf '%s\n' "boot: $(cat /proc/sys/kernel/random/boot_id)" "mono: $up" "pid: $$" "started: $up" \
	'state: playing' 'stream: connected' 'since: 100' 'queue: 1' >"$2/.new"
mv "$2/.new" "$2/rtmppush"
exec tail -f /dev/null
X
chmod +x frozen/rtmppush

# A clip longer than STALE_AFTER, and then nothing. And a server that is away.
ffmpeg -v error -nostdin -stream_loop 1 -i "$good" -c copy long.mp4
rtmpsink "rtmp://127.0.0.1:$port/live/secretkey" >sink.out 2>sink.err &
mine $!
wait_for 20 listens "$port"
settings long STALE_AFTER=4
settings away STALE_AFTER=1 RTMP_URL=rtmp://127.0.0.1:1/live/key
cp long.mp4 drop/long/1.mp4
cp "$good" drop/away/1.mp4
wish long up
wish away up
orchestrate -i 1 2>log &
pid=$!
mine $pid
is_stale() { is_state away 'stale · heartbeat too old: Connection refused'; }
ok "no server: it is stale" wait_for 30 is_stale
like "no server: it is left alone, and why" "$(planned away)" \
	"away${tab}keep${tab}heartbeat too old: Connection refused"
played() { [ "$(value run/streamhub.d/long/rtmppush played)" = 1 ]; }
ok "a long clip is played" wait_for 60 played
kill $pid
reap $pid
is "a long clip, no server: none is restarted" "$(grep -c 'restart, as' log)" 0
is "a long clip: one session" "$(grep -c begins sink.out)" 1
stationctl stop long away 2>/dev/null

# The round is far away: what will be stale is looked at when it is.
settings late STALE_AFTER=2
wish late up
frozen/orchestrate -i 3600 2>log &
pid=$!
mine $pid
went_stale() { grep -q "station 'late': restart, as heartbeat too old" log; }
ok "a stale one is restarted as soon as it is" wait_for 20 went_stale
kill $pid
reap $pid
stationctl stop late 2>/dev/null

# Silent is left alone, stale is restarted; with a budget.
settings silent SILENT_AFTER=1 STALE_AFTER=1
wish silent up
orchestrate -i 1 2>log &
pid=$!
mine $pid
ok "a silent one" wait_for 30 is_state silent silent
kill $pid
reap $pid
is "never what is silent" "$(grep -c 'restart, as' log)" 0
stationctl stop silent 2>/dev/null
settings up STALE_AFTER=1
wish up up
frozen/orchestrate -i 1 --budget 2 2>log &
pid=$!
mine $pid
often() { grep -q "station 'up': restart: too often, left alone" log; }
ok "a stale one is restarted, but not without end" wait_for 60 often
is "so often" "$(grep -c "station 'up': re*start, as heartbeat" log)" 1
kill $pid
reap $pid
is "SIGTERM ends it" $? 0
stationctl stop up 2>/dev/null

# Five restarts without a clip played are an error, which a new orchestrate knows; then each minute.
settings again STALE_AFTER=1
wish again up
frozen/orchestrate -1 2>/dev/null
again() { planned again | grep -q "${tab}restart$tab"; }
for _ in 1 2 3 4 5; do
	wait_for 30 again
	frozen/orchestrate -1 2>>again.log
done
is "restarted five times" "$(grep -c "station 'again': restart, as heartbeat too old" again.log)" 5
why="restarted 5 times without a clip played, the last as heartbeat too old"
run stationctl status again
like "then it is in error, with the count and the reason" "$rc:$out" "1:*error · $why"
is "and stalecheck says so" "$(stalecheck -j again | sed 's/.*"reason":"//; s/".*//')" "$why"
aged() { # SECONDS: since the last restart
	sed -i "s/^mono: .*/$(fact_head "$1" | grep ^mono)/" run/streamhub.d/again/orchestrate
}
aged 50
like "not at once again" "$(planned again)" "again${tab}keep${tab}$why"
aged 60
ok "but after a minute" wait_for 20 again
is "and what for" "$(planned again)" "again${tab}restart${tab}heartbeat too old"
frozen/orchestrate -1 2>/dev/null
is "and that counts on" "$(value run/streamhub.d/again/orchestrate restarts)" 6
heartbeat >run/streamhub.d/again/heartbeat
is "a clip played ends it" "$(stalecheck again | cut -f 2)" ok
finish
