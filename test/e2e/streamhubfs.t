#!/bin/sh
# streamhubfs: the view is what the facts say, and what changes is seen at once.
. "$(dirname "$0")/../view.sh"
need_view
two_stations
ok "it starts" view_start --verbose -f
cd run/streamhub || exit 99
s=stations/1

# The tree.
is "the tree" "$(find . ! -path './stations/2*' | sort | tr '\n' ' ')" "$(echo . ./attention ./control \
	./healthy ./healthy/1 ./healthy/2 ./metrics ./stations ./stations/1 ./stations/1/age \
	./stations/1/config \
	./stations/1/cursor ./stations/1/desired ./stations/1/failed ./stations/1/failed/x.mp4 \
	./stations/1/failed/x.mp4.reason ./stations/1/heartbeat ./stations/1/log ./stations/1/now \
	./stations/1/queue ./stations/1/state ./stations/1/status ./stations/1/status.json \
	./stations/1/tools ./stations/1/tools/camwatch ./stations/1/tools/rtmppush \
	./stations/1/tools/segcheck ./stations/1/tools/segpack ./stations/1/tools/segunpack \
	./summary ./version) "
ok "find: every file can be read" sh -c 'find . -type f -exec cat {} + >/dev/null'
is "types as find sees them" \
	"$(find . -maxdepth 1 -type d | wc -l):$(find . -type l | wc -l):$(find . -maxdepth 1 -type f |
		wc -l)" 4:2:4
is "links lead to the station" "$(readlink healthy/1):$(cat healthy/1/state)" ../stations/1:playing
is "version" "$(cat version)" "streamhub $(sed -n 's/^VERSION := //p' "$top/Makefile")"

# A station.
is "status: its keys, in order" "$(cut -d : -f 1 $s/status | tr '\n' ' ')" \
	"$(echo station name desired state stream heartbeat age now position lag queue failed played \
		reconnects error held picture sound filler source clip recorded clips lost \
		entry entries round missing next desired_by) "
no_list=-,-,-,-,-,-,-,-,-,-
is "status: values" "$(grep -v -e ^heartbeat -e ^age $s/status | cut -d ' ' -f 2- | tr '\n' ,)" \
	"1,Cam 1,up,playing,connected,day/1.mp4,1.500,7,3,1,17,1,-,-,filler,silence,60,$no_list,person,"
is "status.json is status" "$(perl -MJSON::PP -e 'local $/; my ($json, $status) = @ARGV;
	my $j = decode_json(do { open my $f, "<", $json; <$f> }); open my $f, "<", $status; my $text = <$f>;
	for (split /\n/, $text) {
		my ($k, $v) = /^(\w+): (.*)/;
		my $own = $k eq "position" ? "1.500" : $j->{$k} // "-";
		print "$k: $v, not $own\n" if $k ne "age" && $own ne $v;
		delete $j->{$k};
	}
	print %$j' $s/status.json $s/status)" ""
is "state" "$(cat $s/state)" playing
is "now" "$(cat $s/now)" day/1.mp4
is "queue" "$(cat $s/queue)" 3
is "desired" "$(cat $s/desired)" up
is "desired: none" "$(cat stations/2/desired)" -
is "cursor" "$(cat $s/cursor)" "17${tab}day/0.mp4${tab}1500"
is "cursor: none" "$(cat stations/2/cursor)" -
is "log" "$(cat $s/log)" "$(seq 100)"
is "log: none" "$(cat stations/2/log)" ""
is "config: no secret" "$(cat $s/config)" "NAME=Cam 1
WATCH_DIR=$T/drop/1
RTMP_URL=***"
ok "no secret anywhere" sh -c '! grep -rq key-1 .'
for tool in camwatch segunpack segcheck rtmppush segpack; do
	ok "tools/$tool: as written" cmp -s $s/tools/$tool "$T/$live/1/$tool"
done
ok "heartbeat: as written" cmp -s $s/heartbeat "$T/$live/1/heartbeat"
is "stalecheck takes it as a heartbeat" "$(stalecheck $s/heartbeat | cut -f 2)" ok
is "failed: as it lies there" "$(cat $s/failed/x.mp4 $s/failed/x.mp4.reason)" "bad
code: truncated"

