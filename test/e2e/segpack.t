#!/bin/sh
# segpack as a filter: what is in which archive, what it prints, what it does with clips that come again,
# and with more of them than it holds.
. "$(dirname "$0")/../archives.sh"
mkdir kept

# Two hours, and one more clip later.
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
is "the hour is that of the clip, in UTC" "$(names kept/$day/10.tar):$(names kept/$day/11.tar)" \
	"in/1.mp4 in/3.mp4 :in/2.mp4 in/bad.mp4 "
is "tar reads it without a word" "$(tar tf kept/$day/10.tar 2>&1 >/dev/null)$?" 0
tar xf kept/$day/10.tar
ok "the bytes are the same" cmp in/1.mp4 "$good"
is "so is the time" "$(stat -c %.9Y in/1.mp4)" "$(date -d "$day 10:59:59Z" +%s).987654321"
like "mode and owner are not" "$(tar tvf kept/$day/10.tar --numeric-owner | head -n 1)" "-rw-r--r-- 0/0 *"
is "the index" "$(head -n 1 kept/$day/10.index)" \
	"in/1.mp4	${day}T10:59:59.987Z	0.828	$(stat -c %s "$good")	1536"
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
is "the fact: values" \
	"$(for key in packed bytes again removed queue archive last error busy;
		do echo "$(value s/segpack $key),"; done | tr -d '\n')" \
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
finish
