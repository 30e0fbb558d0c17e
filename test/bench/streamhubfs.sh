#!/bin/sh
# streamhubfs: open, read to the end and close of status, beside libfuse's smallest file system
# and lxcfs' uptime, in turns; summary and ls with 1,000 stations.
BIN=${BIN:-$(cd "$(dirname "$0")/../.." && pwd)/build}
. "$(dirname "$0")/../lib.sh"
if ! can_mount; then
	echo "streamhubfs: not measured: $no_view"
	exit 0
fi
live=run/streamhub.d
mkdir -p $live etc/streamhub/stations
peers=$(mktemp -d) # not below $T: what is in them is not ours to remove
mkdir "$peers/hello" "$peers/lxcfs"
station() { # ID
	mkdir -p $live/"$1" "drop/$1/_failed"
	heartbeat >$live/"$1"/heartbeat
	(fact_head && printf 'waiting: 0\nquiet: 1\n') >$live/"$1"/camwatch
	(fact_head && echo 'good: 5') >$live/"$1"/segcheck
	(fact_head && printf 'position: 1\nlag: 7\nqueue: 2\nplayed: 17\nreconnects: 1\nstate: playing\nstream: connected\nnow: a.mp4\nerror: \n') >$live/"$1"/rtmppush
	printf 'WATCH_DIR=%s/drop/%s\n' "$T" "$1" >etc/streamhub/stations/"$1".conf
}
station 1
view_start
status=$T/run/streamhub/stations/1/status
"$plain/bench/hello" "$peers/hello" &
hello=$!
lxcfs=
if command -v lxcfs >/dev/null; then
	lxcfs -f -p "$T/lxcfs.pid" "$peers/lxcfs" >/dev/null 2>&1 &
	lxcfs=$!
fi
# shellcheck disable=SC2086 # one may be missing
end_peers() {
	kill $hello $lxcfs
	wait $hello $lxcfs
	rmdir "$peers/hello" "$peers/lxcfs" "$peers"
}
cleanup_hook='view_stop; end_peers'
wait_for 10 test -e "$peers/hello/hello"
[ -z "$lxcfs" ] || wait_for 10 test -e "$peers/lxcfs/proc/uptime"

# on READER SERVERS NAME: with the reader and the servers on these cores.
on() {
	reader=$1 servers=$2 name=$3
	for pid in $view $hello $lxcfs; do taskset -acp "$servers" "$pid" >/dev/null; done
	taskset -c "$reader" "$plain/bench/openread" 300 "$status" "$peers/hello/hello" \
		${lxcfs:+"$peers/lxcfs/proc/uptime"} >measured
	perl -ane '$m{$F[3] =~ s|.*/||r} = $F[0]; END {
		printf "'"$name"': open, read, close of status: %.1f us; hello %.1f us, ratio %.2f, wanted at most 1: %s\n",
			@m{qw(status hello)}, $r = $m{status} / $m{hello}, $r <= 1 ? "kept" : "MISSED";
		printf "'"$name"': lxcfs uptime: %.1f us, ratio %.2f, wanted at least 3: %s\n",
			$m{uptime}, $r = $m{uptime} / $m{status}, $r >= 3 ? "kept" : "MISSED" if $m{uptime} }' measured
}
last=$(($(nproc) - 1))
on 0-$last 0-$last "any core"
[ $last -eq 0 ] || on 0 1 "two cores"
on 0 0 "one core"
end_peers
view_stop
for id in $(seq 2 1000); do station "$id"; done
view_start
cd run/streamhub || exit 99
once() { # NAME LIMIT COMMAND: milliseconds
	perl -MTime::HiRes=time -e 'my ($name, $limit, @command) = @ARGV; my @t;
		for (0 .. 10) { my $s = time; system "@command >/dev/null"; push @t, (time - $s) * 1e3 }
		my $first = shift @t; @t = sort { $a <=> $b } @t;
		printf "%s: %.1f ms, first time %.1f, wanted below %d: %s\n", $name, $t[5], $first, $limit, $t[5] < $limit ? "kept" : "MISSED"' "$@"
}
once "1000 stations: ls stations" 20 ls stations
once "1000 stations: cat summary" 50 cat summary
once "1000 stations: cat metrics" 50 cat metrics
