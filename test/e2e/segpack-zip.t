#!/bin/sh
# segpack -z zip: an hour is a TAR while it is filled and a ZIP when it is over, also when clips come late.
. "$(dirname "$0")/../archives.sh"
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
is "-z zip: all of them at the end" "$(ls kept/$day | tr '\n' ' ')" \
	"10.index 10.zip 11.index 11.zip 12.index 12.zip "
is "-z zip: what came late is merged, each once" "$(bsdtar tf kept/$day/10.zip | tr '\n' ' ')" \
	"in/1.mp4 in/5.mp4 "
for n in 10 11 12; do
	run bsdtar xOf kept/$day/$n.zip
	is "-z zip: bsdtar reads $n.zip" "$rc:$err" "0:"
	run unzip -qt kept/$day/$n.zip
	is "-z zip: so does unzip" "$rc:$err" "0:"
done
is "-z zip: the index" "$(cut -f 1-3 kept/$day/10.index | tr '\n' ' ')" \
	"in/1.mp4	${day}T10:00:00.500Z	0.828 in/5.mp4	${day}T10:30:00.000Z	0.828 "
while IFS='	' read -r name _ _ size offset; do
	tail -c +$((offset + 1)) kept/$day/10.zip | head -c "$size" >got
	ok "-z zip, the index: $name is there" cmp got "$good"
done <kept/$day/10.index
is "-z zip: said" "$(grep -c "archive 'kept/$day/1[012].zip': the hour is over" err)" 4
run segpack --format tar kept </dev/null
is "-z tar" "$rc:$err:$(ls kept/$day/*.tar 2>/dev/null)" "0::"
finish
