#!/bin/sh
# stalecheck of heartbeat files: fresh, old, missing, of the future; and the wall clock has no say in it.
. "$(dirname "$0")/../verdicts.sh"

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
finish
