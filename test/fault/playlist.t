#!/bin/sh
# playlist: whatever fails or kills it, the next one goes on with the clip that plays and what follows it, in
# order and in a deck.
. "$(dirname "$0")/every.sh"
mkdir lib
for name in a b c d e f; do echo $name >lib/$name.mp4; done
printf '%s.mp4\n' a b c d e f >lib/order.m3u
{ echo '#AT 00:00 shuffle' && cat lib/order.m3u; } >lib/deck.m3u
# The clip that plays is the second of four that were named.
prepare() {
	rm -rf state live
	mkdir state live
	echo "1	none	0" >cursor
	playlist --seed 3 -n 4 -c cursor -p state/place lib/$list.m3u >named 2>/dev/null
	printf '1\t%s\t5\n' "$(sed -n 2p named)" >cursor
	cp -r state wanted.state
	playlist -n 5 -c cursor -p wanted.state/place lib/$list.m3u >wanted 2>/dev/null
	rm -r wanted.state
}
act() { "$@" "$plain/playlist" -n 2 -c cursor -p state/place -s live lib/$list.m3u; }
amiss() {
	lines_of out | cmp -s - /dev/stdin <<X || [ ! -s out ] || echo "printed: $(tr '\n' ' ' <out); "
$(head -n "$(lines_of out | wc -l)" wanted)
X
	playlist -n 5 -c cursor -p state/place -s live lib/$list.m3u >out2 2>err2 || echo "again: $? $(cat err2); "
	cmp -s out2 wanted || echo "again: $(tr '\n' ' ' <out2), not $(tr '\n' ' ' <wanted); "
	tmp state live
}
for list in order deck; do every "playlist, $list" 12; done
finish
