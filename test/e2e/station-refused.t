#!/bin/sh
# What segcheck passes and rtmppush cannot play is put away, and a station whose clips are all like that
# is in error; what is changed behind segcheck is not played.
. "$(dirname "$0")/../stations.sh"
need_nginx
record=off nginx_starts || exit 99
# shellcheck disable=SC2034 # lib.sh evaluates it
end_mine=$cleanup_hook
# shellcheck disable=SC2034 # lib.sh evaluates it
cleanup_hook='stationctl stop 1 2>/dev/null; eval "$end_mine"'
# AFTER_PLAY=delete is the default.
station 1 PROFILE=any STALE_AFTER=600
stationctl start 1 2>start.err
put() { cp "$1" drop/1/.new && mv drop/1/.new "drop/1/$2"; }
put_away() { [ -e "drop/1/_failed/$1.reason" ]; }
for n in 1 2 3; do
	put "$top/test/fixtures/h265.mp4" $n.mp4
	ok "clip $n is put away" wait_for 30 put_away $n.mp4
done
is "with their reason" "$(cat drop/1/_failed/*.reason | grep '^code' | sort | uniq -c | tr -s ' ')" \
	" 3 code: unplayable"
in_error() { [ "$(stalecheck 1 | cut -f 2)" = error ]; }
ok "the station is in error" wait_for 20 in_error
like "with a count and why" "$(stationctl status 1)" "✗ *error · 3 of 3 clips refused: cannot be played, hevc"
stationctl restart 1 2>>start.err
ok "also after a restart" wait_for 20 in_error
put "$good" 4.mp4
well() { stalecheck -q 1; }
ok "a good clip ends it" wait_for 30 well

# A clip that waits for its turn is changed: what nobody looked into is not sent.
played() { [ "$(grep -c "$1' was on the air" var/lib/streamhub/1/log)" = 1 ]; }
ok "the good one is played" wait_for 30 played 4.mp4
put "$good" 5.mp4
put "$good" 6.mp4
put "$good" 7.mp4
has_three() { [ "$(value run/streamhub.d/1/rtmppush queue)" = 3 ]; }
ok "three wait in the player" wait_for 20 has_three
cat "$top/test/fixtures/h265.mp4" >drop/1/7.mp4
ok "the two before are played" wait_for 40 played 6.mp4
said() { grep -q "'.*/7.mp4' has changed since it came: left where it is" var/lib/streamhub/1/log; }
ok "the changed one is not sent" wait_for 30 said
ok "but looked at again, and put away" wait_for 40 put_away 7.mp4
finish
