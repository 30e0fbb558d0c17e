#!/bin/sh
# The page of make run-sse in headless Chromium ($CHROMIUM: another program): its buttons send events, by
# mouse and keyboard, in English and Spanish; it fits a phone; and a page of another server sends nothing.
. "$(dirname "$0")/../idle.sh"
: >seen
cannot() { # WHAT
	skip "$1" "$(sed -n 's/^skip //p' seen)"
	finish
}
command -v "${CHROMIUM:-chromium}" >/dev/null || saw skip "no chromium"
[ ! -s seen ] && npm_has web playwright-core@1 mpegts.js@1 || cannot "the page in a browser"
mkdir stations
touch stations/1.conf stations/front-door.conf
perl "$top/contrib/events/server.pl" "$T/events" stations "$(free_port)" >url 2>server.err &
server=$!
mine $server
wait_for 10 test -s url
run timeout 120 node "$top/test/web/events.js" "$npm_home" "$(cat url)"
is "the browser: exit code" "$rc:$err" 0:
is "what it saw" "$out" "en: stream 1 should run, stream front-door should run
click stop: stream 1 should not run, stream front-door should run
Sent, with the id 1
key start: stream 1 should run, stream front-door should run
tick and state: stream 1 should not run, stream front-door should run
events: 3 state [{\"id\":\"front-door\"}] / 2 start {\"id\":\"1\"} / 1 stop {\"id\":\"1\"}
es: emisión 1 no debe funcionar, emisión front-door debe funcionar
es: arrancar, parar, estado: solo las marcadas
phone: fits
another server: blocked 403
no error"
is "what was sent" "$(cat events)" "0	state	1,front-door
1	stop	1
2	start	1
3	state	front-door"
is "the server said nothing" "$(cat server.err)" ""
kill $server
reap $server
finish
