#!/bin/sh
# stationctl playlist: what plays and what is to come, with the times, and skipping what plays.
. "$(dirname "$0")/../idle.sh"
mkdir -p etc/streamhub/stations lib
conf=etc/streamhub/stations/l.conf
list=lib/list.m3u
cleanup_hook="stationctl --backend process stop l 2>/dev/null; $cleanup_hook"
for name in a b c d; do clip lib/$name.mp4 4 -g 25 -bf 0; done
nginx_starts
printf '%s\n' "RTMP_URL=rtmp://127.0.0.1:$port/live/key" "PLAYLIST=$T/$list" TZ=Asia/Kolkata >$conf
chmod 600 $conf
printf 'a.mp4\nb.mp4\nc.mp4\nd.mp4\n' >$list
run stationctl --backend process start l
is "start" "$rc" 0
[ "$rc" -eq 0 ] || show "$err"
now() { value run/streamhub.d/l/rtmppush now 2>/dev/null; }
airs() { [ "$(now)" = "$T/lib/$1.mp4" ] && [ "$(value run/streamhub.d/l/rtmppush state)" = playing ]; }
ok "it plays" wait_for 30 airs b
run stationctl playlist l
like "the one that plays, and the times of the next" "$(printf '%s\n' "$out" | sed "s|$T/lib/||")" \
	"1	??:??:??	-	a.mp4
2	playing	-	b.mp4
3	??:??:??	-	c.mp4
4	??:??:??	-	d.mp4"
order=$(printf '%s\n' "$out" | awk -F '\t' '{ split($2, t, ":"); s[$1] = t[1] * 3600 + t[2] * 60 + t[3] }
	END { print (s[4] - s[3] + 86400) % 86400, (s[1] - s[4] + 86400) % 86400 }')
like "each after the one before it" "$order" "[345] [345]"
due=$(printf '%s\n' "$out" | awk -F '\t' 'NR == 3 { print $2 }')
off=$(($(date -u -d "$(TZ=Asia/Kolkata date +%F) $due" +%s) - $(TZ=Asia/Kolkata date +%s) - 19800))
ok "in the station's time zone ($off s)" [ $((off > -5 && off < 10)) -eq 1 ]
sessions=$(find rec -type f | wc -l)
if can_mount; then
	mkdir view
	"$plain/streamhubfs" -f view 2>view.err &
	view=$!
	mine $view
	ok "the view" wait_for 20 test -e view/version
	chmod 755 "$T"
	like "the view: the list" "$(cut -f 2 view/stations/l/playlist | sort | uniq -c | paste -s -d ,)" \
		"* 2 -, * 1 next, * 1 playing"
	chmod 640 $list
	run cat view/stations/l/playlist
	like "the view: a list that not everybody may read" "$rc:$err" "1:*Input/output error*"
	chmod 644 $list
	mv $list away
	echo secret >secret
	ln -s ../secret $list
	run cat view/stations/l/playlist
	like "the view: a link in its place" "$rc:$err" "1:*Input/output error*"
	rm $list
	run cat view/stations/l/playlist
	like "the view: a list that is gone" "$rc:$err" "1:*Input/output error*"
	mv away $list
	kill $view
	reap $view
	is "the view ends: $(cat view.err)" $? 0
else
	skip "the view" "$no_view"
fi
ok "the next one" wait_for 30 airs c
run stationctl playlist l next
is "next" "$rc:$out$err" "0:$T/lib/c.mp4"
skipped=$(date +%s%N)
ok "the one after it plays" wait_for 10 airs d
ok "at once, not at the end of it" [ $((($(date +%s%N) - skipped) / 1000000)) -lt 3000 ]
like "which is said" "$(cat var/lib/streamhub/l/log)" "*'$T/lib/c.mp4': the rest of it is skipped*"
is "in the same session" "$(find rec -type f | wc -l)" "$sessions"
# Killed right after it: what was skipped does not come again.
run stationctl playlist l next
# shellcheck disable=SC2046 # words
kill -9 $(pgrep -f "^rtmppush .*$T/")
back() { airs a || airs b; }
ok "skipped, and killed: it goes on" wait_for 60 back
run stationctl --backend process stop l
is "stop" "$rc" 0
# A camera's clip is not skipped: it would not come again.
plays -o mtime "rtmp://127.0.0.1:$port/live/cam"
on_air() { [ "$(fact state)" = playing ]; }
said() { grep -q "there is nothing to be skipped" err; }
echo "$T/lib/a.mp4" >&9
ok "a camera's clip plays" wait_for 20 on_air
kill -USR1 $pid
ok "and is not skipped" wait_for 20 said
exec 9>&-
reap $pid
is "it plays to its end" "$?:$(cat printed)" "0:$T/lib/a.mp4"
nginx_ends
decode "$(find rec -type f | sort | head -n 1)"
is "what was sent can be decoded" "$rc:$err" 0:
finish
