#!/bin/sh
# segunpack as a filter: archives of each format, in which order their clips come, what is no archive,
# and what it does with one that it has unpacked before.
. "$(dirname "$0")/../archives.sh"
clips src one.mp4 d/two.mp4 readme.txt three.ts
clips other other.mp4

# Every format.
for suffix in zip tar tar.gz tar.bz2 tar.xz tar.zst; do
	mkdir f
	u=f/.unpacked/a.$suffix
	archive f/a.$suffix src
	run segunpack f/a.$suffix
	is "$suffix: the clips, by mtime" "$rc:$(lines):$err" \
		"0:$u/one.mp4 $u/two.mp4 $u/three.ts :"
	is "$suffix: all bytes" \
		"$(cat $u/one.mp4 $u/two.mp4 $u/three.ts | sha256sum)" \
		"$(cat src/one.mp4 src/d/two.mp4 src/three.ts | sha256sum)"
	is "$suffix: nothing else" "$(ls -A f f/.unpacked $u | tr '\n' ' ')" \
		"f: .unpacked a.$suffix  f/.unpacked: a.$suffix  $u: .of one.mp4 three.ts two.mp4 "
	is "$suffix: times" "$(stat -c %Y $u/*)" \
		"$(stat -c %Y src/one.mp4 src/three.ts src/d/two.mp4)"
	run segunpack <f/a.$suffix
	is "$suffix: an archive is no list of paths" "$out" ""
	rm -r f
done
for format in ustar gnutar pax v7; do
	mkdir f
	bsdtar -C src --format $format -cf f/x.tar one.mp4 d/two.mp4
	run segunpack f/x.tar
	case $format in v7) wanted=f/x.tar ;; *) \
		wanted="f/.unpacked/x.tar/one.mp4 f/.unpacked/x.tar/two.mp4" ;; esac
	is "tar of the format $format" "$rc:$(echo $out)" "0:$wanted"
	rm -r f
done
mkdir f
tar -C src -cf f/x.any . # of whatever name
run segunpack f/x.any
is "an archive is told by what is in it" "$rc:$(echo "$out" | head -n 1)" "0:f/.unpacked/x.any/one.mp4"
rm -r f

# Times and order.
mkdir f
clips seq 10.mp4 9.mp4 1.mp4 zero.mp4 ahead.mp4
touch -d '2026-01-01 09:00:00.5' seq/10.mp4 seq/9.mp4
touch -d '2026-01-01 09:00:00.25' seq/1.mp4
touch -d @0 seq/zero.mp4
touch -d '2036-01-01' seq/ahead.mp4
bsdtar -C seq --format pax -cf f/x.tar .
touch -d '2026-02-02 12:00:00' f/x.tar
run segunpack f/x.tar
is "order: by mtime, then as people number" "$rc:$(sed 's|.*/||' .out | tr '\n' ' ')" \
	"0:1.mp4 9.mp4 10.mp4 ahead.mp4 zero.mp4 "
is "times are kept, with their fractions" "$(cd f/.unpacked/x.tar && stat -c %.9Y 1.mp4 9.mp4)" \
	"$(cd seq && stat -c %.9Y 1.mp4 9.mp4)"
is "times that cannot be: the archive's" "$(cd f/.unpacked/x.tar && stat -c %Y zero.mp4 ahead.mp4 | uniq)" \
	"$(stat -c %Y f/x.tar)"
rm -r f

# What is no archive passes; what is no file does not.
mkdir f
cp "$good" f/a.mp4
: >f/empty.zip
printf '7z\274\257\047\034' >f/x.7z
archive f/x.zip src
printf '%s\n' f/a.mp4 f/empty.zip '' f/x.zip f/x.7z >list
run segunpack <list
is "no archives: as they are, in their places" "$rc:$(lines):$err" \
	"0:$(printf 'f/%s ' a.mp4 empty.zip .unpacked/x.zip/one.mp4 .unpacked/x.zip/two.mp4 \
		.unpacked/x.zip/three.ts x.7z):"
is "no archives: untouched" "$(ls -A f | tr '\n' ' ')" ".unpacked a.mp4 empty.zip x.7z x.zip "
mkdir f/folder
mkfifo f/fifo
ln -s x.zip f/link
run timeout 20 segunpack f/missing.zip f/folder f/fifo f/link /dev/zero nowhere/x.zip f/a.mp4
is "what is no file: the rest goes on" "$rc:$out" "66:f/a.mp4"
for name in f/missing.zip f/folder f/fifo f/link /dev/zero nowhere/x.zip; do
	like "what is no file: $name" "$err" "*'$name': *"
done
rm -r f
run segunpack </dev/null
is "no input" "$rc:$out:$err" "0::"

# Again: what is still there, without unpacking it anew.
mkdir f
archive f/x.zip src
segunpack f/x.zip >printed
stat -c '%i %z' f/.unpacked/x.zip f/.unpacked/x.zip/.of f/.unpacked/x.zip/*.* >before
run segunpack f/x.zip
is "again: prints the same" "$rc:$(cmp .out printed 2>&1)" "0:"
is "again: nothing was unpacked" \
	"$(stat -c '%i %z' f/.unpacked/x.zip f/.unpacked/x.zip/.of f/.unpacked/x.zip/*.* | diff before -)" ""
rm f/.unpacked/x.zip/two.mp4
run segunpack f/x.zip
is "again: what has left is not printed" "$rc:$(lines)" \
	"0:f/.unpacked/x.zip/one.mp4 f/.unpacked/x.zip/three.ts "
is "again: nor is it back" "$(ls -A f/.unpacked/x.zip | tr '\n' ' ')" ".of one.mp4 three.ts "
read -r of_mtime of_size of_inode _ <f/.unpacked/x.zip/.of
is "the marker: mtime, size, inode" "$of_mtime $of_size $of_inode" \
	"$(stat -c '%.9Y %s %i' f/x.zip | sed 's/\.//')"

# Another archive of that name; a partial folder that somebody left.
mv f/x.zip f/first
archive f/x.zip other
run segunpack f/x.zip
is "another of that name: a folder of its own" "$rc:$out" "0:f/.unpacked/x.zip.1/other.mp4"
rm f/x.zip
archive f/x.zip src one.mp4
run segunpack f/x.zip
is "a third" "$rc:$out" "0:f/.unpacked/x.zip.2/one.mp4"
is "the others stay" "$(ls f/.unpacked/x.zip f/.unpacked/x.zip.1 | tr '\n' ' ')" \
	"f/.unpacked/x.zip: one.mp4 three.ts  f/.unpacked/x.zip.1: other.mp4 "
run segunpack f/x.zip
is "a third, again" "$rc:$out" "0:f/.unpacked/x.zip.2/one.mp4"
archive f/y.zip src
mkdir f/.unpacked/.y.zip.partial
echo junk >f/.unpacked/.y.zip.partial/junk.mp4
run segunpack f/y.zip
is "a partial one is made anew" \
	"$rc:$(echo "$out" | wc -l):$(ls -A f/.unpacked | tr '\n' ' '):$(ls f/.unpacked/y.zip |
		tr '\n' ' ')" \
	"0:3:x.zip x.zip.1 x.zip.2 y.zip :one.mp4 three.ts two.mp4 "
rm -r f
finish
