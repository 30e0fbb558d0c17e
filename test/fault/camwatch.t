#!/bin/sh
# camwatch: with the cursor of what came out, nothing is lost and nothing comes twice; and of late
# clips no other is deleted.
. "$(dirname "$0")/every.sh"
prepare() {
	rm -rf d s cursor
	mkdir d s
	for n in 1 2 3 4 5; do
		echo x >d/$n.mp4
		touch -d "2026-01-02 10:0$n" d/$n.mp4
	done
	printf '1767348060000000000\t1.mp4\t0\n' >cursor
}
act() { "$@" "$plain/camwatch" -1 -a 0 -c cursor -s s d; }
again() { "$plain/camwatch" -1 -a 0 "$@" >second 2>err2 || echo "again: $? $(cat err2); "; }
amiss() {
	fact_ok s/camwatch mode
	last=$(lines_of out | tail -n 1)
	[ -z "$last" ] || printf '%s\t%s\t0\n' "$(stat -c %.9Y "$last" | tr -d .)" "${last#d/}" >cursor
	again -c cursor -s s d
	# One that could not be looked at is behind the cursor by then, which is said of it.
	printf 'd/%s.mp4\n' 2 3 4 5 | while read -r clip; do
		case $(lines_of out | cat - second | grep -cx "$clip"):$(cat err err2) in
		1:* | 0:*"'${clip#d/}'"*) ;;
		*) echo "$clip; " ;;
		esac
	done
	lines_of out | cat - second | sort -c 2>&1
	fact_ok s/camwatch mode
	tmp s
}
written=500
every "camwatch -1 -c -s" 300
written=8

prepare() {
	rm -rf d
	mkdir d
	for n in 1 2 3 4; do
		echo x >d/$n.mp4
		touch -d "2026-01-02 10:0$n" d/$n.mp4
	done
}
act() { "$@" "$plain/camwatch" -1 -a 0 -l 60 -L delete d; }
amiss() {
	[ -s d/4.mp4 ] || echo "4.mp4 is gone; "
	again -l 60 -L delete d
	[ "$(cat second) $(ls d)" = "d/4.mp4 4.mp4" ] || echo "then: $(cat second; ls d); "
}
every "camwatch -1 -L delete" 200
finish
