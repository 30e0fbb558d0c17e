#!/bin/sh
# segunpack on 1 GB of clips in one TAR, 100 of 10 MB, beside tar xf into an empty folder (1.3
# times its time is allowed). Both remove first what they unpacked the last time.
. "$(dirname "$0")/../lib.sh"
CLIPS=${CLIPS:-100}
compare=$top/test/bench/compare

# Bytes that nothing can make smaller; all clips are the same ones.
head -c 10000000 /dev/urandom >clip
mkdir src
n=0
while [ $((n += 1)) -le "$CLIPS" ]; do cp clip src/$n.mp4 || exit 1; done
tar -C src -cf clips.tar . || exit 1
bsdtar -C src --format zip --options zip:compression=store -cf clips.zip . || exit 1
rm -r src clip
echo "# $CLIPS clips of 10 MB"
for suffix in tar zip; do
	case $suffix in
	tar) peer="tar -C peer -xf clips.tar" ;;
	zip) peer="bsdtar -C peer -xf clips.zip" ;;
	esac
	$compare "segunpack, clips.$suffix, beside ${peer%% *} xf" 1.3 \
		"rm -rf .unpacked; '$plain/segunpack' clips.$suffix" "rm -rf peer; mkdir peer; $peer" 3
	rm -rf peer .unpacked clips.$suffix
done
