#!/bin/sh
# reconcile: what is seen of a station that runs, its fact and the view, and that its end stops nothing.
. "$(dirname "$0")/../events.sh"
settings 1
settings 2
event 29 state '["1","2"]' | hears
mkfifo lines
mkdir -p run/streamhub.d
reconcile --backend process --status "$T/run/streamhub.d" -i 1 <lines 2>log &
reconcile=$!
mine $reconcile
exec 9>lines
starts 1
ok "a station runs" wait_for 20 runs 1
said() { grep -q "$1" log; }
ok "its process is said" wait_for 20 said "\[PID\] stream '1': process $(fact 1 pid), since 20"
ok "and its state" wait_for 20 said "\[HEALTH\] stream '1': "
is "-j: its process" "$(reconcile -j | jq -r 'select(.stream == "1") | .pid')" "$(fact 1 pid)"
since=$(date -u -d "$(reconcile -j | jq -r 'select(.stream == "1") | .since')" +%s)
ok "-j: since when" [ $(($(date +%s) - since)) -lt 120 ]
if can_mount; then
	mkdir view
	"$plain/streamhubfs" -f view 2>view.err &
	view=$!
	mine $view
	ok "the view" wait_for 20 test -e view/version
	like "the view: control" "$(cat view/control)" "event: 29*whole: yes*1  *  up  *  $(fact 1 pid)  *20*"
	echo damaged >$list.new && cp $list kept && mv $list.new $list
	is "the view: a damaged list" "$(cat view/control 2>&1 | grep -c 'Input/output error')" 1
	mv kept $list
	kill $view
	reap $view
	is "the view ends: $(cat view.err)" $? 0
else
	skip "the view" "$no_view"
fi
event 31 stop 2 >&9
stopped() { [ "$(wish 2)" = down ]; }
ok "an event is made true at once" wait_for 10 stopped
settled() { [ "$(value run/streamhub.d/reconcile event 2>/dev/null)" = 31 ]; }
ok "its fact" wait_for 10 settled
is "and the numbers in it" "$(values run/streamhub.d/reconcile events expected held starts stops)" "1 2 0 0 1"
run reconcile </dev/null
like "another one" "$rc:$err" "75:*another reconcile runs already*"
# A list that is damaged meanwhile is written again with the next event.
echo damaged >$list
event 32 start 2 >&9
started() { [ "$(wish 2)" = up ] && [ "$(value $list id)" = 32 ]; }
ok "what is in memory counts" wait_for 10 started
kill $reconcile
reap $reconcile
is "a signal ends it" $? 0
exec 9>&-
is "which stops nothing" "$(all 1 2)" "1us 2us "
ok "really nothing" runs 1
stationctl --backend process stop 1 2>/dev/null
ok "the station ends" rests 1
finish
