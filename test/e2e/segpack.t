#!/bin/sh
# segpack as a filter: what is in which archive, what it prints, says and returns.
. "$(dirname "$0")/../lib.sh"
good=$top/test/fixtures/good-mp4.mp4

# clip PATH TIME: a whole one.
clip() {
	mkdir -p "$(dirname "$1")"
	cp "$good" "$1"
	touch -d "$2" "$1"
}
names() { tar tf "$1" 2>&1 | tr '\n' ' '; } # ARCHIVE
column() { cut -f "$1" "$2" | tr '\n' ' '; } # N INDEX
day=2026-01-02

# Two hours, and one more clip later.
mkdir kept
clip in/1.mp4 "$day 10:59:59.987654321Z"
clip in/2.mp4 "$day 11:00:00Z"
clip in/3.mp4 "$day 10:00:00Z"
head -c 3000 "$good" >in/bad.mp4
touch -d "$day 11:30:00Z" in/bad.mp4
printf 'in/1.mp4\nin/2.mp4\n\nin/bad.mp4\nin/3.mp4' >list
run segpack kept <list
is "printed in order, quietly" "$rc:$(echo $out):$err" "0:in/1.mp4 in/2.mp4 in/bad.mp4 in/3.mp4:"
is "the clips are gone" "$(ls in)" ""
is "an archive an hour" "$(ls kept/$day | tr '\n' ' ')" "10.index 10.tar 11.index 11.tar "
is "the hour is that of the clip, in UTC" "$(names kept/$day/10.tar):$(names kept/$day/11.tar)" "in/1.mp4 in/3.mp4 :in/2.mp4 in/bad.mp4 "
is "tar reads it without a word" "$(tar tf kept/$day/10.tar 2>&1 >/dev/null)$?" 0
tar xf kept/$day/10.tar
ok "the bytes are the same" cmp in/1.mp4 "$good"
is "so is the time" "$(stat -c %.9Y in/1.mp4)" "$(date -d "$day 10:59:59Z" +%s).987654321"
like "mode and owner are not" "$(tar tvf kept/$day/10.tar --numeric-owner | head -n 1)" "-rw-r--r-- 0/0 *"
is "the index" "$(head -n 1 kept/$day/10.index)" "in/1.mp4	${day}T10:59:59.987Z	0.828	$(stat -c %s "$good")	1536"
is "what cannot be parsed has no duration" "$(column 3 kept/$day/11.index)" "0.828 - "
while IFS='	' read -r name _ _ size offset; do
	tail -c +$((offset + 1)) kept/$day/10.tar | head -c "$size" >got
	ok "the index: $name is there" cmp got "$good"
done <kept/$day/10.index
is "no blocking" "$(($(stat -c %s kept/$day/10.tar) % 512))" 0

# Again: the same, which a kill has left; another of the same name; twice in one batch.
rm -r in
clip in/1.mp4 "$day 10:59:59.987654321Z"
clip in/3.mp4 "$day 10:00:00.5Z"
clip in/4.mp4 "$day 10:00:00Z"
mkdir s
printf 'in/%s\n' 1.mp4 3.mp4 4.mp4 4.mp4 >list
run segpack -s s kept <list
is "again: printed" "$rc:$(echo $out):$err" "0:in/1.mp4 in/3.mp4 in/4.mp4 in/4.mp4:"
is "again: each once" "$(names kept/$day/10.tar)" "in/1.mp4 in/3.mp4 in/3.1.mp4 in/4.mp4 "
is "the fact: keys" "$(sed 's/:.*//' s/segpack | tr '\n' ' ')" \
	"time boot mono pid started packed bytes again removed queue archive last error busy "
is "the fact: values" "$(for key in packed bytes again removed queue archive last error busy; do echo "$(value s/segpack $key),"; done | tr -d '\n')" \
	"2,$((2 * $(stat -c %s "$good"))),2,0,0,$day/10.tar,in/4.mp4,,,"
run segpack kept </dev/null
is "nothing" "$rc:$out:$err" "0::"
is "nothing: no change" "$(names kept/$day/10.tar)" "in/1.mp4 in/3.mp4 in/3.1.mp4 in/4.mp4 "

