#!/bin/sh
# stalecheck of stations: which there are, in which order they are shown, and what is none.
. "$(dirname "$0")/../verdicts.sh"

# Stations.
run stalecheck
is "no live folder: exit code" "$rc" 66
run stalecheck -N
is "-N, no live folder" "$rc:$out" "3:STREAMHUB UNKNOWN - no folder of stations"
run stalecheck
like "no live folder: said, with its whole path" "$err" \
	"*'$T/run/streamhub.d': no folder of stations: No such file*"
mkdir -p $live $etc $lib
run stalecheck
is "no stations: all is well" "$rc:$out$err" "0:"
rmdir $lib
touch $lib
run stalecheck
is "no stations, but the state may hide one" "$rc:$out" 74:
rm $lib
mkdir $lib
run stalecheck -v
like "no stations: said with -v" "$err" "*DEBUG*no active station*"
station() { # ID AGE: a station with a heartbeat
	mkdir -p "$live/$1"
	heartbeat "$2" >"$live/$1/heartbeat"
}
tool() { # ID TOOL AGE KEY...: a fact of a tool
	at=$live/$1/$2
	fact_head "$3" >"$at"
	shift 3
	printf '%s\n' "$@" >>"$at"
}
station 1 10
station 2 200
station 10 20
mkdir $live/3 $live/.hidden
run stalecheck
is "all stations, in order" "$rc:$(echo "$out" | cut -f 1,2,4 | tr '\t' ' ')" "1:1 ok 180
2 stale 180
3 missing 180
10 ok 180"
is "no age" "$(echo "$out" | cut -f 3 | sed -n 3p)" -
run stalecheck -q
is "-q" "$rc:$(echo "$out" | cut -f 1 | tr '\n' ' ')" "1:2 3 "
run stalecheck --quiet 1
is "--quiet, all well" "$rc:$out" "0:"
run stalecheck 10 1
is "IDs" "$(echo "$out" | cut -f 1 | tr '\n' ' ')" "10 1 "
run stalecheck "$live"
is "a folder of stations" "$rc:$(echo "$out" | cut -f 1 | tr '\n' ' ')" "1:1 2 3 10 "
run stalecheck $live/
is "a folder with a slash" "$(echo "$out" | wc -l)" 4
touch $live/file
ln -s 1 $live/link
run stalecheck -q
is "what is no folder is corrupt, not hidden" "$rc:$(echo "$out" | cut -f 1,2 | tr '\t\n' '= ')" \
	"74:2=stale 3=missing file=corrupt link=corrupt "
like "what is no folder: said" "$err" "*station 'file': cannot read its facts: Not a directory*"
run stalecheck -q $live/../streamhub.d
is "a folder of stations: a file in it is none" "$(echo "$out" | cut -f 1 | tr '\n' ' ')" "2 3 link "
rm $live/file $live/link
judge $live/2/heartbeat
about "a station's heartbeat" 1 stale 200 180 $live/2/heartbeat
run stalecheck nobody
is "unknown ID" "$rc:$out" "1:nobody${tab}missing${tab}-${tab}180"
run stalecheck $live/1
is "a folder without stations: exit code" "$rc" 66
like "a folder without stations: said" "$err" "*'$live/1': no active stations in this folder*"
finish
