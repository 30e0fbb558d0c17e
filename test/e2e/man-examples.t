#!/bin/sh
# Every example of every manual page runs, in a root with one good and one stale station.
# A line `.\" exit N` before an example names its exit code where it is not 0, and lines `.Dl`
# without a $ behind it are what it prints.
# Takes long.
. "$(dirname "$0")/../lib.sh"
# timeout(1) signals twice, and the second signal stops LeakSanitizer for ever.
export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"

examples() { # PAGE: "code\002command\002output" a line, new lines as \001
	awk '
		function flush() {
			if (text != "") print code + 0 "\002" text "\002" out
			text = out = ""
			code = next_code
			next_code = 0
		}
		/^\.Sh / { inside = $2 == "EXAMPLES"; next }
		!inside { next }
		/^\.\\" exit / { next_code = $3; next }
		/^\.Bd / { flush(); block = 1; next }
		/^\.Ed/ { block = 0; next }
		block { text = text $0 "\001"; next }
		sub(/^\.Dl \$ /, "") { flush(); text = $0; next }
		sub(/^\.Dl /, "") { out = out (out == "" ? "" : "\001") $0 }
		END { flush() }
	' "$1" | sed 's/\\(dq/"/g; s/\\e/\\/g; s/\\(en/-/g'
}

for page in "$top"/man/*.[0-9]; do
	name=${page##*/}
	mkdir "$name"
	cd "$name" || exit 99
	STREAMHUB_ROOT=$PWD
	mkdir -p run/streamhub.d/1 run/streamhub.d/2
	heartbeat 1 | tee heartbeat >run/streamhub.d/1/heartbeat
	mkdir drop
	cp "$top/test/fixtures/good-mp4.mp4" clip.mp4
	ffmpeg -v error -nostdin -f lavfi -i color=navy:s=640x360 -frames:v 1 away.png
	tee drop/20260102_100000.mp4 <clip.mp4 >drop/20260102_100100.mp4
	heartbeat 200 >run/streamhub.d/2/heartbeat
	examples "$page" | sed "s| /run/streamhub/| $PWD/run/streamhub/|g" >"$T/examples"
	if [ "$name" = streamhubfs.1 ]; then
		can_mount || { skip "$name" "$no_view"; cd "$T" || exit 99; continue; }
		ok "$name: the view" view_start
	fi
	case $name in *.1) least=2 ;; *) least=1 ;; esac
	ok "$name has $least examples or more" [ "$(wc -l <"$T/examples")" -ge $least ]
	while IFS="$(printf '\002')" read -r code command wanted; do
		printf '%s' "$command" | tr '\001' '\n' >"$T/example"
		run sh "$T/example" </dev/null
		is "$name: $(head -n 1 "$T/example")" "$rc" "$code"
		[ "$rc" -eq "$code" ] || show "$err"
		[ -z "$wanted" ] || is "$name: and prints it" "$out" \
			"$(printf '%s' "$wanted" | tr '\001' '\n')"
	done <"$T/examples"
	[ "$name" != streamhubfs.1 ] || view_stop
	cd "$T" || exit 99
done
finish
