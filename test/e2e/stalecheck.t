#!/bin/sh
# stalecheck: verdicts, what it takes, how it shows them, and what it refuses.
. "$(dirname "$0")/../lib.sh"
tab=$(printf '\t')

# verdict_of OPERAND...: exit code and the words of the lines.
judge() {
	run stalecheck "$@"
	words=$(echo "$out" | cut -f 2 | tr '\n' ' ')
}

# about NAME CODE WORD AGE LIMIT: what judge found; the machine may be slow.
about() {
	is "$1: exit code and word" "$rc:$words" "$2:$3 "
	age=$(echo "$out" | cut -f 3)
	ok "$1: $age is about $4" [ "$age" -ge "$4" -a "$age" -le $(($4 + 15)) ]
	is "$1: name and limit" "$(echo "$out" | cut -f 1,4)" "$6${tab}$5"
}

# Heartbeat files.
heartbeat 0 >hb
judge hb
about "fresh" 0 ok 0 180 hb
is "fresh: nothing said" "$err" ""
heartbeat 100 >hb
judge hb
about "100 s old" 0 ok 100 180 hb
heartbeat 200 >hb
judge hb
about "200 s old" 1 stale 200 180 hb
judge -t 300 hb
is "-t above the age" "$rc:$words" "0:ok "
judge --stale-after 199 hb
is "--stale-after below the age" "$rc:$words" "1:stale "
judge nothing
is "no file" "$rc:$out" "1:nothing${tab}missing${tab}-${tab}180"
judge no/such/folder
is "no folder" "$rc:$words" "1:missing "
judge hb nothing hb
is "several: worst code, all lines" "$rc:$words" "1:stale missing stale "
# No file can have such a name, and no station.
for name in "$(head -c 300 /dev/zero | tr '\0' x)" "$(head -c 300 /dev/zero | tr '\0' x)/hb" \
	"$(perl -e 'print "x/" x 3000')hb" "$(head -c 65 /dev/zero | tr '\0' x)"; do
	run stalecheck "$name"
	is "name of ${#name} bytes: missing" "$rc:$(echo "$out" | cut -f 2):$err" "1:missing:"
done
heartbeat -50 >hb
judge hb
is "of the future" "$rc:$out" "1:hb${tab}future${tab}-${tab}180"
heartbeat 0 | sed 's/^boot: .*/boot: 11111111-2222-3333-4444-555555555555/' >hb
judge hb
is "of an earlier boot" "$rc:$out" "1:hb${tab}stale${tab}-${tab}180"

# An age just over the limit does not look like the limit.
fact_head 180 | sed 's/\(mono: .*\)\..*/\1.000/' >hb
echo 'last: ' >>hb
over() {
	judge hb
	[ "$words" = "stale " ]
}
ok "at last it is stale" wait_for 10 over
ok "over the limit: shown as more than the limit" [ "$(echo "$out" | cut -f 3)" -gt 180 ]

# The wall clock has no say.
for wall in 1970-01-01T00:00:00Z 2027-12-31T00:00:00Z noise; do
	heartbeat 0 | sed "s/^time: .*/time: $wall/" >hb
	judge hb
	is "written at $wall: still fresh" "$words" "ok "
	heartbeat 200 | sed "s/^time: .*/time: $wall/" >hb
	judge hb
	is "written at $wall: still stale" "$words" "stale "
done
heartbeat 100 >hb
for jump in +1d -1h "@1970-01-01 00:00:10"; do
	run env ASAN_OPTIONS=verify_asan_link_order=0 FAKETIME_DONT_FAKE_MONOTONIC=1 \
		faketime -f "$jump" "$plain/stalecheck" hb
	words="$(echo "$out" | cut -f 2) "
	about "clock moved $jump" 0 ok 100 180 hb
	is "clock moved $jump: it was moved" "$(faketime -f "$jump" date +%F)" \
		"$(date -d "$(echo "$jump" | sed 's/^@//; s/1d/1 day/; s/1h/1 hour/')" +%F)"
done
rm hb
faketime -f "-400d" env FAKETIME_DONT_FAKE_MONOTONIC=1 "$plain/hbwrite" -1 hb
judge hb
is "beaten under a wrong clock: fresh" "$words" "ok "
like "beaten under a wrong clock: shows that clock" "$(value hb time)" "$(date -d '-400 days' +%Y-)*"

