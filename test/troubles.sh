# shellcheck shell=sh disable=SC2034,SC2154
# troubles.sh: stations.sh for the tests of the troubles that streamhub(7) lists: each is brought about, and
# what the view and the logs say of it is looked for in the page.
. "$(dirname "$0")/../stations.sh"
need_nginx
can_mount || { skip "what the view says" "$no_view"; finish; }
conf=$T/etc/streamhub/stations all=$T/run/streamhub
mkdir -p "$conf"
end_mine=$cleanup_hook # view_start has one of its own
end_all() {
	for id in "$conf"/*.conf; do
		stationctl stop "$(basename "$id" .conf)" 2>/dev/null &
		stops="$stops $!"
	done
	# shellcheck disable=SC2086 # words
	wait $stops
	eval "$end_mine"
	view_stop
}
stops=
ok "the view" view_start
cleanup_hook=end_all
record=off nginx_starts
mandoc -T utf8 -O width=1000 "$top/man/streamhub.7" | perl -pe 's/.\x08//g' >page

# own ID [LINE...]: settings with a key of its own; started ID [LINE...]: it is wanted.
own() {
	own=$1
	shift
	settings "$own" "RTMP_URL=rtmp://127.0.0.1:$port/live/$own" "$@"
}
started() {
	own "$@"
	stationctl start "$1" 2>>start.err
}
clip() { for clip; do cp "$good" "drop/$clip" || return; done; }
bad() { # FILE: whose upload broke off an hour ago
	head -c 20000 "$good" >bad.new
	touch -d '1 hour ago' bad.new
	mv bad.new "drop/$1"
}
state() { [ "$(cat "$all/stations/$1/state")" = "$2" ]; }
has() { sed "s|$T/drop/[a-z0-9]*|/srv/ftp/camera1|g" "$1" 2>&1 | grep -qF -e "$2"; }
# seen WHAT FILE TEXT: there is such a text in this file, and the page has it.
seen() {
	if wait_for 40 has "$2" "$3"; then
		result 0 "$1: $3"
	else
		result 1 "$1: $3"
		show "$(tail -n 10 "$2")"
	fi
	ok "$1: the page has it" grep -qF -e "$3" page
}
# log ID TEXT, camwatch_says ID TEXT: it is there, and on the page.
log() { seen "$1" "$all/stations/$1/log" "$2"; }
camwatch_says() { seen "$1" "$all/stations/$1/tools/camwatch" "$2"; }
# becomes ID STATE [ERROR]: and the page has both.
becomes() {
	ok "$1: state: $2" wait_for 40 state "$1" "$2"
	ok "$1: the page has the state" grep -qF "state: $2" page
	[ $# -eq 2 ] || seen "$1" "$all/stations/$1/status" "error: $3"
}
