#!/bin/sh
# segcut: names that only grow, what is kept and what is removed, what is printed again, and the catalogue.
. "$(dirname "$0")/../segcut.sh"
source_file a.ts 4 -bf 0 -c:a aac
once() { # OPTION...: records a.ts
	sends 3 a.ts
	records "$@"
	lost
	stops
}
named() { # DAY TIME: an older clip
	mkdir -p "clips/$1"
	cp sample.mp4 "clips/$1/$(echo "$1" | tr -d -)T$2Z.mp4"
}
names() { find clips -name '*.mp4' | sort | sed 's,.*/,,' | xargs; }
once
cp "$(cat printed)" sample.mp4
size=$(stat -c %s sample.mp4)

# A name of the future: the next is a millisecond later, whatever the clock says.
fresh
named 2099-12-31 235959.999
once
is "a name of the future" "$(cat printed)" clips/2100-01-01/21000101T000000.000Z.mp4
once
is "and on" "$(cat printed)" clips/2100-01-01/21000101T000000.001Z.mp4

# By age, and by bytes; the days' folders go with their last clip.
fresh
named 2026-01-02 030405.000
named 2026-01-02 030406.000
touch clips/2026-01-02/other
named 2026-01-03 030405.000
once -k 86400
is "by age" "$(names)" "$(sed 's,.*/,,' printed)"
is "its folder is gone, one with more stays" "$(find clips -maxdepth 1 -name '2026-01-*')" clips/2026-01-02
is "the catalogue at the next start" "$(segcut --rebuild clips 2>/dev/null; cut -f 9 clips/catalogue.tsv)" \
	"$(sed 's,clips/,,' printed)"
fresh
for n in 1 2 3 4; do named 2026-01-02 03040$n.000; done
once -K $((size * 3 + 1000))
is "by bytes: the oldest go" "$(names)" \
	"20260102T030403.000Z.mp4 20260102T030404.000Z.mp4 $(sed 's,.*/,,' printed)"

fresh
once -d 1 -K 1
is "by bytes: the newest stays" "$(names | wc -w)" 1
fresh
mkdir -m 0 clips/lost+found clips/2026-01-03
mkfifo clips/catalogue.tsv
once
is "a folder that cannot be read, a FIFO for a catalogue" "$rc:$(wc -l <printed)" 0:1
chmod 700 clips/lost+found clips/2026-01-03

# Not what the cursor has not passed; and that is printed at the start.
fresh
for n in 1 2 3 4; do named 2026-01-02 03040$n.000; done
printf '0\t2026-01-02/20260102T030402.000Z.mp4\t0\n' >cursor
once -K 1000 -c cursor
is "cursor: what it has not passed is printed" "$(sed 's,.*/,,' printed | head -n 2 | xargs)" \
	"20260102T030403.000Z.mp4 20260102T030404.000Z.mp4"
is "cursor: and stays" "$(names)" \
	"20260102T030403.000Z.mp4 20260102T030404.000Z.mp4 $(sed 's,.*/,,' printed | tail -n 1)"
rm cursor
once -K 1000 -c cursor
is "no cursor: all is printed, all stays" "$(wc -l <printed):$(names | wc -w)" 4:4
printf 'nonsense' >cursor
once -K 1000 -c cursor
like "no cursor that can be read: so it is" "$(names | wc -w):$err" "5:*'cursor': *"

# More paths than a pipe holds, and a reader that comes late.
fresh
mkdir clips/2026-01-02
perl -e 'for (0 .. 2999) { open my $f, ">", sprintf "clips/2026-01-02/20260102T03%02d%02d.%03dZ.mp4",
	$_ / 60 % 60, $_ % 60, $_ / 3600 or die; print $f "x" }'
SOURCE_URL=rtmp://127.0.0.1:1/a/b
export SOURCE_URL
mkfifo pipe
segcut -c none -s live clips >pipe 2>err &
pid=$!
mine $pid
exec 9<pipe
starts() { [ -e live/segcut ]; }
ok "many: it is up" wait_for 120 starts
head -n 3000 <&9 >got
is "many: each is printed once" "$(sort -u got | wc -l)" 3000
exec 9<&-
reap $pid
is "many: the reader is gone" "$?" 75
unset SOURCE_URL

# The catalogue is made anew from what is there.
fresh
named 2026-01-02 030405.000
echo nonsense >clips/2026-01-02/20260102T030406.000Z.mp4
printf 'nonsense\n\ta\t\n' >clips/catalogue.tsv
run segcut --rebuild clips
is "rebuild" "$rc:$out:$(cut -f 1,5,6,8,9 clips/catalogue.tsv | tr '\t' ' ')" \
	"0::2026-01-02T03:04:05.000Z h264+aac 160x120 - 2026-01-02/20260102T030405.000Z.mp4
2026-01-02T03:04:06.000Z - - - 2026-01-02/20260102T030406.000Z.mp4"
run segcut --rebuild nowhere
is "rebuild of nothing" "$rc" 66

# Where the clip cannot be made, it goes on and says so once.
if [ "$(id -u)" -ne 0 ] || mount -t tmpfs -o size=400k none clips 2>/dev/null; then
	[ "$(id -u)" -eq 0 ] || chmod a-w clips
	sends 3 a.ts a.ts
	records -d 1 -s live
	ended() { [ "$(grep -c 'tried again' err)" -ge 2 ]; }
	ok "full: the fact says so" wait_for 60 grep -q 'error: the folder cannot be written' live/segcut
	wait_for 60 ended
	ok "full: it goes on" kill -0 $pid
	stops
	like "full: and says so" "$err" "*'clips': cannot be written, what comes is lost: *"
	is "full: what is there is whole" "$(find clips -name '*.part')$(find clips -name '*.mp4' \
		-exec segcheck {} + 2>&1 >/dev/null)" ""
	[ "$(id -u)" -ne 0 ] || umount clips
else
	skip "a full disk" "cannot mount a tmpfs here"
fi
finish
