#!/bin/sh
# segcheck and its parser: each clip is in one place, each reason with its clip, and what is good
# comes out.
. "$(dirname "$0")/every.sh"
good=$top/test/fixtures/good-mp4.mp4
prepare() {
	rm -rf k s
	mkdir k s
	cp "$good" k/1.mp4
	head -c 2000 "$good" | tee k/2.mp4 >k/3.mp4
}
check() { "$@" "$plain/segcheck" -q k/_failed -d 0 -s s k/*.mp4; }
act() { check "$@"; }
state() {
	for file in k/*.mp4 k/_failed/*.mp4; do
		[ ! -f "$file" ] || echo "$file $(stat -c %s "$file")"
	done
	for file in k/_failed/* k/_failed/.*; do
		case $file in
		*.mp4) [ ! -e "$file" ] || [ -e "$file.reason" ] || echo "no reason for $file" ;;
		*/. | */.. | */.tries) ;;
		*.reason) [ -e "${file%.reason}" ] || echo "lone $file" ;;
		*) [ ! -e "$file" ] || echo "left $file" ;;
		esac
	done
}
wanted="k/1.mp4 $(stat -c %s "$good")
k/_failed/2.mp4 2000
k/_failed/3.mp4 2000"
amiss() {
	printed=$(lines_of out)
	[ "$printed" = k/1.mp4 ] || grep -q "1.mp4' is bad, parser-died" err || { [ -z "$printed" ] && [ "$1" -gt 1 ]; } || echo "printed: $printed; "
	fact_ok s/segcheck sandbox
	# Nothing else can be believed when the parser dies of each clip. It says so, and may look again.
	if [ "$(value k/_failed/1.mp4.reason code 2>/dev/null)" = parser-died ]; then
		"$plain/segcheck" --release k/_failed/1.mp4
	fi
	check >out2 2>err2
	code=$?
	[ $code -le 1 ] || echo "again: $code $(cat err2); "
	[ "$(state) $(cat out2)" = "$wanted k/1.mp4" ] || echo "then: $(state) $(cat out2); "
	tmp s k
}
peace=1 follow=-f written=700
every "segcheck -q, and its parser" 60
finish
