#!/bin/sh
# camwatch beside its peers: latency beside inotifywait, start-up beside find | sort, memory
# a file, and what it costs to wait.
. "$(dirname "$0")/../lib.sh"
export T
bench=$top/test/bench
camwatch=$plain/camwatch

latency() { # OURS|PEER: five runs, the middle one by its 99th percentile
	for _ in 1 2 3 4 5; do
		rm -rf d && mkdir d
		case $1 in
		ours) "$bench/camwatch-latency.pl" d 1000 "$camwatch" -a 0 -n never d ;;
		peer) "$bench/camwatch-latency.pl" d 1000 inotifywait -q -m -r -e close_write --format %w%f d ;;
		esac
	done | sort -n -k 2 | sed -n 3p
}
ours=$(latency ours)
peer=$(latency peer)
echo "$ours $peer" | awk '{ printf "camwatch, close to line: median %d us, 99th percentile %d us; inotifywait %d and %d us, ratio %.2f, wanted at most 1: %s\n", $1, $2, $3, $4, $2 / $4, $2 <= $4 ? "kept" : "MISSED" }'

rm -rf d && mkdir d
perl -e 'for $d (1 .. 100) { mkdir "d/d$d"; for (1 .. 1000) { open F, ">", "d/d$d/clip_20260102_" . ($d * 1000 + $_) . ".mp4"; print F "x" } }'
"$bench/compare" "camwatch, start with 100000 waiting files, beside find -type f | sort" 2 \
	"$bench/ready.pl '$camwatch' -a 36000 d" "find d -type f | sort" 9

watch() { # FOLDER FILES: starts camwatch and lets it take in all files, which wait
	rm -rf st && mkdir st
	"$camwatch" -a 36000 -s st "$1" >/dev/null &
	pid=$!
	cleanup_hook="kill $pid"
	read_all() { [ -e st/camwatch ] && [ $(($(value st/camwatch waiting) + $(value st/camwatch held))) -eq "$2" ]; }
	wait_for 30 read_all x "$2"
}
end() {
	kill $pid
	wait $pid
	cleanup_hook=:
}
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"; }
mkdir none
watch none 0
base=$(resident)
end
watch d 100000
full=$(resident)
end
echo "$base $full" | awk '{ b = ($2 - $1) * 1024 / 100000; printf "camwatch, memory: %d bytes a waiting file above %d KB, wanted at most 300: %s\n", b, $1, b <= 300 ? "kept" : "MISSED" }'

SECONDS_IDLE=${SECONDS_IDLE:-60}
rm -rf d && mkdir d
perl -e 'for (1 .. 10000) { open F, ">", "d/$_.mp4"; print F "x" }'
watch d 10000
ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
timeout 12 strace -qq -c -p $pid -o /dev/null # till the folder is old enough to be trusted
before=$(ticks)
timeout "$SECONDS_IDLE" tail -f /dev/null
cpu=$(($(ticks) - before))
timeout "$SECONDS_IDLE" strace -qq -c -p $pid -o calls
end
awk -v t=$cpu -v s="$SECONDS_IDLE" -v c="$(awk '$NF == "total" { print $4 }' calls)" -v h="$(getconf CLK_TCK)" 'BEGIN {
	p = 100 * t / h / s
	printf "camwatch, idle for %d s with 10000 waiting files: %.3f %% CPU, wanted below 0.1: %s; %d system calls in as long again\n", s, p, p < 0.1 ? "kept" : "MISSED", c }'
