#!/bin/sh
# stalecheck and what is wanted of a station: its settings, wishes, and places that cannot be read.
. "$(dirname "$0")/../verdicts.sh"
mkdir -p $live $etc $lib
station 1 10
station 2 200
station 10 20
mkdir $live/3

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
	is "desired '${word%"$cr"}' and more: judged, with an error" "$rc:$out" \
		"78:9${tab}missing${tab}-${tab}180"
	like "desired '${word%"$cr"}' and more: said" "$err" \
		"*station '9': 'desired' says neither up nor down: Invalid*"
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

heartbeat 0 >hb

# A place that is there and cannot be opened hides settings or wishes: an error.
for place in $etc $lib $live; do
	mv $place away
	touch $place
	run stalecheck 1
	is "$place is a file: exit code" "$rc" 74
	like "$place is a file: said once, with its whole path" \
		"$(echo "$err" | grep -c "'$T/$place': Not a dir")" 1
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
finish