# All stations.
is "summary" "$(sed 's/  */ /g' summary | cut -d ' ' -f 1-5,7-)" \
	"STATION STATE DESIRED PICTURE SOUND LAG QUEUE FAILED PLAYED NAME ERROR
1 playing up filler silence 7s 3 1 17 Cam 1 -
2 playing - filler silence 7s 3 0 17 Cam 2 -"
like "metrics" "$(cat metrics)" '*streamhub_healthy{station="1"} 1*# EOF'
if command -v promtool >/dev/null; then
	run sh -c 'promtool check metrics <metrics'
	is "promtool takes the metrics" "$rc:$out$err" 0:
else
	skip "promtool takes the metrics" "needs promtool of the package prometheus"
fi

# What changes is seen at once.
rtmppush_fact day/2.mp4 | put "$T/$live/1/rtmppush"
is "a new fact" "$(cat $s/now)" day/2.mp4
echo down >"$T/$state/1/desired"
is "a new wish" "$(value $s/status desired)" down
heartbeat 200 | put "$T/$live/1/heartbeat"
is "stopped by hand: its state" "$(cat $s/state)" stopped
ok "stopped by hand: no link to it" sh -c '[ ! -e healthy/1 ] && [ ! -e attention/1 ]'
echo up >"$T/$state/1/desired"
is "stale" "$(cat $s/state):$(value $s/status error):$(ls attention):$(ls healthy)" \
	"stale:heartbeat too old:1:2"
heartbeat | put "$T/$live/1/heartbeat"
(fact_head && printf 'waiting: 0\nquiet: 601\n') | put "$T/$live/1/camwatch"
rtmppush_fact x | sed 's/^queue: .*/queue: 0/' | put "$T/$live/1/rtmppush"
is "silent" "$(cat $s/state):$(ls attention)" silent:1
(cd "$T" && station 3)
is "a station that comes" "$(echo stations/*):$(cat stations/3/state)" \
	"stations/1 stations/2 stations/3:playing"
rm -r "$T/$live/3" "$T/$settings/3.conf"
is "a station that goes" "$(ls stations | tr '\n' ' ')" "1 2 "
gone() { [ ! -e stations/3 ]; }
ok "a station that goes: its name" wait_for 5 gone
echo ACTIVE=perhaps >"$T/$settings/new.conf"
is "broken settings" \
	"$(cat stations/new/state):$(value stations/new/status error):$(ls attention | tail -n 1)" \
	"error:settings: line 1: ACTIVE: expected yes or no:new"
printf 'A=1\0' >"$T/$settings/new.conf"
like "settings that are none" "$(cat stations/new/state):$(value stations/new/status error)" \
	"error:settings: *"
ok "settings that are none: config is an error" sh -c '! cat stations/new/config 2>/dev/null'
echo NAME=later >"$T/$settings/new.conf"
is "settings and no facts" \
	"$(cat stations/new/state):$(cat stations/new/now stations/new/age stations/new/heartbeat |
		tr '\n' ' ')" "stopped:- - - "
rm "$T/$settings/new.conf"
(cd "$T" && station 1)

# Each open is one snapshot, and its size is that of what is read.
exec 3<$s/now
rtmppush_fact day/9.mp4 | put "$T/$live/1/rtmppush"
is "an open file does not change" \
	"$(perl -e 'sysread STDIN, $b, 4; print $b; sysread STDIN, $b, 99; print $b' <&3)" day/1.mp4
is "an open file has its size" "$(stat -L -c %s /dev/fd/3 3<$s/tools/rtmppush)" \
	"$(wc -c <"$T/$live/1/rtmppush")"
exec 3<&-

cd "$T" || exit 99
view_stop
is "SIGTERM: exit code" $? 0
cleanup_hook=:
ok "SIGTERM: unmounted" [ ! -e run/streamhub/version ]
is "it said nothing" "$(grep -v DEBUG .view)" ""
finish
