#!/bin/sh
# segcut when a source changes, jumps, breaks off or freezes, and when segcut is killed: no clip is half,
# none is doubled, and the catalogue says why each ended.
. "$(dirname "$0")/../segcut.sh"
source_file a.ts 4 -bf 0 -c:a aac
source_file b.ts 4 -bf 0 -c:a aac -s 96x64 -output_ts_offset 4
source_file c.ts 4 -bf 0 -c:a aac -output_ts_offset 3600
source_file d.ts 4 -bf 0 -c:a aac -output_ts_offset 95437 # the 33 bits of stamps end in it
source_file mute.ts 4 -bf 0 -an
source_file mulaw.mkv 4 -bf 0 -ar 8000 -ac 1 -c:a pcm_mulaw
all() { lost; stops; } # what is sent, to its end

# Another size: the clip ends there. What is sent is sent quickly: nothing here goes by the clock.
cat a.ts b.ts >sizes.ts
sends 3 sizes.ts
records
all
is "size: two clips" "$(wc -l <printed):$(reasons)" "2:parameters lost"
is "size: of their sizes" "$(cut -f 6 clips/catalogue.tsv | xargs)" "160x120 96x64"
is "size: all pictures" "$(pictures | wc -l)" 200
is "size: each is good" "$(xargs segcheck <printed | wc -l)" 2

# Stamps that jump by an hour, ahead and back.
fresh
cat a.ts c.ts a.ts >jumps.ts
sends 3 jumps.ts
records
all
is "jumps: three clips" "$(wc -l <printed):$(reasons)" "3:jump jump lost"
is "jumps: none is long" "$(awk '$3 > 4200' clips/catalogue.tsv)" ""
is "jumps: all pictures" "$(pictures | wc -l)" 300

# The same second over and over: each step back ends a clip, and none grows without end.
fresh
cat a.ts a.ts a.ts >again.ts
sends 3 again.ts
records
all
is "again: clips" "$(reasons)" "jump jump lost"
is "again: all pictures" "$(pictures | wc -l)" 300

# Sound of a codec that cannot be described before it was heard, and that begins late.
fresh
ffmpeg -v error -nostdin -i a.ts -itsoffset 3 -f lavfi -i sine=d=1 -map 0:v -map 1:a -c:v copy \
	-c:a ac3 late.ts
sends 4 late.ts
records -d 1
all
is "late sound: what is kept is good" "$(xargs segcheck <printed | wc -l)" "$(wc -l <printed)"
ok "late sound: there is something" [ -s printed ]
said=$(echo "$err" | grep -c 'is lost, as its sound did not come')
is "late sound: each clip of a second that is lost is said" "$(($(pictures | wc -l) + 25 * said))" 100

# Stamps that begin again at 0.
fresh
sends 3 d.ts
records
all
is "wrap: as long as it was" "$(awk '{ n += $3 } END { print (n > 3900 && n < 4200) }' clips/catalogue.tsv)" 1
is "wrap: all pictures" "$(pictures | wc -l)" 100

# No sound; and sound that MP4 carries.
fresh
sends 3 mute.ts mulaw.mkv
records -d 2
wait_for 60 in_catalogue 4
stops
is "mute, G.711: clips" "$(cut -f 5 clips/catalogue.tsv | uniq -c | xargs)" "2 h264 2 h264+pcm_mulaw"
is "mute, G.711: all pictures" "$(pictures | wc -l)" 200
tail -n 2 printed | while read -r one; do ffmpeg -v error -nostdin -i "$one" -f s16le -; done >samples
is "G.711: all its bytes" "$(wc -c <samples)" 64000

# The source is frozen; then it is another, as it was.
fresh
source_file long.ts 12 -bf 0 -c:a aac
sends 12 long.ts a.ts
records
under_way() { [ "$(find clips -name '*.part' -size +50k | wc -l)" -gt 0 ]; }
ok "frozen: a clip is under way" wait_for 30 under_way
kill -STOP $sender
frozen() { grep -q -e 'it sends nothing: tried' -e 'it sends no picture: tried' err; }
ok "frozen: it is given up after 10 s" wait_for 30 frozen
is "frozen: what came is kept" "$(reasons)" lost
kill -CONT $sender
wait_for 40 in_catalogue 2
stops
is "frozen: then goes on" "$(reasons)" "lost lost"

# Killed: nothing but a part, which the next start mends. What was had of the last second may be missing.
fresh
sends 4 a.ts a.ts
records -s live
wait_for 30 under_way
kill -9 $pid
reap $pid
is "killed: no half clip under a visible name" "$(find clips -name '*.mp4')" ""
records -s live
ok "killed: the part is kept" wait_for 20 grep -q 'was under way when segcut ended: kept' err
wait_for 30 in_catalogue 2
stops
is "killed: no part is left" "$(find clips -name '*.part')" ""
is "killed: both are good" "$(find clips -name '*.mp4' -exec segcheck {} + | wc -l)" 2
is "killed: both are in the catalogue" "$(cut -f 5,6,8 clips/catalogue.tsv | tr '\t' ' ')" "h264+aac 160x120 -
h264+aac 160x120 lost"

# A part without a whole fragment is removed, and one of another name left alone.
day=2026-01-02
mkdir clips/$day
head -c 500 "$(head -n 1 printed)" >clips/$day/.20260102T030405.000Z.mp4.part
cp "$(head -n 1 printed)" clips/$day/20260102T030405.001Z.mp4
echo mine >clips/$day/.other.part
ln -s /etc clips/2026-01-03
sends 4 a.ts
records
wait_for 30 in_catalogue 4
stops
is "parts: what is left" "$(ls -A clips/$day)" ".other.part
20260102T030405.001Z.mp4"
is "parts: an unknown clip is written down" "$(cut -f 9 clips/catalogue.tsv | head -n 1)" \
	$day/20260102T030405.001Z.mp4
finish