# What is no file: the rest goes on.
clip in/a.mp4 "$day 12:00:00Z"
mkdir in/folder
mkfifo in/fifo
ln -s a.mp4 in/link.mp4
printf '%09000d\n' 0 >list
ls -d in/missing in/folder in/fifo in/link.mp4 /dev/zero in/a.mp4 2>/dev/null >>list
echo in/missing >>list
run segpack kept <list
is "what is no file" "$rc:$(echo $out)" "66:in/a.mp4"
for name in in/missing in/folder in/fifo in/link.mp4 /dev/zero; do
	like "what is no file: $name" "$err" "*'$name': cannot be looked into: *"
done
like "what is no path" "$err" "*standard input: *is no path*"
truncate -s 65G in/huge.mp4
ls in/huge.mp4 >list
run segpack kept <list
like "what is too large" "$rc:$out:$err" "66::*'in/huge.mp4': cannot be packed: File too large"
rm in/huge.mp4
ok "a link stays" [ -L in/link.mp4 ]

# Names.
rm -r kept in
mkdir kept
for name in '-v' 'a b.mp4' "$(printf 'n\nl.mp4')" "$(printf 't\tt\033[1m.mp4')" "$(printf '\377\376.mp4')" 'ä.mp4' "$(printf '%0250d' 0).mp4"; do
	clip "in/$name" "$day 10:00:00Z"
done
(cd in && find . -type f -print0 | sort -z) >list
(cd in && segpack -0 ../kept <../list >../printed 2>../err)
is "-0 and odd names: all are done" "$? $(cmp list printed 2>&1)$(cat err)" "0 "
mkdir out
tar xf kept/$day/10.tar -C out 2>/dev/null
is "odd names: they come out as they were" "$(cd out && find . -type f -print0 | sort -z | md5sum)" "$(md5sum <list)"
is "odd names: a line each in the index, escaped" "$(wc -l <kept/$day/10.index) $(LC_ALL=C grep -c '[^	 -~äÃ¤]' kept/$day/10.index)" "7 0"
like "odd names: how" "$(cut -f 1 kept/$day/10.index | sort | tr '\n' ' ')" '*n\\x0al.mp4 t\\x09t\\x1b[[]1m.mp4*'
clip x/y.mp4 "$day 11:00:00Z"
mkdir z
(cd z && echo ../x/y.mp4 | segpack ../kept >/dev/null)
echo "$T/x/../x/z.mp4" >list
clip x/z.mp4 "$day 11:00:00Z"
segpack kept <list >/dev/null
is "dots: the last component" "$(names kept/$day/11.tar)" "y.mp4 z.mp4 "
clip x/a.mp4 "$day 12:00:00Z"
echo "$T/x/a.mp4" | segpack kept >/dev/null
is "an absolute path: without the slash" "$(names kept/$day/12.tar)" "$(echo "$T/x/a.mp4 " | cut -c 2-)"
clip x/old.mp4 "1969-07-20 20:17:00Z"
echo x/old.mp4 | segpack kept >/dev/null
is "before 1970: the first hour" "$(names kept/1970-01-01/00.tar)" "x/old.mp4 "

# With a cursor: what it has passed, first, in order; below the drop folder by name.
rm -r kept
mkdir kept
clip drop/d/1.mp4 "$day 10:01:00Z"
clip drop/d/2.mp4 "$day 10:00:00Z"
clip drop/.unpacked/u/3.mp4 "$day 10:02:00Z"
clip drop/_failed/4.mp4 "$day 10:00:00Z"
clip drop/5.mp4 "$day 10:05:00Z"
clip drop/6.mp4 "$day 10:06:00Z"
ln -s "$T/drop/5.mp4" drop/0.mp4
printf '%s000000000\td/../5.mp4\t0\n' "$(date -d "$day 10:05:00Z" +%s)" | sed 's|d/../||' >cursor
printf '%s\n' "$T/drop/d/1.mp4" "$T/drop/5.mp4" >list
run segpack --cursor cursor --dir "$T/drop/" kept <list
is "a cursor: what it has passed, first" "$rc:$(echo $out):$err" "0:$T/drop/d/2.mp4 $T/drop/d/1.mp4 $T/drop/.unpacked/u/3.mp4 $T/drop/5.mp4:"
is "a cursor: names below the drop folder" "$(names kept/$day/10.tar)" "d/2.mp4 d/1.mp4 .unpacked/u/3.mp4 5.mp4 "
is "a cursor: the rest stays" "$(find drop -type f | sort | tr '\n' ' ')" "drop/6.mp4 drop/_failed/4.mp4 "
run segpack -c nowhere -d drop kept </dev/null
is "no cursor yet" "$rc:$out:$err" "0::"
echo noise >cursor
run segpack -c cursor -d drop kept </dev/null
like "a cursor that is none" "$rc:$out:$err" "0::*WARN* cursor 'cursor': *"

