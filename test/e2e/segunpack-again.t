#!/bin/sh
# An hour that segpack has kept is broadcast again: segunpack into segcheck, and into rtmppush.
. "$(dirname "$0")/../archives.sh"

mkdir hour
cp "$good" hour/1.mp4
tee hour/2.mp4 <"$good" >hour/3.mp4
head -c 2000 "$good" >hour/4.mp4
mkdir -p kept/2026-11-21
tar -C hour -cf kept/2026-11-21/10.tar .
segunpack kept/2026-11-21/10.tar | segcheck >printed 2>err
is "into segcheck" "$(tr '\n' ' ' <printed)" \
	"$(printf 'kept/2026-11-21/.unpacked/10.tar/%s ' 1.mp4 2.mp4 3.mp4)"
port=$(free_port)
rtmpsink -1 "rtmp://127.0.0.1:$port/live/x" >sink.log 2>sink.err &
pid=$!
ok "a receiver" wait_for 20 listens "$port"
segunpack kept/2026-11-21/10.tar | segcheck 2>/dev/null |
	RTMP_URL=rtmp://127.0.0.1:$port/live/x timeout 60 rtmppush -t delete >played 2>err
is "broadcast again: played" "$?:$(tr '\n' ' ' <played)" \
	"0:$(printf 'kept/2026-11-21/.unpacked/10.tar/%s ' 1.mp4 2.mp4 3.mp4)"
wait $pid
is "broadcast again: received" "$?" 0
is "broadcast again: the archive is kept, the clips are gone" \
	"$(ls kept/2026-11-21 kept/2026-11-21/.unpacked/10.tar | tr '\n' ' ')" \
	"kept/2026-11-21: 10.tar  kept/2026-11-21/.unpacked/10.tar: 4.mp4 "
finish
