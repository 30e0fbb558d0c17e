# shellcheck shell=sh disable=SC2034
# lib.sh: what the end-to-end tests share. A test is a shell script that sources this
# file, calls ok, is, like, skip ... and ends with `finish`. It gets a folder of its own, $T
# (the working folder and STREAMHUB_ROOT), and the sanitized tools first in PATH.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
plain=${PLAIN:-$top/build} # the tools without sanitizers, for strace and timing
BIN=${BIN:-$top/build-san}
PATH=$BIN:$PATH
export PATH LC_ALL=C.UTF-8 TZ=UTC
# A report must be an exit code that no tool has.
export ASAN_OPTIONS="exitcode=99:${ASAN_OPTIONS:-}" UBSAN_OPTIONS=print_stacktrace=1
unset TESTS DEBUG LOG_LEVEL JOURNAL_STREAM NOTIFY_SOCKET WATCHDOG_USEC WATCHDOG_PID

T=$(mktemp -d "${TMPDIR:-/tmp}/streamhub.XXXXXX") || exit 99
export STREAMHUB_ROOT="$T"
cd "$T" || exit 99
tests=0
failures=0
cleanup_hook=:
trap 'eval "$cleanup_hook"; cd /; chmod -R u+rwX "$T" 2>/dev/null; rm -rf --one-file-system "$T"' EXIT
trap 'exit 99' HUP INT TERM

# result CODE NAME: one TAP line.
result() {
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
	else
		failures=$((failures + 1))
		echo "not ok $tests - $2"
	fi
}

# show TEXT...: the starts of texts, as TAP comments.
show() {
	for text; do
		printf '%s\n' "$text" | cut -c 1-500 | head -n 10 | sed 's/^/# /'
	done
}

# ok NAME COMMAND...: passes if the command succeeds.
ok() {
	ok_name=$1
	shift
	if "$@"; then result 0 "$ok_name"; else result 1 "$ok_name"; fi
}

# is NAME GOT WANTED
is() {
	if [ "$2" = "$3" ]; then
		result 0 "$1"
	else
		result 1 "$1"
		show "got:    $2" "wanted: $3"
	fi
}

# like NAME GOT PATTERN: a shell pattern.
like() {
	# shellcheck disable=SC2254 # it is a pattern
	case $2 in
	$3) result 0 "$1" ;;
	*)
		result 1 "$1"
		show "got:    $2" "wanted: $3"
		;;
	esac
}

# note TEXT: a figure worth seeing when all passed.
note() {
	echo "# note: $*"
}

# skip NAME REASON
skip() {
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

# run COMMAND...: leaves its exit code in $rc and its output in $out and $err.
run() {
	"$@" >"$T/.out" 2>"$T/.err"
	rc=$?
	out=$(cat "$T/.out")
	err=$(cat "$T/.err")
}

# refused NAME CODE PATTERN COMMAND...: it says so, prints nothing and ends with this code.
refused() {
	refused_name=$1 refused_code=$2 refused_message=$3
	shift 3
	run "$@" </dev/null
	is "$refused_name: exit code" "$rc" "$refused_code"
	like "$refused_name: message" "$err" "$refused_message"
	is "$refused_name: no output" "$out" ""
}

# run_full COMMAND...: the same where no file can grow, as on a full disk; $out is both outputs.
run_full() {
	out=$(
		trap '' XFSZ
		ulimit -f 0
		"$@" 2>&1
	)
	rc=$?
}

# wait_for SECONDS COMMAND...: until the command succeeds; fails at the deadline.
# Those that wait would keep the processor from those that they wait for: a look costs little, and the
# pause before the next one grows.
wait_for() {
	read -r deadline _ </proc/uptime
	deadline=$((${deadline%.*} + $1)) wait_pause=.01
	shift
	until "$@"; do
		read -r waited _ </proc/uptime
		[ "${waited%.*}" -le "$deadline" ] || return 1
		sleep $wait_pause
		case $wait_pause in
		.01) wait_pause=.02 ;;
		.02) wait_pause=.04 ;;
		.04) wait_pause=.08 ;;
		.08) wait_pause=.16 ;;
		*) wait_pause=.32 ;;
		esac
	done
}

# value FILE KEY: the value of a key of a fact.
value() {
	sed -n "s/^$2: //p" "$1"
}

# values FILE KEY...: those of several, on one line.
values() {
	values_of=$1
	shift
	for key; do value "$values_of" "$key"; done | paste -s -d ' '
}