# A damaged archive is left, and another begun.
rm -r kept
mkdir -p kept/$day
echo "this is no archive" >kept/$day/10.tar
clip in/1.mp4 "$day 10:00:00Z"
echo in/1.mp4 >list
run segpack kept <list
like "a damaged archive: told" "$rc:$out:$err" "0:in/1.mp4:*WARN* archive 'kept/$day/10.tar': cannot be added to, another is begun*"
is "a damaged archive: stays" "$(cat kept/$day/10.tar)" "this is no archive"
is "a damaged archive: another" "$(names kept/$day/10.1.tar) $(column 1 kept/$day/10.1.index)" "in/1.mp4  in/1.mp4 "
rm kept/$day/10.1.*
ln -s "$T/elsewhere" kept/$day/10.1.tar
ln -s "$T/elsewhere" kept/$day/10.2.index
clip in/1.mp4 "$day 10:00:00Z"
run segpack kept <list
is "links in a place where files should be" "$rc:$(ls in):$([ -e elsewhere ] && echo made)" "0::"
is "links in a place where files should be: passed over" "$(names kept/$day/10.3.tar)" "in/1.mp4 "
rm -r kept
mkdir kept other
ln -s ../other kept/$day
clip in/1.mp4 "$day 10:00:00Z"
run segpack kept <list
like "a link in a day's place" "$rc:$out:$(ls in other | tr '\n' ' '):$err" "74::in: 1.mp4  other: :*store 'kept': *"

# ZIP.
rm -r kept
mkdir kept
clip in/1.mp4 "$day 10:00:00.5Z"
clip in/2.mp4 "$day 11:00:00Z"
ls in/* >list
run segpack kept <list
clip in/3.mp4 "$day 11:00:00Z"
mkfifo fifo
segpack -z zip kept <fifo >printed 2>err &
pid=$!
exec 3>fifo
zipped() { [ -e kept/$day/10.zip ] && [ ! -e kept/$day/10.tar ]; }
ok "-z zip: at the start, what is not the newest" wait_for 10 zipped
echo in/3.mp4 >&3
ok "-z zip: the clip" wait_for 10 grep -q 3.mp4 printed
is "-z zip: while it is filled it is a TAR" "$(names kept/$day/11.tar)" "in/2.mp4 in/3.mp4 "
clip in/4.mp4 "$day 12:00:00Z"
echo in/4.mp4 >&3
zipped_11() { [ -e kept/$day/11.zip ] && [ ! -e kept/$day/11.tar ]; }
ok "-z zip: when a clip of a later hour came" wait_for 10 zipped_11
clip in/5.mp4 "$day 10:30:00Z"
clip in/1.mp4 "$day 10:00:00.5Z"
printf '%s\n' in/5.mp4 in/1.mp4 >&3
exec 3>&-
wait $pid
is "-z zip: exit code" "$?" 0
is "-z zip: all of them at the end" "$(ls kept/$day | tr '\n' ' ')" "10.index 10.zip 11.index 11.zip 12.index 12.zip "
is "-z zip: what came late is merged, each once" "$(bsdtar tf kept/$day/10.zip | tr '\n' ' ')" "in/1.mp4 in/5.mp4 "
for n in 10 11 12; do
	run bsdtar xOf kept/$day/$n.zip
	is "-z zip: bsdtar reads $n.zip" "$rc:$err" "0:"
	run unzip -qt kept/$day/$n.zip
	is "-z zip: so does unzip" "$rc:$err" "0:"
done
is "-z zip: the index" "$(cut -f 1-3 kept/$day/10.index | tr '\n' ' ')" "in/1.mp4	${day}T10:00:00.500Z	0.828 in/5.mp4	${day}T10:30:00.000Z	0.828 "
while IFS='	' read -r name _ _ size offset; do
	tail -c +$((offset + 1)) kept/$day/10.zip | head -c "$size" >got
	ok "-z zip, the index: $name is there" cmp got "$good"
done <kept/$day/10.index
is "-z zip: said" "$(grep -c "archive 'kept/$day/1[012].zip': the hour is over" err)" 4
run segpack --format tar kept </dev/null
is "-z tar" "$rc:$err:$(ls kept/$day/*.tar 2>/dev/null)" "0::"

# Bounds.
fill() { # one clip in each of three hours of old days, and things that are not ours
	rm -rf kept in
	mkdir -p kept/2026-01-03 kept/2026-1-1 kept/lost
	for n in 1 2 3; do clip in/$n.mp4 "2026-01-0$n 10:00:00Z"; done
	ls in/* | segpack kept >/dev/null
	touch kept/2026-01-03/notes kept/2026-01-03/9.tar kept/2026-1-1/10.tar kept/lost/10.tar kept/10.tar
}
tars() { (cd kept && echo 2026-01-0*/*.tar); }
fill
size=$(stat -c %s kept/2026-01-01/10.tar)
run segpack -K $((2 * size)) kept </dev/null
like "-K: the oldest goes" "$rc:$(tars):$err" "0:2026-01-02/10.tar 2026-01-03/10.tar 2026-01-03/9.tar:*archive 'kept/2026-01-01/10.tar': too much is kept: removed"
ok "-K: and the folder of its day" [ ! -e kept/2026-01-01 ]
clip in/4.mp4 "2026-01-04 10:00:00Z"
echo in/4.mp4 | segpack -s s --keep 1 kept >/dev/null 2>&1
is "-K: never what is written" "$(tars)" "2026-01-03/9.tar 2026-01-04/10.tar"
is "-K: in the fact" "$(value s/segpack removed)" 2
is "-K: what is not ours stays" "$(cd kept && find . -type f | grep -v -e lock -e 04/ | sort | tr '\n' ' ')" \
	"./10.tar ./2026-01-03/9.tar ./2026-01-03/notes ./2026-1-1/10.tar ./lost/10.tar "
