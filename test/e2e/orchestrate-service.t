#!/bin/sh
# orchestrate as a service: changes of wishes and settings are acted on at once, settings that are gone for a
# moment are not, and it does not look all the time.
. "$(dirname "$0")/../control.sh"
settings up
wish up up
settings down
wish down down
settings off ACTIVE=no
wish off up
orchestrate -1 2>/dev/null

# acts NAME COMMAND...: it is so in time; how long it took is worth seeing.
acts() {
	acts_name=$1
	shift
	ok "$acts_name" wait_for 20 "$@"
	note "$acts_name: after $(($(now) - began)) ms"
}

# As a service: changes are acted on at once.
orchestrates
run orchestrate -1
like "two of them: one acts" "$rc:$err" "75:*another process acts on stations already"
mkdir run/streamhub.d/old
heartbeat 200 >run/streamhub.d/old/heartbeat
run stalecheck -x true old
rm -r run/streamhub.d/old
like "nor stalecheck -x beside it" "$err" "*another process is acting: left alone*"
began=$(now)
settings added
wish added up
acts "a station is added" runs added
began=$(now)
wish down up
touch "$conf/down.conf"
acts "one is wanted up" runs down
began=$(now)
settings up ACTIVE=no
acts "one is made inactive" rests up
is "made inactive: its wish stays" "$(cat var/lib/streamhub/up/desired)" up
began=$(now)
settings up
acts "and active again" runs up
before=$(fact added pid)
since=$(fact down pid)
began=$(now)
settings added NAME=changed
another() { [ -n "$(fact added pid)" ] && [ "$(fact added pid)" != "$before" ]; }
acts "settings are changed: it is restarted" another
like "settings are changed: said" "$(cat log)" "*station 'added': restart, as its settings have changed*"
began=$(now)
rm "$conf/added.conf"
acts "one is removed" rests added
is "the others run on" "$(fact down pid)" "$since"
is "the others were left alone" "$(grep -c "station 'down'" log)" 2
stationctl stop down 2>/dev/null
ok "stopped by hand: it stays so" rests down
# The folder of settings is replaced by another.
cp -a "$conf" settings.copy
mv "$conf" settings.old && mv settings.copy "$conf"
began=$(now)
settings late
wish late up
acts "the folder of settings is replaced: it is seen" runs late
began=$(now)
settings late ACTIVE=no
acts "and what changes in the new one" rests late
ends

# Facts of a station that was killed: no reason to look at it all the time.
mkdir -p run/streamhub.d/down
for file in heartbeat camwatch segcheck rtmppush; do
	{
		fact_head 100
		printf '%s\n' 'started: 0.5' 'waiting: 0' 'queue: 0' 'quiet: 0' 'last: '
	} >run/streamhub.d/down/$file
done
orchestrates -v
goes_on 1
ok "old facts: no round without end" [ "$(grep -c 'to keep' log)" -le 2 ]
rm -r run/streamhub.d/down

# Settings that are gone for a moment: nothing is stopped, and nothing is made in their place.
same=$(fact up pid)
mv "$conf" settings.away
wish late up
goes_on 1
is "no settings: they run on" "$(fact up pid)" "$same"
ok "no settings: none are made" [ ! -e "$conf" ]
mv settings.away "$conf"
: >"$conf/up.conf"
goes_on 1
is "an empty file of settings: it runs on" "$(fact up pid)" "$same"
settings up
touch "$conf/up.conf"
chmod 640 "$conf/up.conf"
goes_on 1
is "settings touched, but not changed: it runs on" "$(fact up pid)" "$same"

# The lock is removed under it: it takes another, and acts on.
rm run/streamhub.d/.stalecheck
wish late down
touch "$conf/up.conf"
relocked() { [ -e run/streamhub.d/.stalecheck ]; }
ok "its lock is removed: it takes another" wait_for 10 relocked
run orchestrate -1
is "and keeps others out" "$rc" 75
ends
finish
