#!/bin/sh
# Clips as real cameras write them: each passes segcheck, alone and in a list, and each is
# played to its end by rtmppush.
# Takes long.
. "$(dirname "$0")/../rtmp.sh"
need_nginx
run "$top/test/fixtures/real.sh" clips
is "the recipe runs" "$rc:$out:$err" 0::
cd clips || exit 99
ls >../names
own=$(grep -c '^own-' ../names)
ok "at least 60 clips, at least 30 with bytes of our own" [ "$(wc -l <../names)" -ge 60 -a "$own" -ge 30 ]
note "$(wc -l <../names) clips, $own with bytes that the recipe writes itself"
for jobs in 1 8; do
	run segcheck -p rtmp -J $jobs -- *
	is "segcheck -J $jobs passes each" "$rc:$out:$err" "0:$(cat ../names):"
done
refused=$(
	unset TZ
	for clip in *; do "$plain/segcheck" "$clip" >/dev/null 2>&1 || echo "$clip"; done
)
is "and each alone" "$refused" ""

# A session announces its sound once, so each kind of sound is a broadcast of its own.
"$plain/segcheck" -j -- * | awk -F '"kind":"audio","codec":"' '{
	split($1, clip, "\"")
	split($2, sound, "\"")
	print clip[4] >("../sound." (NF > 1 ? sound[1] : "none"))
}'
cd ..
nginx_starts
for kind in sound.*; do
	(cd clips && RTMP_URL=$RTMP_URL.$kind rtmppush --lead 10000 --retries 3 --max-clip 10) <"$kind" \
		>"played.$kind" 2>"err.$kind" &
	mine $!
	echo "$! $kind" >>broadcasts
done
while read -r pid kind; do
	reap "$pid"
	is "$kind: rtmppush plays each" "$?:$(diff "$kind" "played.$kind")" 0:
	is "$kind: in one session, and finds nothing to leave out" \
		"$(grep -v 'on the air' "err.$kind" | grep -vc "': connected")" 0
done <broadcasts
nginx_ends

# Each picture from the first keyframe on, and nothing else, is in what the server recorded.
pictures() { # FILE...
	for clip; do
		ffprobe -v quiet -select_streams v:0 -show_entries packet=flags -of csv=p=0 "$clip" |
			awk '/K/ { on = 1 } on && /^[K_]/ { n++ } END { print n + 0 }'
	done | awk '{ n += $1 } END { print n }'
}
is "with all their pictures" "$(pictures rec/*)" "$(pictures clips/*)"
finish