fill
age=$(($(date +%s) - $(date -d "2026-01-02 11:00:00Z" +%s)))
run segpack -k $((age + 30)) kept </dev/null
is "-k: too old" "$rc:$(tars):$(echo "$err" | grep -c "too old: removed")" "0:2026-01-02/10.tar 2026-01-03/10.tar 2026-01-03/9.tar:1"
run segpack --keep-age $((age - 30)) kept </dev/null
is "-k: too old, a minute later" "$rc:$(tars):$(echo "$err" | grep -c "too old: removed")" "0:2026-01-03/10.tar 2026-01-03/9.tar:1"
fill
rm kept/2026-01-01/10.tar
run segpack -k 3000000000 kept </dev/null
is "an index without an archive goes, quietly" "$rc:$err" "0:"
ok "an index without an archive goes, and its day" [ ! -e kept/2026-01-01 ]

# One at a time.
mkfifo hold
segpack -s s kept <hold 2>/dev/null &
pid=$!
exec 3>hold
works() { [ "$(value s/segpack pid)" = $pid ]; } # to try the lock would be to take it
ok "one at a time: the first works" wait_for 10 works
run segpack kept </dev/null
like "one at a time: the second is refused" "$rc:$err" "75:*store 'kept': another segpack works on it"
kill -TERM $pid
wait $pid
is "SIGTERM: exit code" $? 0
exec 3>&-

# Wrong use, before anything is read.
for args in "" "kept other" "-z rar kept" "-k -1 kept" "-k 1h kept" "-K 0 kept" "-c cursor kept" \
	"-d drop kept" "--nonsense kept"; do
	# shellcheck disable=SC2086 # words
	run segpack $args </dev/null
	like "wrong use: $args" "$rc:$out:$err" "64::*[[]ERROR] [[]segpack] *usage: segpack *"
