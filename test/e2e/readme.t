#!/bin/sh
# What README.md shows does what it says: its pipelines run, its settings are in order, its
# vsftpd takes uploads that the stations' user can move, and what it points to is there.
. "$(dirname "$0")/../lib.sh"
readme=$top/README.md
# timeout(1) signals twice, and the second signal stops LeakSanitizer for ever.
export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"

# block TEXT: the indented block that has a line beginning with it, as it is typed.
block() {
	awk -v text="$1" '
		sub(/^    /, "") { lines = lines $0 "\n"; found = found || index($0, text) == 1; next }
		found { exit }
		{ lines = "" }
		END { if (found) printf "%s", lines }' "$readme"
}

# The pipelines: each with a folder of this test, an end, and a port of its own.
mkdir pipelines
awk '/^## / { inside = /pipelines/ }
	inside && sub(/^    /, "") { print > ("pipelines/" n + 10) ".sh"; next }
	{ n++ }' "$readme"
is "five pipelines" "$(ls pipelines | wc -l)" 5
for page in README.md README.es.md; do
	ok "$page: the pipeline to an archive says where RTMP_URL is from" \
		sh -c 'grep -B 5 "| segpack -k" "$0" | grep -q "[(].*RTMP_URL"' "$top/$page"
done
port=$(free_port)
n=0
for script in pipelines/*; do
	n=$((n + 1))
	mkdir -p $n/drop $n/kept
	(
		cd $n || exit
		cp "$top/test/fixtures/good-mp4.mp4" drop/20260102_100000.mp4
		head -c 3000 drop/20260102_100000.mp4 >drop/20260102_100100.mp4
		[ $n -ne 4 ] || echo \
			"export RTMP_URL=rtmp://127.0.0.1:$port/live/test; rtmpsink -1 \$RTMP_URL >sink.log &"
		sed "s|/srv/ftp/camera1|drop|; s|/srv/ftp|drop|; s|/srv/kept|kept|; s|^camwatch|& -1 -a 0|
			s|^rtmpsink|& -1|; s|:1935|:$port|" "../$script"
		echo 'code=$?; wait; exit $code'
	) >$n/run
	(cd $n && timeout 60 sh run >out 2>err; echo $? >rc)
done
is "ready clips are named, in order" "$(cat 1/rc 1/out)" "0
ready: drop/20260102_100000.mp4
ready: drop/20260102_100100.mp4"
is "what is not whole is named, with the code" "$(cat 2/out)" "drop/20260102_100100.mp4: truncated"
like "the broadcast has arrived" "$(cat 3/rc 3/out)" "0
*drop/20260102_100000.mp4*"
is "and is all of it" "$(packets 3/got.flv video)" "$(packets 3/drop/20260102_100000.mp4 video)"
is "the heartbeat is of one clip" \
	"$(value 3/heartbeat count):$(value 3/heartbeat last)" 1:drop/20260102_100000.mp4
is "what was played is in an archive" "$(cat 4/out):$(cut -f 1 4/kept/*/*.index)" \
	drop/20260102_100000.mp4:drop/20260102_100000.mp4
is "nothing was deleted but what is kept" "$(find [1-5]/drop -name '*.mp4' | wc -l)" 9
is "a beat from a script is judged" "$(cat 5/rc 5/out)" 0

# The settings.
mkdir camera1
file=$(stationctl new 1)
block NAME= | sed "s|/srv/ftp/camera1|$T/camera1|" >>"$file"
run stationctl check 1
is "the settings are in order" "$rc:$out:$err" "0:1	good:"

# vsftpd and its users, who have an /etc of their own.
mkdir recorded
file=$(stationctl new 2 2>/dev/null)
block SOURCE_URL= | sed "s|/srv/rec/1|$T/recorded|" >>"$file"
run stationctl check 2
is "the settings of a live source are in order" "$rc:$err" 0:
block listen=YES >vsftpd.conf
is "vsftpd.conf was found" "$(grep -c = vsftpd.conf)" 11
block "sudo make install-service" | grep -v -e 'sudo make' -e passwd | sed 's/sudo //g' >users.sh
is "so were the users" "$(wc -l <users.sh)" 3
cp "$top/tools/stationctl/pattern.mp4" clip.mp4
cp "$(command -v camwatch)" . # where the stations' user can reach it, and nothing is mounted over it
cat >uploads.sh <<X
set -e
mount --make-rprivate /
cp -a /etc own-etc
mount --bind own-etc /etc
mount -t tmpfs none /srv
mount -t tmpfs none /run
mkdir -p /run/vsftpd/empty
getent group streamhub >/dev/null || groupadd --system streamhub
id streamhub >/dev/null 2>&1 || useradd --system -g streamhub -M streamhub
. ./users.sh >/dev/null
echo camera1:secret | chpasswd
setsid vsftpd $T/vsftpd.conf -olisten_port=$port -olisten_address=127.0.0.1 -obackground=NO &
trap "kill \$!" EXIT
url=ftp://camera1:secret@127.0.0.1:$port
until curl -s \$url/ >/dev/null; do kill -0 \$!; done
said() { curl -s "\$@" >/dev/null || echo "no: \$?"; }
clip=$T/clip.mp4
said --ftp-create-dirs -T \$clip \$url/2026/08/14/RLC-810A_00_20260814150544.mp4
said -T \$clip \$url/13.52.mp4_ -Q '-RNFR 13.52.mp4_' -Q '-RNTO 13.52.mp4'
said \$url/13.52.mp4
said \$url/ -Q 'DELE 13.52.mp4'
said ftp://camera1:wrong@127.0.0.1:$port/
chmod 711 .
setpriv --reuid streamhub --regid streamhub --clear-groups sh -c '
	./camwatch -1 -a 0 /srv/ftp/camera1
	mkdir /srv/ftp/camera1/_failed
	find /srv/ftp/camera1 -name "*.mp4" -delete
	find /srv/ftp/camera1 -type f'
X
if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
	skip "uploads" "needs root and a name space of mounts"
else
	run timeout 60 unshare -m sh uploads.sh
	is "a camera uploads and renames, and neither fetches nor deletes; the stations' user takes it away" \
		"$rc:$out" \
		"0:no: 78
no: 21
no: 67
/srv/ftp/camera1/2026/08/14/RLC-810A_00_20260814150544.mp4
/srv/ftp/camera1/13.52.mp4"
	[ "$rc" -eq 0 ] || show "$err"
fi

for link in $(grep -o '](\([^)]*\))' "$readme" | tr -d '])('); do
	[ -e "$top/$link" ] || echo "$link"
done >missing
is "what it points to is there" "$(cat missing)" ""
finish
