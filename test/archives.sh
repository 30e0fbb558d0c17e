# shellcheck shell=sh disable=SC2034,SC2154
# archives.sh: lib.sh for the tests of segpack and segunpack: clips of a certain time, archives of them,
# and what is in these.
. "$(dirname "$0")/../lib.sh"
good=$top/test/fixtures/good-mp4.mp4
day=2026-01-02

# clip PATH TIME: a whole one.
clip() {
	mkdir -p "$(dirname "$1")"
	cp "$good" "$1"
	touch -d "$2" "$1"
}

# clips FOLDER NAME...: there, a minute after each other, and no two the same.
clips() {
	mkdir -p "$1"
	minute=0
	into=$1
	shift
	for name; do
		mkdir -p "$into/$(dirname -- "$name")"
		{ cat "$good"; echo "$name"; } >"$into/$name"
		touch -d "2026-01-01 10:$minute:00" "$into/$name"
		minute=$((minute + 1))
	done
}

# archive FILE FOLDER [NAME...]: of this folder's files, in the format that its name tells.
archive() {
	archive_of=$2
	case $1 in /*) archive_to=$1 ;; *) archive_to=$PWD/$1 ;; esac
	shift 2
	[ $# -gt 0 ] || set -- .
	bsdtar -C "$archive_of" -caf "$archive_to" -- "$@"
}

# names ARCHIVE; column N INDEX; lines, of the last run: on one line.
names() { tar tf "$1" 2>&1 | tr '\n' ' '; }
column() { cut -f "$1" "$2" | tr '\n' ' '; }
lines() { tr '\n' ' ' <.out; }

# printed N: the file of that name has so many lines.
printed() { [ "$(wc -l <printed)" -eq "$1" ]; }

# old FOLDER: nothing in it is so fresh that segunpack would wait for more of it.
old() { [ -z "$(find "$1" -newerct '6 seconds ago' -print -quit)" ]; }