done
run script -qec "$BIN/segpack kept" /dev/null </dev/null
is "a terminal" "$rc" 64
run segpack nowhere </dev/null
like "no such folder" "$rc:$err" "66:*store 'nowhere': No such file or directory"
run segpack list </dev/null
is "no folder" "$rc" 66
run segpack --status nowhere kept </dev/null
is "status folder missing" "$rc" 66
clip in/1.mp4 "$day 10:00:00Z"
printf 'in/1.mp4\0' >list
run segpack --null kept <list
is "--null" "$rc:$(cat -A .out)" "0:in/1.mp4^@"
run segpack -h
like "-h" "$rc:$out" "0:usage: segpack *"
run segpack -V
like "-V" "$rc:$out" "0:segpack [0-9]*"
clip in/1.mp4 "$day 10:00:00Z"
run segpack -v kept <<X
in/1.mp4
X
like "-v: how many are in the archive" "$rc:$out:$err" "0:in/1.mp4:*DEBUG* archive 'kept/$day/10.tar': 2 clips are in it"

# More than are in hand, in two hours by turns.
rm -r kept in
mkdir kept
n=0
while [ $((n += 1)) -le 200 ]; do clip in/$n.mp4 "$day $((10 + n / 50 % 2)):00:00Z"; done
ls in/* >list
run segpack kept <list
is "many: all of them, in order" "$rc:$(echo "$out" | cmp - list 2>&1)" "0:"
is "many: they are gone" "$(ls in)" ""
is "many: they are there" "$(for n in 10 11; do tar tf kept/$day/$n.tar; done | sort | cmp - list 2>&1)" ""

# A reader that takes its time: longer paths than pipe and buffer hold.
rm -r kept
mkdir kept
deep=in/$(printf '%0240d' 1)/$(printf '%0240d' 2)/$(printf '%0240d' 3)
mkdir -p "$deep"
n=0
while [ $((n += 1)) -le 300 ]; do echo $n >"$deep/$n.mp4"; done
find in -name '*.mp4' | sort >list
timeout 60 segpack kept <list | (timeout 1 tail -f /dev/null; cat) >printed
is "a slow reader: all of them, in order" "$(cmp printed list 2>&1)" ""

# The reader goes.
n=0
while [ $((n += 1)) -le 200 ]; do clip in/$n.mp4 "$day 10:00:00Z"; done
for out_to in '>&-' '>/dev/full'; do
	clip in/1.mp4 "$day 10:00:00Z"
	run sh -c "echo in/1.mp4 | segpack kept $out_to"
	is "output $out_to" "$rc" 74
done
ls in/* | segpack kept 2>err | head -n 1 >/dev/null
segpack kept <hold 2>err | true &
exec 3>hold
ok "the reader goes" wait_for 10 grep -q "the reader of standard output is gone" err
exec 3>&-
wait
# Its archive is taken away under it: it begins another, and loses nothing.
mkdir away kept2
mkfifo feed
good_clip() { cp "$good" "$1" && touch -d "2026-01-02 10:0$2:00Z" "$1"; }
good_clip a1.mp4 1
good_clip a2.mp4 2
segpack kept2 <feed >took 2>err &
pid=$!
exec 7>feed
echo a1.mp4 >&7
ok "the first is packed" wait_for 20 grep -q a1.mp4 took
mv kept2/2026-01-02/10.tar away
echo a2.mp4 >&7
exec 7>&-
wait $pid
is "taken away under it: exit code" $? 0
is "taken away under it: nothing is lost" "$(tar tf away/10.tar) $(tar tf kept2/2026-01-02/10.tar)" "a1.mp4 a2.mp4"

# A ZIP that is called a TAR is left alone.
good_clip z1.mp4 1
good_clip z2.mp4 2
mkdir -p kept3/2026-01-02
bsdtar --format zip --options compression=store -cf kept3/2026-01-02/10.tar z1.mp4
cp kept3/2026-01-02/10.tar was
echo z2.mp4 | segpack kept3 >/dev/null 2>err
ok "a ZIP called TAR stays as it is" cmp -s was kept3/2026-01-02/10.tar
is "and another archive is begun" "$(tar tf kept3/2026-01-02/10.1.tar)" z2.mp4

# What somebody still writes to stays.
mkdir kept4
good_clip open.mp4 1
perl -e 'open my $f, ">>", "open.mp4"; $| = 1; print "open\n"; <STDIN>' <feed >is_open &
writer=$!
exec 7>feed
wait_for 10 grep -q open is_open
echo open.mp4 | segpack kept4 >took 2>err
is "still open for writing: it stays" "$?:$(cat took):$(ls open.mp4)" "75::open.mp4"
exec 7>&-
wait $writer
finish
