# shellcheck shell=sh disable=SC2154
# nspawn.sh: rtmp.sh for tests with a real systemd, booted in a container on an overlay of this
# machine's root, at $root; it shares the network. Its stations have their folders in /srv/cam.
. "$(dirname "$0")/../rtmp.sh"
root=$T/root
cgroups=
for tree in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
	[ ! -e $tree/cgroup.procs ] || cgroups="$cgroups $tree/streamhub-$$"
done

# need_nspawn: lays out $root; ends the test where it cannot be booted.
need_nspawn() {
	why=$(nspawn_cannot)
	[ -z "$why" ] || {
		skip "a booted systemd" "$why"
		finish
	}
	# Who ends the container ends all in it.
	cleanup_hook="kill \$nspawn 2>/dev/null; wait \$nspawn; umount $root
		find $cgroups -depth -type d -exec rmdir {} + 2>/dev/null; $cleanup_hook"
	# What is enabled on this machine is not to run there.
	find "$root/etc/systemd/system" -name '*.wants' -exec rm -r {} +
}
nspawn_cannot() {
	[ "$(id -u)" -eq 0 ] || { echo "needs root" && return; }
	command -v systemd-nspawn >/dev/null || { echo "no systemd-nspawn" && return; }
	[ -e "$rtmp_module" ] || { echo "no $rtmp_module" && return; }
	mkdir -p upper work "$root"
	mount -t overlay overlay -o "lowerdir=/,upperdir=$T/upper,workdir=$T/work" "$root" 2>mount.err ||
		echo "no overlay: $(cat mount.err)"
}

# boot: with $boot_options, too; leaves the process id of the container's systemd in $leader. inside
# COMMAND...: runs it there.
boot() {
	[ -e fuse ] || mknod -m 666 fuse c 10 229 # for all, as udev has it
	# 257 gives a service no network of its own without the right to bring its loopback up.
	# shellcheck disable=SC2086 # words
	in_cgroup systemd-nspawn -q -D "$root" --machine="streamhub-$$" --register=no --keep-unit \
		--link-journal=no --capability=CAP_NET_ADMIN ${boot_options-} \
		--bind="$T/fuse:/dev/fuse" -b </dev/null >boot.log 2>&1 &
	nspawn=$!
	wait_for 60 booted || return
	leader=$(pgrep -P $nspawn)
}
# in_cgroup COMMAND...: becomes it, in a control group of this test. Two containers in one would remove
# each other's services of the same name: "Failed at step CGROUP".
in_cgroup() {
	exec sh -c 'for group in '"$cgroups"'; do
		mkdir -p "$group" && echo $$ >"$group/cgroup.procs"
	done
	exec "$@"' in_cgroup "$@"
}
booted() {
	boots=$(pgrep -P $nspawn) && nsenter -t "$boots" -a systemctl is-system-running 2>/dev/null |
		grep -qE 'running|degraded'
}
inside() {
	nsenter -t "$leader" -a env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C.UTF-8 "$@"
}
# explain ID: why a check of the station failed: its units, and what was said last.
explain() {
	inside systemctl list-units --plain --no-legend --all "*@$1.*" 'streamhub*' | sed 's/^/# /'
	inside journalctl -q -n 60 -u "*@$1.*" | sed 's/^/# /'
}
halt() {
	inside systemctl poweroff
	wait $nspawn
}

# make_clips ID COUNT HUE: so many of 2 s, of 50 pictures each, in made/.
make_clips() {
	mkdir -p made
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=160x120:r=25:d=$((2 * $2)),hue=h=$3" \
		-f lavfi -i "aevalsrc='0.5*sin(2*PI*(200+40*t)*t)+0.05*random(0)':d=$((2 * $2))" \
		-c:v libx264 \
		-preset ultrafast -qp 40 -g 25 -sc_threshold 0 -pix_fmt yuv420p -c:a aac -b:a 48k \
		-f segment -segment_time 2 -reset_timestamps 1 "made/$1%02d.mp4"
	clip_time=1767225600
	for clip in made/"$1"*; do
		clip_time=$((clip_time + 1))
		touch -d "@$clip_time" "$clip"
	done
}

# upload ID: its clips, at once: while one is copied it has another time, and may be taken before
# the others.
upload() {
	mkdir "$root/srv/cam/new"
	cp -p made/"$1"* "$root/srv/cam/new"
	inside chown -R streamhub: /srv/cam/new
	mv "$root"/srv/cam/new/* "$root/srv/cam/$1"
	rmdir "$root/srv/cam/new"
}

# unplayed ID: how many of its clips are still there.
unplayed() { find "$root/srv/cam/$1" -name '*.mp4' | wc -l; }
none_left() { [ "$(unplayed "$1")" -eq 0 ]; }

# view ID KEY: what the view's status says.
view() { inside sed -n "s/^$2: //p" "/run/streamhub/stations/$1/status" 2>/dev/null; }
connected() { [ "$(view "$1" stream)" = connected ]; }

# main_pid TOOL ID. all_run ID: all of the station's services, and it is connected.
main_pid() { inside systemctl show -P MainPID "$1@$2"; }
all_run() {
	for all_tool in camwatch segcheck rtmppush hbwrite; do
		[ "$(inside systemctl is-active "$all_tool@$1")" = active ] || return
	done
	connected "$1"
}

# books ID COUNT: what the server has recorded of it is all of its clips, in order.
books() {
	mkdir -p "book-$1/rec"
	mv rec/"$1"-* "book-$1/rec"
	ls "$T"/made/"$1"* >"book-$1/list"
	(cd "book-$1" && ledger 6000) | sed 's/^#/# note:/'
	whole "book-$1" $((50 * $2))
}
