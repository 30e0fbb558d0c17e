#!/bin/sh
# stalecheck -N: the line and the exit code that Nagios reads, whatever the names are.
. "$(dirname "$0")/../verdicts.sh"
mkdir -p $live $etc $lib
station 1 10
station 2 200
station 10 20
mkdir $live/3
heartbeat 5 >hb
: >empty

# Nagios.
echo STALE_AFTER=180 >$etc/2.conf
rm -r $lib/3 $etc/3.conf
none=$(printf '%s=0 ' stale silent missing future corrupt error)
run stalecheck -N 1
is "-N ok" "$rc" 0
like "-N ok: line" "$out" \
	"STREAMHUB OK - 1 ok | ok=1 ${none}'1'=[1-9][0-9]s;;180;0"
run stalecheck -N
is "-N stale and missing" "$rc" 2
like "-N stale and missing: line" "$out" \
	"STREAMHUB CRITICAL - 2 ok, 2 stale (heartbeat too old), 3 missing (no heartbeat) | ok=2 stale=1*"
is "-N: one line" "$(echo "$out" | wc -l)" 1
mkdir $live/s
tool s camwatch 1 'started: 0' 'waiting: 0' 'quiet: 6000'
tool s segcheck 1 'started: 0' 'good: 0' 'refused: 3' "refused_why: it's = a|b"
run stalecheck -N s
like "-N refused: critical, and why" "$rc:$out" \
	"2:STREAMHUB CRITICAL - 0 ok, s error (3 of 3 clips refused: it_s _ a_b) | *"
run stalecheck -q s
is "refused: error" "$rc:$(echo "$out" | cut -f 1,2)" "1:s${tab}error"
run stalecheck -x "touch acted" s
ok "refused: a restart cannot help" [ ! -e acted ]
rm $live/s/segcheck
run stalecheck --nagios 1 s
is "-N silent" "$rc:${out%% -*}" "1:STREAMHUB WARNING"
run stalecheck -N 1 empty
is "-N corrupt" "$rc:${out%% -*}" "3:STREAMHUB UNKNOWN"
run stalecheck -N 2 empty s
is "-N: stale is graver than corrupt" "$rc" 2
run stalecheck -N -q 1 2
like "-N -q: data of what is not ok" "$out" "*corrupt=0 error=0 '2'=2[0-9][0-9]s;;180;0"
rm -r $live
mkdir $live
run stalecheck -N
is "-N nothing to judge" "$rc:${out%% -*}" "3:STREAMHUB UNKNOWN"
heartbeat 0 >"a'b=c|d"
run stalecheck -N "a'b=c|d"
like "-N: a label cannot break the data" "$out" "*'a_b_c_d'=[0-9]s;;180;0"
run stalecheck -N "no|file"
like "-N: a name cannot break the line" "$out" "*, no_file missing (no heartbeat) | ok=0*"
many=$(perl -e 'print "hb no/file" . "x" x 80 . " " for 1 .. 300')
# shellcheck disable=SC2086
run stalecheck -N $many
is "-N of many: exit code" "$rc" 2
ok "-N of many: Nagios can read the line" [ "${#out}" -lt 8192 ]
like "-N of many: what is left out is counted" "$out" \
	"*missing (no heartbeat), and 2[67]? more | ok=300 * missing=300 * left_out=?*"
finish
