#!/bin/sh
# segunpack and its parser: no clip is lost, none comes twice, whatever happens to them; and short
# of everything.
. "$(dirname "$0")/every.sh"
segunpack=$plain/segunpack
clip=$top/test/fixtures/good-mp4.mp4

# Two archives, one of them with a clip that takes more than one slot of whatever buffer.
mkdir src
cp "$clip" src/1.mp4
perl -e 'srand 7; print pack "C*", map { rand 256 } 1 .. 700_000' >src/2.mp4
touch -d '2026-01-01 10:00:00' src/1.mp4
touch -d '2026-01-01 10:01:00' src/2.mp4
tar -C src -cf a.tar 1.mp4 2.mp4
bsdtar -C src -caf b.zip 1.mp4
prepare() {
	rm -rf k
	mkdir k
	cp -p a.tar b.zip k
}
wanted="k/.unpacked/a.tar/1.mp4
k/.unpacked/a.tar/2.mp4
k/.unpacked/b.zip/1.mp4"
act() { "$@" "$segunpack" -t $what k/a.tar k/b.zip; }
amiss() {
	[ "$1" -ne 0 ] || [ "$(cat out)" = "$wanted" ] || echo "exit code 0, but it printed $(cat out); "
	# Again, as a supervisor does: the chain starts anew with what is there.
	"$plain/camwatch" -1 -a 0 -n never -l 0 -A yes k >list 2>err3
	"$segunpack" -t $what <list >out2 2>err2 || echo "again: $? $(cat err2); "
	# What the first run printed and took the archive of need not come again; all others must, once.
	for path in $wanted; do
		archive=${path#k/.unpacked/}
		if grep -q "^k/${archive%/*}\$" list; then
			[ "$(grep -cx "$path" out2)" -eq 1 ] || echo "$path is not printed once; "
		else
			grep -qx "$path" out || echo "$path was never printed; "
		fi
	done
	for pair in 1.mp4:a.tar/1.mp4 2.mp4:a.tar/2.mp4 1.mp4:b.zip/1.mp4; do
		cmp "src/${pair%:*}" "k/.unpacked/${pair#*:}" 2>&1
	done
	(cd k && find . -mindepth 1 \( -type f -o -type l \) ! -name .of | sort) >there
	{
		printf './.unpacked/%s\n' a.tar/1.mp4 a.tar/2.mp4 b.zip/1.mp4
		[ $what = delete ] || printf './%s\n' a.tar b.zip
	} | sort | diff - there
}
what=delete follow=-f written=700000
every "segunpack -t delete, and its parser" 70
what=keep follow=''
every "segunpack -t keep" 50
# Short of something. What cannot be looked into is not called bad, nor lost.
prepare
run sh -c "ulimit -n 6; exec '$segunpack' -q k/_failed k/a.tar k/b.zip"
like "no descriptors: exit code" "$rc" '[67]*'
like "no descriptors: said" "$err" "*Too many open files*"
is "no descriptors: they stay" "$(ls k/*.* k/_failed 2>/dev/null | tr '\n' ' ')" "k/a.tar k/b.zip  k/_failed: "
run sh -c "ulimit -n 16; exec '$segunpack' k/a.tar k/b.zip"
is "few descriptors: enough" "$rc:$out" "0:$wanted"
prepare
run sh -c "ulimit -f 200; trap '' XFSZ; exec '$segunpack' -q k/_failed k/b.zip k/a.tar"
is "files must not get so large: exit code" "$rc:$out" "74:k/.unpacked/b.zip/1.mp4"
is "files must not get so large: it stays" "$(ls k | tr '\n' ' ')" "_failed a.tar b.zip "

# Many archives: no descriptor is left open, no process.
mkdir many
for n in $(seq 1 150); do cp b.zip many/$n.zip; done
ls many/*.zip >list
run sh -c "ulimit -n 24; exec '$segunpack' <list"
is "many archives" "$rc:$(echo "$out" | wc -l):$err" 0:150:
run "$segunpack" many/*.zip
is "many archives, again" "$rc:$(echo "$out" | wc -l)" 0:150

# Two at once on the same archives.
rm -rf many/.unpacked
"$segunpack" <list >out1 2>err1 &
pid=$!
run "$segunpack" many/*.zip
wait $pid
like "two at once: exit codes" "$?$rc" '[067]*'
is "two at once: what is printed is there" "$(sort -u out1 .out | xargs ls 2>&1 >/dev/null)" ""
run "$segunpack" many/*.zip
is "two at once: and one after them: all there" "$rc:$(echo "$out" | wc -l)" 0:150
is "two at once: nothing is left" "$(find many -name '*.partial')" ""

# No room: all of it.
if [ "$(id -u)" -eq 0 ] && mkdir m && mount -t tmpfs -o size=68m none m 2>/dev/null; then
	cleanup_hook='umount -l "$T/m"'
	cp a.tar b.zip m
	head -c 4000000 /dev/zero >m/fill
	"$segunpack" -t delete m/a.tar m/b.zip >out 2>err.full &
	pid=$!
	said() { [ -s err.full ]; }
	ok "a full disk: said" wait_for 20 said
	like "a full disk: what it says" "$(cat err.full)" "*[[]WARN] [[]segunpack] 'm/a.tar': *"
	is "a full disk: nothing is printed, both stay" "$(cat out; ls m | tr '\n' ' ')" "a.tar b.zip fill "
	kill -TERM $pid
	wait $pid
	is "a full disk: SIGTERM" "$?:$(find m -name '*.partial' -o -name '*.mp4')" "0:"
	rm err.full
	"$segunpack" -t delete m/a.tar m/b.zip >out 2>err.full &
	pid=$!
	ok "a full disk: still" wait_for 20 said
	mount -o remount,size=200m m
	gone() { ! kill -0 $pid 2>/dev/null; }
	ok "room again: goes on" wait_for 60 gone
	wait $pid
	is "room again" "$?:$(sed 's/^m/k/' out):$(ls m)" "0:$wanted:fill"
	cp a.tar m/c.tar
	mount -o remount,ro m
	run "$segunpack" -q m/_failed m/c.tar
	like "a read-only disk: exit code" "$rc" '[67]*'
	mount -o remount,rw m
	is "a read-only disk: it stays" "$(ls m | tr '\n' ' ')" "c.tar fill "
else
	skip "a full disk, a read-only one" "cannot mount a tmpfs here"
fi
finish
