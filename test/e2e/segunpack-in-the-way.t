#!/bin/sh
# segunpack where others work: things put in its way by whoever can upload, another segunpack at the
# same time, and what one that was killed has left.
. "$(dirname "$0")/../archives.sh"
clips src one.mp4 d/two.mp4 readme.txt three.ts

# Whoever can upload can put things in the way.
mkdir -p f outside
# shellcheck disable=SC2034 # for eval
partial=f/.unpacked/.x.zip.partial
echo precious >outside/one.mp4
archive f/x.zip src
ls -liA --time-style=full-iso outside >before
for way in 'ln -s ../outside f/.unpacked' 'mkfifo f/.unpacked' 'cp src/readme.txt f/.unpacked' \
	'mkdir f/.unpacked; ln -s ../../outside f/.unpacked/x.zip' \
	'mkdir f/.unpacked; ln -s ../../outside f/.unpacked/.x.zip.partial' \
	'mkdir f/.unpacked; mkfifo f/.unpacked/x.zip f/.unpacked/.x.zip.partial' \
	'mkdir -p f/.unpacked/x.zip; mkfifo f/.unpacked/x.zip/.of' \
	'mkdir -p f/.unpacked/x.zip; ln -s ../../../outside/one.mp4 f/.unpacked/x.zip/.of' \
	'mkdir -p f/.unpacked/.x.zip.partial; ln -s ../../../outside/one.mp4 f/.unpacked/.x.zip.partial' \
	'mkdir -p f/.unpacked/.x.zip.partial/sub/sub' \
	'mkdir -p $partial; ln -s ../../outside f/.unpacked/.y; ln -s ../../../outside $partial/d'; do
	eval "$way"
	run timeout 20 segunpack f/x.zip
	case $rc in 0) wanted=3 ;; *) wanted=0 ;; esac
	like "$way: goes on or fails" "$rc" '[067]*'
	is "$way: all clips or none" "$(echo "$out" | grep -c unpacked)" $wanted
	is "$way: nothing outside changed" "$(ls -liA --time-style=full-iso outside | diff before -)" ""
	[ "$rc" -ne 0 ] || is "$way: what is printed is there" "$(find $out -maxdepth 0 -type f | wc -l)" 3
	rm -rf f/.unpacked
done
rm -r f outside

# Two at once: each prints all of its own, and nothing half done is taken for whole.
mkdir -p two
head -c 20000000 /dev/zero | tr '\0' x >two/big.mp4
cp two/big.mp4 two/more.mp4
bsdtar -C two -cf two/a.tar big.mp4 more.mp4
rm two/*.mp4
segunpack two/a.tar >one.out 2>one.err &
first=$!
segunpack two/a.tar >other.out 2>other.err
is "two at once: the one" "$?:$(cat other.out | tr '\n' ' ')" \
	"0:two/.unpacked/a.tar/big.mp4 two/.unpacked/a.tar/more.mp4 "
wait $first
is "two at once: the other" "$?:$(cat one.out | tr '\n' ' ')" \
	"0:two/.unpacked/a.tar/big.mp4 two/.unpacked/a.tar/more.mp4 "
is "two at once: whole" \
	"$(stat -c %s two/.unpacked/a.tar/big.mp4 two/.unpacked/a.tar/more.mp4 | tr '\n' ' ')" \
	"20000000 20000000 "

# What somebody left half done of an archive that has gone.
mkdir -p two/.unpacked/.gone.tar.partial/deep
echo x >two/.unpacked/.gone.tar.partial/x.mp4
cp two/a.tar two/b.tar
run segunpack two/b.tar
is "half done of one that has gone: removed" "$rc:$(ls -A two/.unpacked | tr '\n' ' ')" "0:a.tar b.tar "
finish
