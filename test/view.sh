# shellcheck shell=sh disable=SC2034,SC2154
# view.sh: lib.sh for the tests of streamhubfs: stations that are no more than facts, settings and a state,
# for it to show.
. "$(dirname "$0")/../lib.sh"
tab=$(printf '\t')
live=run/streamhub.d settings=etc/streamhub/stations state=var/lib/streamhub v=run/streamhub
mkdir -p $live $settings $state $v
chmod 755 .

# need_view: ends the test where nothing can be mounted.
need_view() {
	can_mount && return
	skip "what the view shows" "$no_view"
	finish
}

# put FILE: replaced as a whole.
put() { cat >"$1.new" && mv "$1.new" "$1"; }

# rtmppush_fact NOW: of one that plays.
rtmppush_fact() {
	fact_head
	printf 'position: 1500\nlag: 7\nqueue: 2\nplayed: 17\nreconnects: 1\nstate: playing\n'
	printf 'stream: connected\nserver: rtmp://x/***\nnow: %s\nerror: \n' "$1"
	printf 'picture: filler\nsound: silence\nfiller: 60\n'
}

# station ID: one that plays, all of whose tools have a fact.
station() {
	mkdir -p $live/"$1" "drop/$1/_failed" $state/"$1"
	heartbeat | put $live/"$1"/heartbeat
	(fact_head && printf 'waiting: 1\nquiet: 3\n') | put $live/"$1"/camwatch
	(fact_head && echo 'good: 5') | put $live/"$1"/segcheck
	(fact_head && echo 'archives: 1') | put $live/"$1"/segunpack
	(fact_head && echo 'packed: 1') | put $live/"$1"/segpack
	rtmppush_fact "day/$1.mp4" | put $live/"$1"/rtmppush
	printf 'NAME="Cam %s"\nWATCH_DIR=%s/drop/%s\nRTMP_URL=rtmp://host/app/key-%s\n' \
		"$1" "$T" "$1" "$1" >$settings/"$1".conf
}

# two_stations: 1, with all that the view has of a station, and 2.
two_stations() {
	station 1
	station 2
	echo up >$state/1/desired
	mkdir $state/1/player
	printf '17\tday/0.mp4\t1500\n' >$state/1/player/cursor
	seq 100 >$state/1/log
	echo bad >drop/1/_failed/x.mp4
	echo 'code: truncated' >drop/1/_failed/x.mp4.reason
}

# waiting ID: one that waits for clips, with two facts and no settings.
waiting() {
	mkdir -p $live/"$1"
	heartbeat >$live/"$1"/heartbeat
	(fact_head && printf 'waiting: 0\nquiet: 1\n') >$live/"$1"/camwatch
}

# waiting_station: 1, its folder is drop, in $s as the view shows it.
s=$v/stations/1
waiting_station() {
	mkdir -p drop/_failed
	waiting 1
	echo "WATCH_DIR=$T/drop" >$settings/1.conf
}

as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
