#!/bin/sh
# segcheck as a filter: what it prints, says and returns, in which order, as JSON, and in its fact.
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
for name in '-v' 'a b.mp4' "$(printf 'n\nl.mp4')" "$(printf 't\tt\033[1m.mp4')" "$(printf '\377\376.mp4')" \
	'[x].mp4'; do
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
for word in '"code" : "good"' '"container" : "mp4"' '"codec" : "h264"' '"width" : 64' '"warnings" :' \
	'"duration" :' '"keyframe_distance" :' '"bit_rate" :' '"file" : "a.mp4"'; do
	ok "-j: $word" grep -qF "$word" good.json
done
ok "-j: bad" grep -q '"code" : "truncated"' bad.json
ok "-j: in words" grep -q '"reason" : "its end is missing"' bad.json
(cd h && segcheck -0j <../names) 2>err >all.json
is "-j: hostile names are whole JSON" \
	"$(while read -r line; do printf '%s\n' "$line" | json_pp >/dev/null ||
		echo no; done <all.json; wc -l <all.json)" 7

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
	is "-J $jobs: bad ones are said in order" \
		"$(sed "s/.*'many.\(...\).*/\1/" err | sort -c 2>&1 && wc -l <err)" 25
done

# The fact.
mkdir s
run segcheck -s s a.mp4 cut.mp4 b.mp4
is "fact: keys" "$(sed 's/:.*//' s/segcheck | tr '\n' ' ')" \
	"$(echo time boot mono pid started checked good bad retried quarantined refused last_bad last_reason \
		refused_why error sandbox) "
is "fact: values" \
	"$(values s/segcheck checked good bad last_bad last_reason)" \
	"3 2 1 cut.mp4 truncated"
is "fact: a good one ends what was refused in a row" \
	"$(value s/segcheck refused):$(value s/segcheck refused_why)" 0:
segcheck -s s b.mp4 cut.mp4 cut.mp4 >out 2>err
is "fact: refused in a row, and why" "$(value s/segcheck refused):$(value s/segcheck refused_why)" \
	"2:box 'mdat' at 40 says 2613 bytes, 1960 are there"
like "fact: sandbox" "$(value s/segcheck sandbox)" "[fs]*[lp]"
run segcheck --status nowhere a.mp4
is "status folder missing" "$rc:$out" "66:"
finish
