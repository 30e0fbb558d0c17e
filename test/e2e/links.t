#!/bin/sh
# --dir: a folder below the drop folder becomes a link to another camera's folder and a folder
# again, thousands of times, while each tool works there. Nothing of the other camera's is played,
# moved, packed, unpacked or deleted.
. "$(dirname "$0")/../rtmp.sh"
good=$top/test/fixtures/good-mp4.mp4
swaps=2000

# cameras: two of them with files of the same names; the second one's are in the folder "kept", too.
cameras() {
	rm -rf drop other kept way
	mkdir -p drop/cam/sub other/sub kept/store
	n=0
	while [ $n -lt 20 ]; do
		n=$((n + 1))
		"$1" drop/cam/sub/$n.mp4
		"${2:-$1}" other/sub/$n.mp4
		echo "of the other camera" >>other/sub/$n.mp4
	done
	cp -a other/sub kept
	ln -s ../other drop/way
	ls drop/cam/sub/* >list
}
# others_stay: all that is the other camera's is there as it was.
others_stay() {
	diff -r other/sub kept/sub >strays 2>&1 && ! grep -rq "other camera" kept/store && return
	show "$(cat strays)"
	return 1
}
swapped() { [ -s swaps ] && [ "$(cat swaps)" -ge $1 ]; }
# in_a_race NAME COMMAND...: reads the list again and again until there were so many swaps.
in_a_race() {
	race=$1
	shift
	rm -f swaps
	perl "$top/test/swap.pl" drop/cam drop/way swaps &
	swapper=$!
	mine $swapper
	rounds=0
	deadline=$(($(date +%s) + 60))
	until { [ $rounds -gt 0 ] && swapped $swaps; } || [ "$(date +%s)" -gt $deadline ]; do
		# One after the other, so that each meets the folder anew.
		perl -pe '$| = 1; select undef, undef, undef, $ENV{PACE} // 0.005' list |
			"$@" >>printed 2>>err
		rounds=$((rounds + 1))
	done
	kill $swapper
	reap $swapper 2>/dev/null
	ok "$race: thousands of swaps" swapped $swaps
	ok "$race: the other camera's are all there" others_stay
	note "$race: $(cat swaps) swaps, $rounds rounds, $(grep -c . printed) paths printed"
}

bad() { echo "no clip" >"$1"; }
cameras bad
: >printed
in_a_race segcheck "$plain/segcheck" --dir drop -q drop/_failed -d 0
ok "segcheck: nothing of it in the quarantine" [ ! -d other/_failed ]

clip() { cp "$good" "$1"; }
cameras clip
: >printed
in_a_race segpack "$plain/segpack" --dir drop kept/store

archive() { cp a.zip "$1"; }
cp "$good" one.mp4
bsdtar -caf a.zip one.mp4
cameras archive
: >printed
in_a_race segunpack "$plain/segunpack" --dir drop -t delete -q drop/_failed
is "segunpack: nothing was written there" "$(ls -A other)" sub

port=$(free_port)
export RTMP_URL="rtmp://127.0.0.1:$port/live/x"
rtmpsink "$RTMP_URL" >/dev/null 2>&1 &
mine $!
wait_for 20 listens "$port"
ffmpeg -v error -nostdin -i "$good" -c copy -t 0.04 short.mp4
short() { cp short.mp4 "$1"; }
cameras short bad
: >printed
export PACE=0.025 # it takes long to start
in_a_race rtmppush "$plain/rtmppush" --dir drop -t delete --lead 10000 --retries 3
is "rtmppush: none of it was looked into" "$(grep "cannot be played, " err)" ""
finish
