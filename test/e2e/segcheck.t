#!/bin/sh
# segcheck as a filter and as a program: what it prints, says and returns.
. "$(dirname "$0")/../lib.sh"
fixtures=$top/test/fixtures
good=$fixtures/good-mp4.mp4

cp "$good" a.mp4
cp "$good" b.mp4
head -c 2000 "$good" >cut.mp4
: >empty.mp4

run segcheck a.mp4 b.mp4
is "good ones" "$rc:$(echo $out):$err" "0:a.mp4 b.mp4:"
run segcheck a.mp4 cut.mp4 b.mp4
is "a bad one: not printed, exit 1" "$rc:$(echo $out)" "1:a.mp4 b.mp4"
like "a bad one: named with its code" "$err" "*[[]WARN] [[]segcheck] 'cut.mp4' is bad, truncated: *"
printf 'b.mp4\nempty.mp4\n\na.mp4' >list
run segcheck <list
is "a filter" "$rc:$(echo $out)" "1:b.mp4 a.mp4"
like "a filter: says what is bad" "$err" "*'empty.mp4' is bad, empty*"
run segcheck </dev/null
is "no input" "$rc:$out:$err" "0::"
is "nothing was touched" "$(echo *)" "a.mp4 b.mp4 cut.mp4 empty.mp4 list"

# Hostile names.
mkdir h
for name in '-v' 'a b.mp4' "$(printf 'n\nl.mp4')" "$(printf 't\tt\033[1m.mp4')" "$(printf '\377\376.mp4')" '[x].mp4'; do
	cp a.mp4 "h/$name"
done
cp a.mp4 "h/$(printf '%0251d' 0).mp4"
(cd h && find . -type f -print0 | sort -z) >names
run segcheck -0 <names
is "-0: names are looked for as they are" "$rc" 66
(cd h && segcheck -0 <../names) >printed 2>err
is "-0: all come out" "$? $(cmp names printed 2>&1)" "0 "
run sh -c 'cd h && segcheck -- -v'
is "a name like an option" "$rc:$out" "0:-v"
printf '%05000d\n' 0 >long
run segcheck <long
is "a path that is too long" "$rc:$out" "66:"
like "a path that is too long: said" "$err" "*standard input: *is no path*"
printf 'a\000b\n' >nul
run segcheck <nul
is "a path with a NUL" "$rc:$out" "66:"

# What is no file.
mkdir folder
mkfifo fifo
ln -s a.mp4 link
run segcheck missing.mp4 folder fifo link /dev/zero a.mp4
is "what is no file: the rest goes on" "$rc:$out" "66:a.mp4"
for name in missing.mp4 folder fifo link /dev/zero; do
	like "what is no file: $name" "$err" "*'$name': cannot be looked into: *"
done

# JSON.
run segcheck -j a.mp4 cut.mp4
is "-j: exit code" "$rc" 1
is "-j: a line each" "$(echo "$out" | wc -l)" 2
head -n 1 .out | json_pp -json_opt pretty,canonical >good.json
tail -n 1 .out | json_pp -json_opt pretty,canonical >bad.json
ok "-j: good" grep -q '"verdict" : "good"' good.json
for word in '"code" : "good"' '"container" : "mp4"' '"codec" : "h264"' '"width" : 64' '"warnings" :' '"duration" :' '"keyframe_distance" :' '"bit_rate" :' '"file" : "a.mp4"'; do
	ok "-j: $word" grep -qF "$word" good.json
done
ok "-j: bad" grep -q '"code" : "truncated"' bad.json
ok "-j: in words" grep -q '"reason" : "its end is missing"' bad.json
(cd h && segcheck -0j <../names) 2>err >all.json
is "-j: hostile names are whole JSON" "$(while read -r line; do printf '%s\n' "$line" | json_pp >/dev/null || echo no; done <all.json; wc -l <all.json)" 7

# Several at once, in order; more than are in hand.
mkdir many
for n in $(seq 100 350); do
	case $n in
	*7) ln cut.mp4 many/$n.mp4 ;;
	*) ln a.mp4 many/$n.mp4 ;;
	esac
done
ls many/*[!7].mp4 >expected
for jobs in 1 4; do
	ls many/* | segcheck -J $jobs >printed 2>err
	is "-J $jobs: exit code and order" "$? $(cmp expected printed 2>&1)" "1 "
	is "-J $jobs: bad ones are said in order" "$(sed "s/.*'many.\(...\).*/\1/" err | sort -c 2>&1 && wc -l <err)" 25
done

# The fact.
mkdir s
run segcheck -s s a.mp4 cut.mp4 b.mp4
is "fact: keys" "$(sed 's/:.*//' s/segcheck | tr '\n' ' ')" \
	"time boot mono pid started checked good bad retried quarantined last_bad last_reason sandbox "
is "fact: values" "$(value s/segcheck checked) $(value s/segcheck good) $(value s/segcheck bad) $(value s/segcheck last_bad) $(value s/segcheck last_reason)" \
	"3 2 1 cut.mp4 truncated"
like "fact: sandbox" "$(value s/segcheck sandbox)" "[fs]*[lp]"
run segcheck --status nowhere a.mp4
is "status folder missing" "$rc:$out" "66:"

# Wrong use, before anything is read.
while read -r args; do
	# shellcheck disable=SC2086 # words
	run segcheck $args a.mp4 </dev/null
	is "wrong use: $args" "$rc:$out" "64:"
	like "wrong use: $args: said" "$err" "*[[]ERROR] [[]segcheck] *usage: segcheck *"
done <<'X'
-p netflix
-J 0
-J 17
-d -1
-d 1x
-r 0
-R 5
--keep 0
--nonsense
-R 99999999999
X
for args in --list --release; do
	run segcheck $args
	is "$args without operands" "$rc:$out" "64:"
done
run script -qec "$BIN/segcheck" /dev/null </dev/null
is "a terminal and no operands" "$rc" 64

# Long options, and those that say what they do.
run segcheck --null --jobs 2 --profile any --delay 1 --tries 2 --retry-after 0 a.mp4
is "long options" "$rc:$(cat -A .out)" "0:a.mp4^@"
for profile in any rtmp youtube twitch; do
	run segcheck -p $profile a.mp4
	is "-p $profile" "$rc:$out" "0:a.mp4"
done

run segcheck -h
is "-h" "$rc:$(echo "$out" | head -n 1 | cut -c 1-15)" "0:usage: segcheck"
run segcheck -V
like "-V" "$rc:$out" "0:segcheck [0-9]*"
run segcheck -v a.mp4
is "-v" "$rc:$out" "0:a.mp4"

# The reader goes, a signal comes.
yes "$T/a.mp4" | segcheck 2>err | head -n 1 >/dev/null
like "the reader goes" "$(cat err)" "*the reader of standard output is gone*"
run sh -c 'segcheck a.mp4 >&-'
is "closed output" "$rc" 74
run sh -c 'segcheck a.mp4 >/dev/full'
is "full output" "$rc" 74
mkfifo in
segcheck <in >printed 2>err &
pid=$!
exec 9>in
echo a.mp4 >&9
printed() { [ -s printed ]; }
ok "nothing is held back" wait_for 20 printed
kill -TERM $pid
wait $pid
is "SIGTERM: exit code" $? 0
exec 9>&-
is "SIGTERM: said nothing" "$(cat err)" ""
finish
