#!/bin/sh
# Motion cameras before whole stations with default settings: 4 times CLIPS clips (125) with pauses of 0
# to 20 minutes, by a clock SPEED times (100) as fast. Each is played, in order, the last one too. The
# server has the real clock.
. "$(dirname "$0")/../stations.sh"
need_nginx
CLIPS=${CLIPS:-125} SPEED=${SPEED:-100} SEED=${SEED:-$$}
note "SEED=$SEED SPEED=$SPEED"
nginx_starts || exit 99

# Each is renamed into place with the time of the fast clock.
cat >camera.pl <<'P'
use strict;
use File::Copy;
use Time::HiRes qw(sleep time);
my ($good, $folder, $count, $seed) = @ARGV;
srand $seed;
for my $n (1 .. $count) {
	sleep rand 1200;
	copy $good, "$folder/.upload" or die $!;
	my $now = time;
	utime $now, $now, "$folder/.upload";
	rename "$folder/.upload", sprintf "$folder/%04d.mp4", $n or die $!;
}
P
cat >play.sh <<'P'
stationrun "$id" 2>"log.$id" &
echo $! >"pid.$id"
perl camera.pl "$good" "drop/$id" "$CLIPS" "$SEED"
for _ in $(seq 100); do
	[ "$(find "drop/$id" -name '*.mp4')" ] || break
	sleep 100 # by the fast clock
done
kill $! && wait # faketime ends when none of its processes is left
P
# shellcheck disable=SC2034 # lib.sh's
end_mine=$cleanup_hook
cleanup_hook='for pid in $(cat pid.*); do kill "$pid" 2>/dev/null; done; eval "$end_mine"'
for id in 1 2 3 4; do
	station $id
	sed -i '/^MIN_FILE_AGE\|^HOLD_NEWEST/d' etc/streamhub/stations/$id.conf # the defaults
	# shellcheck disable=SC2154 # stations.sh sets it
	export id good CLIPS
	SEED=$SEED$id faketime -f "+0 x$SPEED" sh play.sh &
	camera=$!
	mine $camera
	cameras="${cameras-} $camera"
done
for camera in $cameras; do reap "$camera"; done
for id in 1 2 3 4; do
	sed -n "s|.*\[rtmppush\] '.*/\([0-9]*\.mp4\)' was on the air to 4\.9 s: deleted|\1|p" log.$id >played
	is "$id: each is played whole and in order, the last one too" "$(cat played)" "$(seq -f '%04.0f.mp4' "$CLIPS")"
	is "$id: none is late, none is left" "$(grep -c 'is late\|too far behind' log.$id):$(find drop/$id -type f)" "0:"
done
nginx_ends
note "$(wc -l <access.log) sessions, $(cat rec/* | wc -c) bytes recorded"
finish
