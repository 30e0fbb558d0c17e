# shellcheck shell=sh disable=SC2034,SC2154
# camera.sh: lib.sh for the tests of camwatch: files in the folder d, as a camera leaves them, and what
# camwatch prints of them.
. "$(dirname "$0")/../lib.sh"
mkdir d

# clip PATH [TIME]: a file below d.
clip() {
	mkdir -p "d/$(dirname -- "$1")"
	echo x >"d/$1"
	case ${2-} in
	'') ;;
	??:??) touch -d "2026-01-02 $2" "d/$1" ;;
	*) touch -d "$2" "d/$1" ;;
	esac
}
clear() { rm -rf d && mkdir d; }

# ns FILE: its time, as a cursor has it.
ns() { stat -c %.9Y "$1" | tr -d .; }

# drain [OPTION...] FOLDER: all of it, once; list: what was printed, on one line.
drain() { run camwatch -1 -a 0 "$@"; }
list() { echo "$out" | tr '\n' ' '; }

# start [OPTION...]: camwatch on d, paths into the file out, status in st.
start() {
	rm -rf st && mkdir st
	: >out
	camwatch -s st "$@" d >out 2>err &
	pid=$!
	wait_for 10 test -e st/camwatch
}
stop() {
	kill -TERM "$pid"
	wait "$pid"
	rc=$?
}

# prints NAME WANTED: all of it, soon.
prints() {
	if wait_for 10 printed "$2"; then
		result 0 "$1"
	else
		is "$1" "$(tr '\n' ' ' <out)" "$2"
	fi
}
printed() { [ "$(tr '\n' ' ' <out)" = "$1" ]; }

# again: the first clip was printed twice.
again() { [ "$(grep -cx d/1.mp4 out)" = 2 ]; }
fact() { [ "$(value st/camwatch "$1")" = "$2" ]; }
said() { grep -q "$1" err; }