# Damage.
heartbeat 0 >good
size=$(stat -c %s good)
bad=0 n=0
while [ $n -lt "$size" ]; do
	head -c $n good >half
	[ "$(stalecheck half | cut -f 2)" = corrupt ] || bad=$((bad + 1))
	n=$((n + 7))
done
is "half files are corrupt, wherever they end" "$bad" 0
head -c 65537 /dev/zero | tr '\0' a >big
head -c 300 /dev/urandom >noise
printf 'a: \0\n' >nul
sed 's/^mono: .*/mono: 12x/' good >mono
sed 's/^mono: .*/mono: 99999999999999999999/' good >huge
sed 's/^mono: .*/mono: -1/' good >negative
sed 's/^boot: .*/boot: short/' good >boot
cat good good >twice
: >empty
mkfifo fifo
ln -s good link
for file in big noise nul mono huge negative boot twice empty fifo link /dev/null; do
	judge "$file"
	is "$file is corrupt" "$rc:$words" "1:corrupt "
done
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 .
	heartbeat 0 >secret
	chmod 600 secret
	judge_as() { run setpriv --reuid 65534 --regid 65534 --clear-groups stalecheck "$@"; }
	judge_as secret
	is "unreadable: exit code" "$rc" 74
	is "unreadable: verdict" "$(echo "$out" | cut -f 2)" corrupt
	like "unreadable: said" "$err" "*heartbeat 'secret': Permission denied*"
else
	skip "unreadable heartbeat" "needs root to become another user"
fi
odd=$(printf './new\nline\tESC\033')
heartbeat 0 >"$odd"
judge "$odd"
about "a hostile name is one escaped line" 0 ok 0 180 "./new\\x0aline\\x09ESC\\x1b"
run stalecheck './new\x0aline'
is "a name that looks escaped is not taken for it" "$(echo "$out" | cut -f 1)" './new\x5cx0aline'
judge "$odd"
is "a hostile name is one line" "$(echo "$out" | wc -l)" 1

# Stations.
run stalecheck
is "no live folder: exit code" "$rc" 66
run stalecheck -N
is "-N, no live folder" "$rc:$out" "3:STREAMHUB UNKNOWN - no folder of stations"
run stalecheck
like "no live folder: said, with its whole path" "$err" "*'$T/run/streamhub.d': no folder of stations: No such file*"
live=run/streamhub.d etc=etc/streamhub/stations lib=var/lib/streamhub
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

# Settings and wishes.
printf 'STALE_AFTER=300\n# comment\nNAME="A b"\n' >$etc/2.conf
judge 2
about "STALE_AFTER" 0 ok 200 300 2
judge -t 50 2
about "-t goes before STALE_AFTER" 1 stale 200 50 2
echo ACTIVE=no >$etc/3.conf
run stalecheck -q
is "ACTIVE=no is passed over" "$rc:$out" "0:"
run stalecheck 3
is "ACTIVE=no but named" "$rc:$out" "1:3${tab}missing${tab}-${tab}180"
echo ACTIVE=yes >$etc/3.conf
mkdir $lib/3 $lib/7 $lib/8
echo down >$lib/3/desired
echo up >$lib/7/desired
echo down >$lib/8/desired
run stalecheck -q
is "desired down is passed over, up without a trace is missing" "$rc:$out" \
	"1:7${tab}missing${tab}-${tab}180"
rm -r $lib/7
mkdir $lib/9
cr=$(printf '\r')
for word in "down$cr" DOWN 'up and down'; do
	echo "$word" >$lib/9/desired
	run stalecheck -q
	is "desired '${word%"$cr"}' and more: judged, with an error" "$rc:$out" "78:9${tab}missing${tab}-${tab}180"
	like "desired '${word%"$cr"}' and more: said" "$err" "*station '9': 'desired' says neither up nor down: Invalid*"
done
rm -r $lib/9
for line in STALE_AFTER=0 STALE_AFTER=x SILENT_AFTER=-1 ACTIVE=maybe STALE_AFTER=; do
	echo "$line" >$etc/1.conf
	run stalecheck 1
	is "bad setting $line: exit code" "$rc" 78
	like "bad setting $line: said" "$err" "*station '1': settings: ${line%=*}: Invalid argument*"
	is "bad setting $line: judged by default" "$out" "1${tab}ok${tab}${out#1	ok	}"
