#!/bin/sh
# reconcile: mistakes of the server, a boot, damaged files, new streams, hostile events, and the disk.
. "$(dirname "$0")/../events.sh"
for id in 1 2 3; do settings $id; done
event 1 state '["1","2","3"]' | hears
is "three streams" "$(all 1 2 3)" "1us 2us 3us "

# A list that is empty, or stops more than half: seen twice, 30 seconds apart.
event 2 state '[]' | hears
heard
like "an empty list" "$rc:$(all 1 2 3)$err" "0:1us 2us 3us *would stop 3 of*it must come again after 30 s*"
event 3 start 1 | hears
is "what it held goes on after a restart" "$(all 1 2 3)" "1us 2us 3us "
mkfifo lines
lib=$(faketime -f +0 sh -c 'echo "$LD_PRELOAD"')
LD_PRELOAD=$lib FAKETIME='+0 x20' "$plain/reconcile" --backend process <lines 2>log &
reconcile=$!
mine $reconcile
exec 9>lines
event 4 state '["1"]' >&9
doubts() { [ "$(grep -c 'it must come again' log)" -ge "$1" ]; }
ok "a list that stops more than half" wait_for 20 doubts 1
is "stops nothing" "$(all 1 2 3)" "1us 2us 3us "
event 5 state '["1"]' >&9
ok "nor does it at once again" wait_for 20 doubts 2
# 40 seconds of its clock.
passes() { [ $(($(date +%s%N) / 1000000)) -ge "$until" ]; }
until=$(($(date +%s%N) / 1000000 + 2000))
wait_for 20 passes
event 6 state '["1"]' >&9
stopped() { [ "$(wish 2) $(wish 3)" = "down down" ]; }
ok "half a minute later it does" wait_for 20 stopped
is "these alone" "$(all 1 2 3)" "1us 2ds 3ds "
exec 9>&-
reap $reconcile
is "the end of its input ends it" $? 0

# A damaged list.
for damage in "head -c 40" "tail -c 40" "head -c 0" "sed s/^up:/op:/"; do
	event 7 state '["1","2"]' | hears
	# shellcheck disable=SC2086 # words
	$damage <$list >damaged && mv damaged $list
	hears </dev/null
	heard
	like "damaged: $damage" "$rc:$(all 1 2 3)$err" "0:1us 2us 3ds *is damaged, and moved to '.broken'*"
	ok "it is put aside" [ -e $list.broken ] && [ ! -e $list ]
done

# A boot.
event 8 state '["1","2"]' | hears
boot() { sed -i 's/^boot: .*/boot: 01234567-89ab-cdef-0123-456789abcdef/' $list; }
boot
hears </dev/null
heard
like "a boot" "$rc:$(all 1 2 3)$err" \
	"0:1us 2us 3ds *[[]BOOT] the machine has booted since event '8'*the last list*"
boot
stationctl --backend process stop 2 2>/dev/null
hears --on-boot wait </dev/null
heard
like "--on-boot wait" "$rc:$(all 1 2 3)$err" "0:1ds 2dp 3ds *stream '1': stop, until the server speaks*"
is "and the server is to say all anew" "$(value $list id):$(value $list whole)" ":no"
hears --on-boot wait </dev/null
is "once in a boot" "$(all 1 2 3)" "1ds 2dp 3ds "
event 9 state '["1","2"]' | hears --on-boot resume
is "the server speaks: a person's stop counts on" "$(all 1 2 3)" "1us 2dp 3ds "

# A server from a backup: its ids go back, and its list is an old one.
event 40 state '["1","3"]' | hears
event 7 state '["1"]' | hears
is "ids go back: the list counts all the same" "$(all 1 3):$(value $list id)" "1us 3ds :7"
event 9 state '["1"]' | hears

# New streams.
printf '%s\n' "NAME=Camera @ID@" "WATCH_DIR=$T/drop/@ID@" "RTMP_URL=@URL@" >template
event 10 start '{"id":"new","url":"rtmp://127.0.0.1/live/k3y"}' >new
hears --allow-new template <new
heard
like "a new stream" "$rc:$(all new)$err" "0:newus *stream 'new': settings made from 'template'*"
is "its settings" "$(stat -c %a "$conf/new.conf"):$(paste -s -d '|' "$conf/new.conf")" \
	"600:NAME=Camera new|WATCH_DIR=$T/drop/new|RTMP_URL=rtmp://127.0.0.1/live/k3y"
