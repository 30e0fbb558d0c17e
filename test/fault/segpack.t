#!/bin/sh
# segpack: each clip is in an archive once, and gone then, whatever happens to it; and what a full
# disk does.
. "$(dirname "$0")/every.sh"
segpack=$plain/segpack
good=$top/test/fixtures/good-mp4.mp4

# clip NAME TIME: one with contents of its own.
clip() {
	mkdir -p in
	{ cat "$good" && printf '\n%s\n' "$1"; } >"in/$1"
	touch -d "$2" "in/$1"
}

# prepare: three clips in two hours, one of which has an archive already.
prepare() {
	rm -rf in store out
	cp -a before store
	clip 1.mp4 "2026-01-02 10:01:00.123456789Z"
	clip 2.mp4 "2026-01-02 10:02:00Z"
	clip 3.mp4 "2026-01-02 11:03:00Z"
}
mkdir store
clip 0.mp4 "2026-01-02 10:00:00Z"
echo in/0.mp4 | "$segpack" store >/dev/null
mv store before
for n in 0 1 2 3; do { cat "$good" && printf '\n%s\n' "$n.mp4"; } | md5sum; done | cut -c 1-32 >wanted

# held: a line for each clip that an index tells of, with the hash of the bytes at its place;
# or what is wrong, as when the archive holds other names.
held() {
	for archive in store/*/*.tar store/*/*.zip; do
		[ ! -e "$archive" ] || { echo "$archive" && bsdtar tf "$archive" 2>&1; }
	done | perl -MDigest::MD5=md5_hex -ne '
		chomp;
		if (/^store/) { push @all, [$_]; next }
		push @{$all[-1]}, $_;
		END {
			for (@all) {
				my ($file, @names) = @$_;
				open my $archive, "<", $file;
				open my $index, "<", $file =~ s/[a-z]*$/index/r or print "no index: $file\n";
				while (<$index>) {
					my ($name, undef, undef, $size, $offset) = split /\t/;
					print "$file: $name, not @names\n" if $name ne (shift @names // "");
					seek $archive, $offset, 0;
					read $archive, my $bytes, $size;
					print "$name " . md5_hex($bytes) . "\n";
				}
				print "$file: @names\n" if @names;
			}
		}' | sort | cut -d ' ' -f 2-
}

# shellcheck disable=SC2086 # words
act() { ls in/* | "$@" "$segpack" $options store; }
# After a fault each archive is whole; the index may be behind.
amiss() {
	for archive in store/*/*.tar store/*/*.zip; do
		[ ! -e "$archive" ] || bsdtar tf "$archive" >/dev/null 2>tar.err || echo "$archive: $(cat tar.err); "
	done
	# shellcheck disable=SC2086 # words
	"$plain/camwatch" -1 -a 0 -n never -l 0 in 2>err3 | "$segpack" $options store >/dev/null 2>err2 || echo "again: $? $(cat err2); "
	[ "$(held)" = "$(cat wanted)" ] || echo "then: $(find store in -type f | tr '\n' ' ') $(held); "
	[ -z "$(ls in)" ] || echo "left: $(ls in); "
	tmp store
}
follow=-f written=12000 options=
every "segpack, and its parser" 40
follow='' options='-z zip'
every "segpack -z zip" 40

# A batch that was left half written: its data stand behind the end marker.
prepare
cp store/2026-01-02/10.tar whole.tar
{
	cat whole.tar
	head -c 100000 /dev/urandom
} >store/2026-01-02/10.tar
printf 'in/9.mp4\t2026-01-02T10:09:00.000Z\t1.000\t5\t999424\nin/8.m' >>store/2026-01-02/10.index
ls in/* | "$segpack" store >/dev/null
is "half a batch: all is there once" "$(held)" "$(cat wanted)"
is "half a batch: nothing is behind the end" "$(($(stat -c %s store/2026-01-02/10.tar) % 512)) $(tar tf store/2026-01-02/10.tar 2>&1 | wc -l)" "0 3"

# An index that lies, or is gone: made anew, with the durations that are known.
rm -rf store in
mkdir store in
for n in 0 1 2; do
	cp "$good" in/$n.mp4
	touch -d "2026-01-02 10:0$n:00Z" in/$n.mp4
done
echo in/0.mp4 | "$segpack" store >/dev/null
index=store/2026-01-02/10.index
sed -i 's/\t[0-9]*$/\t7/' $index
echo in/1.mp4 | "$segpack" store >/dev/null
is "an index that lies: mended" "$(cut -f 3,5 $index | tr '\n\t' '  ')" "0.828 512 0.828 5632 "
rm $index
echo in/2.mp4 | "$segpack" store >/dev/null
is "no index: made" "$(cut -f 3,5 $index | tr '\n\t' '  ')" "- 512 - 5632 0.828 10752 "

# A full disk: a message, and the clip is packed when there is room.
mkdir disk
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=256k none disk 2>/dev/null; then
	cleanup_hook='umount -l "$T/disk"'
	prepare
	head -c 100000 /dev/urandom >in/big.mp4
	touch -d "2026-01-02 10:05:00Z" in/big.mp4
	echo in/1.mp4 | "$segpack" disk >/dev/null
	dd if=/dev/zero of=disk/fill bs=4k 2>/dev/null
	mkfifo fifo
	mkdir s
	"$segpack" -s s disk <fifo >printed 2>err &
	pid=$!
	exec 3>fifo
	echo in/big.mp4 >&3
	ok "full disk: said" wait_for 10 grep -q "store 'disk': the disk is full; again in [456] s" err
	ok "full disk: in the fact" wait_for 10 grep -q "^error: the disk is full" s/segpack
	is "full disk: the clip stays" "$(ls in/big.mp4):$(cat printed)" "in/big.mp4:"
	is "full disk: the archive is as it was" "$(tar tf disk/2026-01-02/10.tar 2>&1)" in/1.mp4
	is "full disk: the index, too" "$(cut -f 1 disk/2026-01-02/10.index)" in/1.mp4
	rm disk/fill
	ok "room again: packed" wait_for 20 grep -qx in/big.mp4 printed
	is "room again: the clip is gone" "$(ls in/big.mp4 2>/dev/null)" ""
	is "room again: it is in the archive" "$(tar tf disk/2026-01-02/10.tar | tr '\n' ' ')" "in/1.mp4 in/big.mp4 "
	is "full disk: said once" "$(grep -c "disk is full" err):$(grep -c "room again" err)" 1:1
	dd if=/dev/zero of=disk/fill bs=4k 2>/dev/null
	echo in/2.mp4 >&3
	echo in/3.mp4 >&3
	full() { [ "$(grep -c "disk is full" err)" -eq 2 ]; }
	ok "full again: said" wait_for 10 full
	kill -TERM $pid
	exec 3>&-
	began=$(date +%s)
	wait $pid
	is "full disk, SIGTERM: exit code" $? 0
	ok "full disk, SIGTERM: at once" [ $(($(date +%s) - began)) -le 2 ]
	is "full disk, SIGTERM: the clips stay" "$(echo in/2.mp4 in/3.mp4)" "$(ls -d in/2.mp4 in/3.mp4 | tr '\n' ' ' | sed 's/ $//')"
	umount disk
	cleanup_hook=:
else
	skip "full disk" "needs the right to mount a tmpfs"
fi
finish