done
printf 'STALE_AFTER=7\nSILENT_AFTER=x\n' >$etc/1.conf
run stalecheck 1
is "bad setting: the good ones count" "$rc:$(echo "$out" | cut -f 2,4)" "78:stale${tab}7"
printf 'ACTIVE=no\nSTALE_AFTER=x\n' >$etc/1.conf
run stalecheck
ok "bad setting: inactive is inactive" [ "$rc:${out%"${out#1}"}" = 78: ]
rm $etc/1.conf
mkdir $etc/1.conf
run stalecheck 1
is "settings are a folder: exit code" "$rc" 78
rmdir $etc/1.conf

# A place that is there and cannot be opened hides settings or wishes: an error.
for place in $etc $lib $live; do
	mv $place away
	touch $place
	run stalecheck 1
	is "$place is a file: exit code" "$rc" 74
	like "$place is a file: said once, with its whole path" "$(echo "$err" | grep -c "'$T/$place': Not a dir")" 1
	case $place in
	"$live") wanted=corrupt ;;
	*) wanted=ok ;;
	esac
	is "$place is a file: judged all the same" "$(echo "$out" | cut -f 2)" $wanted
	run stalecheck hb
	is "$place is a file: no matter for a heartbeat file" "$rc:$err" "0:"
	rm $place
	mv away $place
done
touch away
mv $live aside
mv away $live
run stalecheck
is "the live folder is a file: exit code" "$rc" 74
rm $live
mv aside $live

# Tools: stale, silent, starting.
station s 200
tool s camwatch 1 'started: 0' 'waiting: 0' 'quiet: 30'
run stalecheck s
is "old heartbeat, nothing to play: ok" "$rc:$(echo "$out" | cut -f 2,4)" "0:ok${tab}180"
tool s camwatch 1 'started: 0' 'waiting: 2' 'quiet: 30'
run stalecheck s
is "old heartbeat, clips wait: stale" "$rc:$(echo "$out" | cut -f 2)" 1:stale
tool s camwatch 1 'started: 0' 'waiting: 0' 'quiet: 600'
judge s
about "no clip for 601 s: silent" 1 silent 601 600 s
echo SILENT_AFTER=700 >$etc/s.conf
run stalecheck s
is "SILENT_AFTER" "$rc:$(echo "$out" | cut -f 2)" 0:ok
tool s rtmppush 1 'started: 0' 'queue: 1'
run stalecheck s
is "old heartbeat, clips queue: stale" "$rc:$(echo "$out" | cut -f 2)" 1:stale
tool s rtmppush 1 'started: 0' 'queue: 0'
tool s segcheck 91 'started: 0'
run stalecheck -j s
like "a pulse is missing: stale" "$rc:$out" \
	'1:{"id":"s","verdict":"stale","age":[91][0-9]*,"limit":90,"reason":"no pulse of segcheck"}'
rm $live/s/segcheck
for queue in 'queue: -3' 'queue: many' 'other: 1'; do
	tool s rtmppush 1 'started: 0' "$queue"
	run stalecheck -j s
	like "$queue: corrupt" "$rc:$out" '1:{"id":"s","verdict":"corrupt",*"reason":"fact of rtmppush"}'
done
tool s rtmppush 1 'started: 0' 'queue: 0'
echo half >$live/s/segcheck
run stalecheck s
is "a tool's fact is corrupt" "$rc:$(echo "$out" | cut -f 2)" 1:corrupt
rm $live/s/segcheck $live/s/rtmppush $live/s/heartbeat
read -r up _ </proc/uptime
tool s camwatch 1 "started: $(awk -v u="$up" 'BEGIN { printf "%.2f", u - 60 }')" 'waiting: 1' 'quiet: 1'
run stalecheck s
is "just started, no heartbeat yet: ok" "$rc:$(echo "$out" | cut -f 2)" 0:ok
tool s camwatch 1 "started: $(awk -v u="$up" 'BEGIN { printf "%.2f", u - 300 }')" 'waiting: 1' 'quiet: 1'
run stalecheck s
is "started long ago, clips wait, no heartbeat: stale" "$rc:$(echo "$out" | cut -f 2)" 1:stale
rm -r $live/s