is "its key is in no message" "$(printf '%s' "$err" | grep -c k3y)" 0
before=$(cksum <"$conf/new.conf")
sed 's/k3y/other/' new | hears --allow-new template
heard
like "known: never changed" "$(cksum <"$conf/new.conf")$err" "$before*has another address here*"
while IFS='	' read -r name data wanted; do
	event 11 start "$data" | hears --allow-new template
	heard
	like "refused: $name" "$rc:$err" "0:*$wanted*"
	is "refused: $name: nothing is made" "$(ls "$conf" | tr '\n' ' ')" "1.conf 2.conf 3.conf new.conf "
done <<X
no address	{"id":"n2"}	the server says no address, and 'template' needs one
an address of another kind	{"id":"n2","url":"http://h/x"}	its address is not rtmp://HOST/APP/KEY
a shell's work	{"id":"n2","url":"rtmp://h/a/\$(reboot)"}	its address is not rtmp://HOST/APP/KEY
another line	{"id":"n2","url":"rtmp://h/a/k\nAFTER_PLAY=delete"}	its address is not rtmp://HOST/APP/KEY
a path	{"id":"../n2","url":"rtmp://h/a/k"}	nothing is done
X
echo "WATCH_DIR=relative" >>template
event 12 start '{"id":"n2","url":"rtmp://h/a/k"}' | hears --allow-new template
heard
like "a bad template" "$rc:$err" "0:*station 'n2': no settings are made from 'template': *WATCH_DIR*"
event 13 start '{"id":"n2","url":"rtmp://h/a/k"}' | hears --allow-new none
heard
like "no template" "$rc:$err" "0:*'none': No such file or directory*"
event 14 start '{"id":"n2","url":"rtmp://h/a/k"}' | hears --allow-new ""
heard
like "an empty setting" "$rc:$err" "0:*stream 'n2' has no settings here*"

# What cannot be read may be any stream of the list.
event 20 state '["1"]' | hears
mv "$conf/1.conf" kept && mkdir "$conf/1.conf"
event 21 state '[{"url":"rtmp://127.0.0.1/live/1"}]' | hears
heard
like "settings that cannot be read" "$rc:$err" "0:*stream '1' cannot be read: it is left as it is*"
rmdir "$conf/1.conf" && mv kept "$conf/1.conf"
hears </dev/null
is "and when they can be, it is still up" "$(all 1)" "1us "
rm var/lib/streamhub/3/desired.by && mkdir var/lib/streamhub/3/desired.by
event 22 start 3 | hears --desired-from server
heard
like "a word that cannot be written" "$rc:$(value $list id):$err" "0:22:*stream '3': start is not possible*"
rmdir var/lib/streamhub/3/desired.by

# Hostile and broken lines.
printf '{"id":"1","event":"start","data":"rtmp://h/s3cret\n' | hears
heard
like "half an event" "$rc:$err" "75:*a line of 49 bytes is no event of ssecat's*"
is "which may hold a secret" "$(printf '%s' "$err" | grep -c s3cret)" 0
printf '{"id":"1","event":"start","data":"1"}' | hears
heard
like "half a line" "$rc:$err" "75:*it ends within a line*"
jq -nc '{id: "23", event: "state", data: ([range(20001) | "x\(.)"] | tojson)}' | hears
heard
like "more streams than have room" "$rc:$err" "0:*it names more than 20,000 streams: nothing is done*"
event 15 state "$(jq -nc '[range(5000) | "x\(.)"]')" | hears
heard
is "5,000 unknown streams: few words" "$rc:$(printf '%s' "$err" | grep -c 'has no settings')" 0:10
event "$(printf 'a\nid: b')" stop 1 | hears
is "an id with a line end" "$(head -n 1 $list):$(all 1)" 'id: a\x0aid: b:1ds '
rm -r var/lib/streamhub/.control
echo >var/lib/streamhub/.control
hears </dev/null
heard
like "its folder is a file" "$rc:$err" "74:*.control*"
finish
