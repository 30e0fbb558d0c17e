#!/bin/sh
# segunpack killed at each of its calls, with calls that fail, without its parser, and short of
# everything: no clip is lost, none comes twice.
. "$(dirname "$0")/../lib.sh"
segunpack=$plain/segunpack # strace and the leak sanitizer exclude each other
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
# What is there but should not be, or the other way round; nothing if all is well.
amiss() { # keep|delete
	for pair in 1.mp4:a.tar/1.mp4 2.mp4:a.tar/2.mp4 1.mp4:b.zip/1.mp4; do
		cmp "src/${pair%:*}" "k/.unpacked/${pair#*:}" 2>&1
	done
	(cd k && find . -mindepth 1 \( -type f -o -type l \) ! -name .of | sort) >there
	{
		printf './.unpacked/%s\n' a.tar/1.mp4 a.tar/2.mp4 b.zip/1.mp4
		[ "$1" = delete ] || printf './%s\n' a.tar b.zip
	} | sort | diff - there
	find k -name '*.partial'
}
# again WHAT: a second run, as a supervisor makes one: the chain starts anew with what is there.
again() {
	(find k -maxdepth 1 -type f | sort) >list
	"$segunpack" -t "$1" <list >out2 2>err2
	code=$?
	[ $code -eq 0 ] || echo "second run: exit code $code: $(tail -n 1 err2)"
}

for what in keep delete; do
	prepare
	strace -qq -o trace "$segunpack" -t $what k/a.tar k/b.zip >out 2>/dev/null
	is "-t $what: not killed" "$(cat out)$(amiss $what)" "$wanted"
	perl -ne '
		($c) = /^(\w+)\(/ or next;
		$n{$c}++;
		$on ||= /^(openat2?|open)\(.*"(k|a\.tar)/;
		print "$c $n{$c}\n" if $on && $c !~ /^(poll|brk|rt_sig|clock|getpid|munmap|mprotect)/' trace >calls
	kills=0 wrong=0
	while read -r call n; do
		prepare
		timeout 20 strace -qq -o /dev/null -e "inject=$call:signal=KILL:when=$n" \
			"$segunpack" -t $what k/a.tar k/b.zip >out 2>/dev/null
		[ $? -eq 137 ] && kills=$((kills + 1))
		report=$(again $what)
		# What the first run printed and took the archive of need not come again; all
		# others must, once.
		lost=$(printf '%s\n' "$wanted" | while read -r path; do
			archive=${path#k/.unpacked/}
			archive=${archive%/*}
			if [ -e "k/$archive" ] || grep -q "^k/$archive\$" list; then
				[ "$(grep -cx "$path" out2)" -eq 1 ] || echo "$path is not printed once"
			else
				grep -qx "$path" out || echo "$path was never printed"
			fi
		done)
		report=$report$lost$(amiss $what)
		[ -z "$report" ] || {
			wrong=$((wrong + 1))
			show "$what: $call $n: $report"
		}
	done <calls 2>/dev/null
	ok "-t $what: there are calls to kill at" [ $kills -gt 30 ]
	is "-t $what: killed at each of $kills calls, started again: all there, printed once" $wrong 0
done

# The parser too: each process has its own count, and both are killed at their nth call.
prepare
strace -qq -f -o trace "$segunpack" k/a.tar >out 2>/dev/null
wrong=0 kills=0
for call in read recvmsg sendmsg sendto recvfrom lseek pread64 mmap munmap futex exit_group; do
	last=$(awk -v c="$call" '$2 ~ "^" c "\\(" { n[$1]++ } END { for (p in n) if (n[p] > m) m = n[p]; print m + 0 }' trace)
	step=$((last / 12 + 1))
	n=1
	while [ $n -le "$last" ]; do
		prepare
		timeout 20 strace -qq -f -o /dev/null -e "inject=$call:signal=KILL:when=$n" \
			"$segunpack" k/a.tar k/b.zip >out 2>/dev/null
		code=$?
		[ $code -eq 0 ] || kills=$((kills + 1))
		report=$(again keep)$(amiss keep)
		[ "$code" -ne 124 ] || report="it hangs; $report"
		[ -z "$report" ] && [ "$(cat out2)" = "$wanted" ] || {
			wrong=$((wrong + 1))
			show "$call $n: $report $(cat out2)"
		}
		n=$((n + step))
	done
done 2>/dev/null
ok "parser: there are calls to kill at" [ $kills -gt 20 ]
is "parser: killed at $kills calls, started again: all there, printed once" $wrong 0

# Calls that fail, once each: it says so, or has tried again; nothing is lost.
prepare
strace -qq -o trace "$segunpack" -t delete k/a.tar k/b.zip >out 2>/dev/null
perl -ne '
	BEGIN { %errors = (openat => "EMFILE EIO", openat2 => "EMFILE EIO", write => "EIO", mkdirat => "EIO ENOSPC",
		mkdir => "ENOSPC EIO", renameat => "ENOSPC EIO", renameat2 => "ENOSPC EIO", rename => "ENOSPC EIO", unlinkat => "EIO",
		futimens => "EIO", utimensat => "EIO", fsync => "EIO ENOSPC", fdatasync => "EIO", syncfs => "EIO", socketpair => "EMFILE",
		clone => "EAGAIN", clone3 => "EAGAIN", close => "EIO", getdents64 => "EIO", pread64 => "EIO") }
	($c) = /^(\w+)\(/ or next;
	$n{$c}++;
	$on ||= /^openat2?\(.*"(k|a\.tar)/;
	if ($on && $errors{$c}) { print "$c $n{$c} $_\n" for split / /, $errors{$c} }' trace >calls
fails=0 wrong=0
while read -r call n error; do
	prepare
	timeout 20 strace -qq -o /dev/null -e "inject=$call:error=$error:when=$n" \
		"$segunpack" -t delete k/a.tar k/b.zip >out 2>err
	code=$?
	report=
	case $code in
	0) [ "$(cat out)" = "$wanted" ] || report="exit code 0, but it printed $(cat out); " ;;
	124) report="it hangs; " ;;
	13[0-9]) report="it died: $code; " ;;
	*)
		fails=$((fails + 1))
		[ -s err ] || report="exit code $code, and said nothing; "
		;;
	esac
	report=$report$(again delete)$(amiss delete)
	[ -z "$report" ] || {
		wrong=$((wrong + 1))
		show "$call $n $error: $code: $report: $(head -n 1 err)"
	}
done <calls 2>/dev/null
ok "there are calls that can fail" [ "$(wc -l <calls)" -gt 30 ]
is "$(wc -l <calls) calls failed, $fails times for good: said, and nothing is lost" $wrong 0

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

# Its parser is killed while it reads: the archive is tried again, or is bad; nothing hangs.
prepare
mkfifo blocked
"$segunpack" k/a.tar k/b.zip >out 2>err &
pid=$!
pgrep -P $pid | while read -r child; do kill -9 "$child"; done 2>/dev/null
wait $pid
code=$?
like "a killed parser: exit code" "$code" '[01]'
[ $code -ne 0 ] || is "a killed parser: all is printed" "$(cat out)" "$wanted"

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
