#!/bin/sh
# segcut for LIVE (600) seconds on disks of 20 MB, from a source of 1.5 Mbit/s: on one nothing may be removed, on
# another retention keeps half, on the third somebody else fills the disk and makes room again. segcut goes on,
# what is kept is whole, and what is lost is counted.
. "$(dirname "$0")/../segcut.sh"
need_nginx
PATH=$plain:$PATH
live=${LIVE:-600}
for disk in full kept shared; do
	mkdir $disk s-$disk
	mount -t tmpfs -o size=20m none $disk || {
		skip "disks of 20 MB" "they cannot be mounted here"
		finish
	}
	cleanup_hook="umount -l $T/$disk; $cleanup_hook"
done
ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=320x180:r=25:d=60,noise=alls=30:allf=t" -f lavfi -i sine=d=60 \
	-c:v libx264 -preset ultrafast -b:v 1400k -minrate 1400k -maxrate 1400k -bufsize 700k -g 25 -pix_fmt yuv420p \
	-c:a aac src.flv
record=off nginx_starts
ffmpeg -v error -nostdin -re -stream_loop -1 -i src.flv -c copy -f flv "$RTMP_URL" 2>push.err &
mine $!
export SOURCE_URL=$RTMP_URL
records_to() { # DISK OPTION...
	disk=$1
	shift
	segcut -d 10 -s s-$disk "$@" $disk >$disk.printed 2>$disk.err &
	eval "pid_$disk=$!"
	mine $!
}
records_to full
records_to kept -K 10000000
records_to shared -K 10000000
began=$(now)
until [ $(($(now) - began)) -ge $((live * 1000)) ]; do
	goes_on $((live / 20))
	head -c 15000000 /dev/zero >shared/other 2>/dev/null
	goes_on $((live / 20))
	rm -f shared/other
	du -sm full kept shared | xargs
done >sizes
for disk in full kept shared; do
	eval "pid=\$pid_$disk"
	ok "$disk: it runs" kill -0 "$pid"
	lost=$(value s-$disk/segcut lost) clips=$(value s-$disk/segcut clips)
	kill "$pid"
	reap "$pid"
	is "$disk: it ends" $? 0
	is "$disk: no part is left" "$(find $disk -name '*.part')" ""
	find $disk -name '*.mp4' | sort >$disk.there
	is "$disk: each clip is good" "$(xargs segcheck <$disk.there 2>$disk.bad | wc -l)" "$(wc -l <$disk.there)"
	is "$disk: each is in the catalogue" "$(cut -f 9 $disk/catalogue.tsv | grep -cFf - $disk.there)" \
		"$(wc -l <$disk.there)"
	echo "# row: $disk: $clips clips, $(wc -l <$disk.there) there, $lost s lost of $live, $(du -sm $disk | cut -f 1) MB," \
		"$(grep -c 'can be written again' $disk.err) times room again"
	eval "lost_$disk=$lost"
done
# shellcheck disable=SC2154 # by eval
{
	ok "full: what is lost is counted: $lost_full s" [ "$lost_full" -gt $((live / 3)) ]
	ok "kept: nothing is lost: $lost_kept s" [ "$lost_kept" -le 1 ]
	ok "shared: it goes on when there is room: $lost_shared s lost" [ "$lost_shared" -lt $((live * 3 / 4)) ]
}
nginx_ends
finish
