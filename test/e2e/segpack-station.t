#!/bin/sh
# A station whose clips end up in archives, whatever dies on the way.
. "$(dirname "$0")/../rtmp.sh"
good=$top/test/fixtures/good-mp4.mp4
port=$(free_port)
mkdir -p etc/streamhub/stations drop kept
cat >etc/streamhub/stations/1.conf <<X
WATCH_DIR=$T/drop
RTMP_URL=rtmp://127.0.0.1:$port/live/key
MIN_FILE_AGE=0
HOLD_NEWEST=never
MAX_LAG=0
LATE=delete
AFTER_PLAY=archive:$T/kept
X

status=$T/run/streamhub.d/1
run stationrun -n 1
like "the commands: nothing deletes" "$rc:$out" "0:*camwatch * -L keep *rtmppush -t keep * -L keep *"
like "the commands: segpack stands before hbwrite" "$out" \
	"*segpack -c $T/var/lib/streamhub/1/player/cursor --dir $T/drop -s $status -- $T/kept |*hbwrite *"
run stationrun --free --stage segpack 1
is "unit: segpack asks whether it is on" "$rc" 0
run stationctl check 1
is "stationctl check" "$rc" 0
run stationctl unit 1
is "unit: all bring each other by the target alone" "$rc:$(echo "$out" | grep -c '^Wants=')" 0:0
is "unit: rtmppush writes for it" \
	"$(echo "$out" | grep -Fxc 'StandardOutput=file:%t/streamhub.fifo/%i.segpack')" 1
is "unit: nothing deletes" "$(echo "$out" | grep -Fxc 'Environment="STREAMHUB_MORE=-L keep"')" 2
is "unit: segpack may write both, segcheck and camwatch one" \
	"$(echo "$out" | grep -Fxc "ReadWritePaths=\"-$T/kept\""):$(echo "$out" |
		grep -Fxc "ReadWritePaths=\"-$T/drop\"")" 1:3
is "unit: no segunpack" "$(echo "$out" | grep -c segunpack)" 0
sed -i 's|^AFTER.*|AFTER_PLAY=archive:kept|' etc/streamhub/stations/1.conf
run stationrun -n 1
like "no absolute path: refused" "$rc:$err" \
	"78:*AFTER_PLAY: expected delete, keep, or move:DIR or archive:DIR with an absolute path"
sed -i "s|^AFTER.*|AFTER_PLAY=archive:$T/drop|" etc/streamhub/stations/1.conf
run stationctl check 1
like "the drop folder itself: refused" "$rc:$err" "78:*AFTER_PLAY: expected another folder than WATCH_DIR*"
sed -i "s|^AFTER.*|AFTER_PLAY=archive:$T/drop/kept|" etc/streamhub/stations/1.conf
run stationctl check 1
like "a folder that is watched: refused" "$rc:$err" "78:*AFTER_PLAY: expected another folder than WATCH_DIR*"
sed -i "s|^AFTER.*|AFTER_PLAY=archive:$T/kept|" etc/streamhub/stations/1.conf

clip() { # NAME TIME
	cp "$good" "drop/$1"
	touch -d "2026-01-02 $2Z" "drop/$1"
}
starts() {
	stationrun 1 2>>err &
	pid=$!
	mine $pid
}
names() { tar tf kept/2026-01-02/"$1".tar 2>/dev/null | tr '\n' ' '; }
rtmpsink -o got.flv "rtmp://127.0.0.1:$port/live/key" >sink.out 2>sink.err &
sink=$!
mine $sink

clip 1.mp4 10:01:00
clip 2.mp4 10:02:00
clip 3.mp4 11:03:00
starts
gone() { [ -z "$(ls drop/*.mp4 2>/dev/null)" ]; }
ok "what was played is gone from the drop folder" wait_for 60 gone
is "and in the archives of its hours" "$(names 10):$(names 11)" "1.mp4 2.mp4 :3.mp4 "
packed() { [ "$(value run/streamhub.d/1/segpack packed 2>/dev/null)" = "$1" ]; }
ok "the fact" wait_for 10 packed 3
ok "the heartbeat comes after it" wait_for 10 grep -q "3.mp4" run/streamhub.d/1/heartbeat

# What was played, but not packed when all died: the cursor knows.
kill -9 $pid
reap $pid
none_runs() { ! pgrep -f "$T/run/streamhub\.d/1( |/|\$)" >/dev/null; }
ok "kill -9: nothing is left" wait_for 15 none_runs
clip 2b.mp4 10:02:30
clip 4.mp4 11:04:00
starts
ok "again: what was passed and what is new are gone" wait_for 60 gone
is "again: and in the archives, each once" "$(names 10):$(names 11)" "1.mp4 2.mp4 2b.mp4 :3.mp4 4.mp4 "
kill -TERM $pid
reap $pid
is "SIGTERM: exit code" $? 0

# Archives in, archives out.
echo UNPACK=yes >>etc/streamhub/stations/1.conf
run stationrun -n 1
like "UNPACK: the commands" "$rc:$out" \
	"0:*camwatch * -A yes *segunpack --dir $T/drop -t played -q $T/drop/_failed * |*segcheck *"
run stationctl unit 1
is "UNPACK: unit: between camwatch and segcheck" \
	"$(echo "$out" | grep -Fxc 'StandardOutput=file:%t/streamhub.fifo/%i.segunpack')" 1
mkdir made
for n in 5 6; do
	cp "$good" made/$n.mp4
	touch -d "2026-01-02 11:0$n:00Z" made/$n.mp4
done
bsdtar -C made --format zip -cf drop/ab.zip 5.mp4 6.mp4
touch -d "2026-01-02 11:07:00Z" drop/ab.zip
clip 8.mp4 11:08:00
starts
empty() { [ -z "$(find drop -mindepth 1 ! -name _failed ! -name .unpacked)" ]; }
ok "UNPACK: what was played is gone, and the archive" wait_for 60 empty
is "UNPACK: all is in the archive" "$(names 11)" \
	"3.mp4 4.mp4 .unpacked/ab.zip/5.mp4 .unpacked/ab.zip/6.mp4 8.mp4 "
kill -TERM $pid
reap $pid
is "SIGTERM: only the heartbeat stays" "$(ls run/streamhub.d/1)" heartbeat
kill -TERM $sink
reap $sink
is "no tool had to be started again" "$(grep -c "all again" err)" 0
finish