# JSON.
heartbeat 5 >hb
run stalecheck -j hb nothing
like "-j" "$out" '{"id":"hb","verdict":"ok","age":[5-9],"limit":180,"reason":"heartbeat"}
{"id":"nothing","verdict":"missing","age":null,"limit":180,"reason":"no heartbeat"}'
bytes=$(printf './q"\\\377')
run stalecheck --json "$bytes"
ok "-j: any name gives valid JSON" perl -MJSON::PP -e 'decode_json($ARGV[0])' "$out"

# Nagios.
echo STALE_AFTER=180 >$etc/2.conf
rm -r $lib/3 $etc/3.conf
run stalecheck -N 1
is "-N ok" "$rc" 0
like "-N ok: line" "$out" "STREAMHUB OK - 1 ok | ok=1 stale=0 silent=0 missing=0 future=0 corrupt=0 '1'=1?s;;180;0"
run stalecheck -N
is "-N stale and missing" "$rc" 2
like "-N stale and missing: line" "$out" "STREAMHUB CRITICAL - 2 ok, 2 stale (heartbeat too old), 3 missing (no heartbeat) | ok=2 stale=1*"
is "-N: one line" "$(echo "$out" | wc -l)" 1
mkdir $live/s
tool s camwatch 1 'started: 0' 'waiting: 0' 'quiet: 6000'
run stalecheck --nagios 1 s
is "-N silent" "$rc:${out%% -*}" "1:STREAMHUB WARNING"
run stalecheck -N 1 empty
is "-N corrupt" "$rc:${out%% -*}" "3:STREAMHUB UNKNOWN"
run stalecheck -N 2 empty s
is "-N: stale is graver than corrupt" "$rc" 2
run stalecheck -N -q 1 2
like "-N -q: data of what is not ok" "$out" "*corrupt=0 '2'=20?s;;180;0"
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
like "-N of many: what is left out is counted" "$out" "*missing (no heartbeat), and 2[67]? more | ok=300 * missing=300 * left_out=?*"

# Wrong use.
refused() {
	what=$1 pattern=$2
	shift 2
	run "$@"
	is "$what: exit code" "$rc" 64
	like "$what: message" "$err" "$pattern"
	is "$what: no output" "$out" ""
}
for t in '' ' 1' '1 ' +1 -1 0 1x 0x10 1e3 99999999999999999999 31622401; do
	refused "-t '$t'" "*option -t: '$t' is not a whole number from 1 to 31622400*usage: stalecheck*" stalecheck -t "$t" hb
done
for b in '' 1 / 1/ /1 0/1 1/0 1001/1 1/86401 1/1/1 ' 1/1'; do
	refused "-b '$b'" "*option -b*" stalecheck -x true -b "$b" hb
done
refused "-b without -x" "*option -b goes with -x*" stalecheck -b 1/1 hb
refused "-j with -N" "*-j and -N*" stalecheck -j -N hb
refused "-x with nothing" "*option -x*" stalecheck -x ' ' hb
refused "-x with 33 words" "*option -x*" stalecheck -x "$(seq 33 | tr '\n' ' ')" hb
refused "unknown option" "*unknown option '-Z'*" stalecheck -Z
run stalecheck --help
like "--help" "$rc:$out" "0:usage: stalecheck*--budget N/SEC*--exec CMD*"
run stalecheck -V
is "-V" "$rc:$out" "0:stalecheck $(sed -n 's/^VERSION := //p' "$top/Makefile")"

# Output that cannot be written.
run sh -c 'stalecheck hb >/dev/full'
is "full output: exit code" "$rc" 74
like "full output: said" "$err" "*standard output: No space left*"
# shellcheck disable=SC2086
run sh -c 'stalecheck -j "$@" >/dev/full' sh $many
like "full output, -j: said" "$rc:$err" "74:*standard output: No space left*"
run sh -c 'stalecheck hb >&-'
is "closed output: exit code" "$rc" 74
mkfifo gone
perl -e 'print "hb\n" x 20000' | xargs stalecheck >gone 2>err &
timeout 30 head -c 1 gone >/dev/null
wait $!
like "reader gone: said" "$(cat err)" "*the reader of standard output is gone*"

finish