# fact_head [SECONDS]: time, boot, mono and pid of a fact that is so many seconds old. No fact is older than
# the machine: ages stay at 200, which a machine has reached when the suite is compiled.
fact_head() {
	read -r up _ </proc/uptime
	[ "${1:-0}" -lt "${up%.*}" ] || echo "fact_head: the machine runs for $up s, not for ${1:-0}" >&2
	echo "time: 2026-01-01T00:00:00Z"
	echo "boot: $(cat /proc/sys/kernel/random/boot_id)"
	awk -v up="$up" -v age="${1:-0}" 'BEGIN { printf "mono: %.3f\n", up - age }'
	echo "pid: 1"
}

# heartbeat [SECONDS]: a whole one.
heartbeat() {
	fact_head "${1:-0}"
	printf 'count: 1\nstate: ok\nmessage: \nlast: \n'
}

# free_port: one of loopback that nobody uses now.
free_port() {
	perl -MIO::Socket::INET -e \
		'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}

# listens PORT: somebody waits for connections there.
listens() {
	grep -qi ": 0100007F:$(printf %04X "$1") 00000000:0000 0A" /proc/net/tcp
}

# need_vsftpd: ends the test where it cannot run.
need_vsftpd() {
	[ "$(id -u)" -eq 0 ] && return
	skip "FTP uploads" "vsftpd here needs root"
	finish
}

# vsftpd_starts ROOT FOLDER...: anybody can upload to these folders below ROOT, of $T. Leaves its
# process id in $server and its address in $ftp_url; ends the test if it does not come up.
vsftpd_starts() {
	ftp_root=$1
	shift
	mkdir -p "$ftp_root" empty
	chmod 755 "$T" "$ftp_root"
	(cd "$ftp_root" && mkdir -p "$@" && chmod 777 "$@")
	ftp_port=$(free_port)
	ftp_url=ftp://127.0.0.1:$ftp_port
	cat >vsftpd.conf <<X
listen=YES
listen_address=127.0.0.1
listen_port=$ftp_port
background=NO
run_as_launching_user=YES
anonymous_enable=YES
no_anon_password=YES
anon_root=$T/$ftp_root
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_umask=022
write_enable=YES
secure_chroot_dir=$T/empty
seccomp_sandbox=NO
xferlog_enable=NO
X
	# It hangs up its whole process group when it ends, so it gets one of its own.
	setsid /usr/sbin/vsftpd "$T/vsftpd.conf" 2>vsftpd.err &
	server=$!
	wait_for 10 ftp_answers && return
	ok "vsftpd starts" false
	show "$(cat vsftpd.err)"
	finish
}
ftp_answers() { curl -s "$ftp_url/" >/dev/null; }

# packets FILE [video|audio]: the hash of each packet, as FLV holds it; those of H.264 without
# parameter sets, which rtmppush puts before each keyframe.
packets() {
	packets_of=$1
	case $1 in
	*.ts) # with lengths in the place of start codes
		packets_of=$T/.packets.mp4
		ffmpeg -v error -nostdin -y -i "$1" -c copy "$packets_of"
		;;
	esac
	case ${2-} in
	video) packets_map=0:v ;;
	audio) packets_map=0:a ;;
	*) packets_map=0 ;;
	esac
	ffmpeg -v error -nostdin -i \
		"$packets_of" -map $packets_map -c copy -bsf:v filter_units=remove_types=7-8 \
		-f framehash -hash md5 - |
		awk -F ', *' '/^[0-9]/ { print $6 }'
}

# can_mount: whether a file system of ours can be mounted here; if not, $no_view says why.
no_view="needs /dev/fuse and the right to mount"
can_mount() {
	[ -w /dev/fuse ] || return 1
	if [ "$(id -u)" -eq 0 ]; then unshare -m true 2>/dev/null; else command -v fusermount3 >/dev/null; fi
}

# view_start [OPTION...]: streamhubfs on $STREAMHUB_ROOT/run/streamhub, as $view, its messages in
# $T/.view; ended when the test ends, at the latest. Fails if it cannot be read.
view=
view_start() {
	view_at=$STREAMHUB_ROOT/run/streamhub
	mkdir -p "$view_at" 2>/dev/null # it may be a dead mount
	# Who changes its user cannot be looked into by LeakSanitizer.
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 streamhubfs "$@" 2>"$T/.view" &
	view=$!
	cleanup_hook='view_stop'
	wait_for 10 view_up_or_gone && [ -e "$view_at/version" ]
}

view_up_or_gone() {
	[ -e "$view_at/version" ] || ! kill -0 $view 2>/dev/null
}

# view_stop: its exit code.
view_stop() {
	kill "$view" 2>/dev/null
	wait "$view"
}

# The plan, at the end, so that a test that stopped half way is seen.
finish() {
	echo "1..$tests"
	[ "$failures" -eq 0 ]
	exit
}
