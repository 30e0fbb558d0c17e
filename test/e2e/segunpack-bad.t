#!/bin/sh
# segunpack and archives that are bad or still grow: what is said of them, how often they are tried, the
# quarantine, a full disk, and the fact that counts them.
. "$(dirname "$0")/../archives.sh"
clips src one.mp4 d/two.mp4 readme.txt three.ts

# Bad ones, which are not to be fresh when their turn comes: then they are not tried again.
mkdir old
archive old/whole.zip src
for name in q1 q2 q3 q4 many; do head -c 200 old/whole.zip >old/$name.zip; done
mkdir old/m
head -c 300 old/whole.zip >old/m/1.zip
archive old/m/2.zip src
cp "$good" old/m/3.mp4
tail -c 100 old/whole.zip >old/m/4.zip # no archive by its content
archive old/m/5.tar.gz src
head -c 300 old/m/5.tar.gz >old/m/6.tar.gz
clips long "$(printf '%0197d' 0).mp4" good.mp4
mkdir l
archive l/x.tar long

# Bad ones.
ok "the bad ones are old" wait_for 20 old old
run segunpack old/m/*
is "mixed: exit code" "$rc" 1
is "mixed: in order" "$(lines)" \
	"$(printf 'old/m/%s ' .unpacked/2.zip/one.mp4 .unpacked/2.zip/two.mp4 .unpacked/2.zip/three.ts \
		3.mp4 4.zip .unpacked/5.tar.gz/one.mp4 .unpacked/5.tar.gz/two.mp4 \
		.unpacked/5.tar.gz/three.ts)"
like "mixed: told of" "$err" \
	"*[[]WARN] [[]segunpack] 'old/m/1.zip' is bad, broken: *'old/m/6.tar.gz' is bad, broken: *"
is "without -q: they stay" "$(ls -A old/m old/m/.unpacked | tr '\n' ' ')" \
	"old/m: .unpacked 1.zip 2.zip 3.mp4 4.zip 5.tar.gz 6.tar.gz  old/m/.unpacked: 2.zip 5.tar.gz "
run segunpack -t delete l/x.tar
is "a name of 201 bytes" "$rc:$out:$(ls l)" "1::x.tar"
like "a name of 201 bytes: said" "$err" "*'l/x.tar' is bad, name: *"
is "bad: leaves nothing" "$(find l -name '*.mp4' -o -name '*.partial')" ""
size=$(stat -c %s old/q1.zip)
sum=$(sha256sum <old/q1.zip)
run segunpack -q old/_failed old/q1.zip old/whole.zip
is "-q: exit code and output" "$rc:$(echo "$out" | wc -l)" "1:3"
like "-q: said" "$err" "*'old/q1.zip' is bad, broken: *: now 'old/_failed/q1.zip'"
is "-q: there, whole, with its reason" "$(ls old/_failed | tr '\n' ' ')$(sha256sum <old/_failed/q1.zip)" \
	"q1.zip q1.zip.reason $sum"
is "reason: keys" "$(sed 's/:.*//' old/_failed/q1.zip.reason | tr '\n' ' ')" \
	"time boot mono pid code reason tries size from "
is "reason: values" \
	"$(values old/_failed/q1.zip.reason code size from)" \
	"broken $size $T/old/q1.zip"
is "-q: segcheck lists it" "$(segcheck --list old/_failed | cut -f 1,2)" "$(printf 'q1.zip\tbroken')"
run segunpack --quarantine old/_failed --keep 2 -t delete old/q2.zip old/q3.zip old/q4.zip
is "--keep: the youngest stay" "$rc:$(ls old/_failed | tr '\n' ' ')" \
	"1:q3.zip q3.zip.reason q4.zip q4.zip.reason "
run segunpack -q nowhere/_failed old/many.zip
is "-q: its parent is missing" "$rc:$out" "66:"

# One that grows.
mkdir g
archive whole.zip src
head -c 400 whole.zip >g/1.zip
cp "$good" g/2.mp4
segunpack -q g/_failed -s . g/1.zip g/2.mp4 >printed 2>err &
pid=$!
looked() { [ "$(value segunpack queue 2>/dev/null)" = 1 ]; }
ok "growing: waited for" wait_for 20 looked
tail -c +401 whole.zip >>g/1.zip
wait $pid
is "growing: good in the end, in order" "$?:$(tr '\n' ' ' <printed):$(cat err)" \
	"0:g/.unpacked/1.zip/one.mp4 g/.unpacked/1.zip/two.mp4 g/.unpacked/1.zip/three.ts g/2.mp4 :"
is "growing: nothing was moved" "$(ls g g/_failed | tr '\n' ' ')" "g: 1.zip 2.mp4 _failed  g/_failed: "
head -c 400 whole.zip >g/3.zip
exec 8>>g/3.zip # nobody writes to it, but somebody might
start=$(date +%s)
run segunpack -q g/_failed g/3.zip
exec 8>&-
is "one that never gets good: tried three times" "$rc:$(value g/_failed/3.zip.reason tries)" "1:3"
ok "one that never gets good: no sooner" [ $(($(date +%s) - start)) -ge 9 ]

# The fact.
mkdir s
cp old/whole.zip s/1.zip
cp "$good" s/2.mp4
run segunpack -s s s/1.zip old/many.zip s/2.mp4
is "fact: keys" "$(sed 's/:.*//' s/segunpack | tr '\n' ' ')" \
	"$(echo time boot mono pid started archives clips bad passed unpacked_bytes last last_bad \
		last_reason queue sandbox busy) "
is "fact: values" \
	"$(for key in archives clips bad passed unpacked_bytes last last_bad last_reason queue;
		do value s/segunpack $key; done | tr '\n' ' ')" \
	"1 3 1 1 $(cat src/one.mp4 src/d/two.mp4 src/three.ts | wc -c) s/1.zip old/many.zip broken 0 "
like "fact: sandbox" "$(value s/segunpack sandbox)" "[fs]*[lp]"

# Another file system, and a full one.
if [ "$(id -u)" -eq 0 ] && mkdir m && mount -t tmpfs -o size=100m none m 2>/dev/null; then
	cleanup_hook='umount -l "$T/m"'
	run segunpack -q m old/many.zip
	is "-q: another file system is refused at the start" "$rc:$out" "78:"
	mkdir m/_failed
	run segunpack -q m/_failed old/many.zip
	is "-q: an archive on another file system stays" "$rc:$(ls old/many.zip)" "78:old/many.zip"
	cp old/whole.zip m/x.zip
	head -c 60000000 /dev/zero >m/fill
	segunpack m/x.zip >printed 2>err.full &
	pid=$!
	said() { [ -s err.full ]; }
	ok "a full disk: said" wait_for 20 said
	like "a full disk: what" "$(cat err.full)" "*[[]WARN] [[]segunpack] 'm/x.zip': *"
	is "a full disk: nothing is printed, nothing is left" \
		"$(cat printed; find m/.unpacked -type f 2>/dev/null)" ""
	rm m/fill
	ok "room again: goes on" wait_for 60 printed 3
	wait $pid
	is "room again: exit code, whole" "$?:$(cat m/.unpacked/x.zip/one.mp4 | cmp - src/one.mp4)" "0:"
else
	skip "another file system, a full disk" "cannot mount a tmpfs here"
fi
finish
