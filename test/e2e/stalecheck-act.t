#!/bin/sh
# stalecheck -x: for which stations a command is run, and for which it is not.
. "$(dirname "$0")/../verdicts.sh"
mkdir -p $live $lib
act_is_made

# Which.
station fine 10
station old 200
mkdir $live/lost
station silent 200
{ fact_head 1; printf 'started: 0\nwaiting: 0\nquiet: 700\n'; } >$live/silent/camwatch
mkdir $live/broken
echo half >$live/broken/heartbeat
station stopped 200
mkdir $lib/stopped
echo down >$lib/stopped/desired
station off 200
mkdir -p etc/streamhub/stations
echo ACTIVE=no >etc/streamhub/stations/off.conf
run stalecheck -x "./act  restart now"
is "run for stale and missing, not for silent, corrupt, stopped, inactive" "$(acts)" \
	"restart now lost restart now old "
is "the verdicts are shown as ever" "$rc:$(echo "$out" | cut -f 1,2 | tr '\t\n' '= ')" \
	"1:broken=corrupt fine=ok lost=missing old=stale silent=silent "
like "it is said" "$err" "*'lost': missing, no heartbeat: running './act'*'old': stale, heartbeat too old*"
rm acts
run stalecheck -x "./act" stopped
is "stopped by hand: named, judged, not run" "$rc:$(echo "$out" | cut -f 2):$(acts)" 1:stale:

# A server that is away: no restart helps.
station away 200
{ fact_head 1; printf \
	'started: 0\nstate: reconnecting\nqueue: 1\nerror: Connection refused\n'; } >$live/away/rtmppush
run stalecheck -x ./act away
is "the server is away: judged, not run" "$rc:$(echo "$out" | cut -f 2):$(acts)" 1:stale:

# Five restarts without a clip: once, also while another process acts on all stations.
station again 200
restarted() { # SECONDS TIMES
	{ fact_head "$1"; printf 'restarts: %s\nreason: heartbeat too old\n' "$2"; } >$live/again/orchestrate
}
restarted 100 5
exec 9>>$live/.stalecheck
flock 9
for count in 5 5 6; do
	restarted 50 $count
	run stalecheck -x ./act again
	is "restarted $count times: error" "$rc:$(echo "$out" | cut -f 2)" 1:error
done
is "restarted 5 times and more: run once" "$(acts)" "again "
exec 9>&-
restarted 30 6
heartbeat 40 >$live/again/heartbeat
run stalecheck -x ./act again
is "a clip was played meanwhile: run once more" "$(acts)" "again again "
rm -r acts $live/again $live/away

# Nor what may have been stopped: nobody can tell.
mkdir $lib/old etc/kept
cr=$(printf '\r')
export cr
# shellcheck disable=SC2016 # for eval
for lie in 'echo "down$cr" >$lib/old/desired' 'mkdir $lib/old/desired' \
	'echo STALE_AFTER=x >etc/streamhub/stations/old.conf' \
	'mkdir etc/streamhub/stations/old.conf' \
	'mv $lib etc/kept; touch $lib' 'mv etc/streamhub/stations etc/kept; touch etc/streamhub/stations'; do
	eval "$lie"
	run stalecheck -x ./act -b 9/600 old
	like "$lie: judged, not run" "$rc:$(echo "$out" | cut -f 2):$(acts)" "7[48]:stale:"
	[ ! -f $lib ] || { rm $lib && mv etc/kept/* $lib; }
	[ ! -f etc/streamhub/stations ] || { rm etc/streamhub/stations && mv etc/kept/* etc/streamhub/; }
	rm -rf $lib/old/desired etc/streamhub/stations/old.conf
done
run stalecheck -x ./act -b 9/600 old
is "without the lies: run" "$rc:$(acts)" "1:old "
finish
