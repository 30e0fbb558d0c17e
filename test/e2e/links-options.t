#!/bin/sh
# --dir: what is no path below it is said, and the other clips are done; a folder that another option names
# is opened below it, too.
. "$(dirname "$0")/../rtmp.sh"
good=$top/test/fixtures/good-mp4.mp4
port=$(free_port)
export RTMP_URL="rtmp://127.0.0.1:$port/live/x"
rtmpsink "$RTMP_URL" >/dev/null 2>&1 &
mine $!
wait_for 20 listens "$port"

# What is no path below it is said, and the others are done.
for tool in segcheck segunpack "segpack kept" "rtmppush --lead 10000 --retries 3"; do
	mkdir -p in/sub kept
	cp "$good" in/1.mp4
	cp "$good" out.mp4
	printf '%s\n' out.mp4 in/../out.mp4 in/1.mp4 >list
	# shellcheck disable=SC2086 # words
	set -- $tool
	tool=$1
	shift
	run "$tool" --dir in "$@" <list
	is "$tool: not below --dir: the others are done" "$rc:$out" "66:in/1.mp4"
	like "$tool: not below --dir: said" "$err" \
		"*'out.mp4': not below 'in'*'in/../out.mp4': not below 'in'*"
	run "$tool" --dir nowhere "$@" <list
	is "$tool: --dir is no folder" "$rc:$out" "66:"
	like "$tool: --dir is no folder: said" "$err" "*'nowhere': No such file or directory*"
	rm -rf in kept/*
done

# Folders that options name are opened below it, too: -q, -t move:, and what --release goes to.
mkdir -p in far
ln -s ../far in/_away
cp "$good" in/1.mp4
echo "no clip" >in/2.mp4
for command in "segcheck --dir in -q in/_away in/1.mp4" "segcheck --dir in --list in/_away" \
	"segcheck --dir in --release in/_away/2.mp4" "segunpack --dir in -q in/_away in/1.mp4" \
	"rtmppush --dir in -t move:in/_away" "segpack --dir in in/_away"; do
	# shellcheck disable=SC2086 # words
	run $command </dev/null
	is "'$command': a link" "$rc:$(ls -A far)" "66:"
done
ln -s ../far in/way
echo "no clip" >far/3.mp4
run segcheck --dir in -q in/_failed -d 0 in/2.mp4 in/way/3.mp4
is "a link on the way" "$rc:$(ls far)" "66:3.mp4"
mv in/_failed in/way/ 2>/dev/null
run segcheck --dir in --release in/way/_failed/2.mp4
is "--release by a link on the way" "$rc" 66
mv far/_failed in
mkdir in/sub
mv in/_failed in/sub
run segcheck --dir in --release in/sub/_failed/2.mp4
like "--release does not leave the folder that the quarantine is in" "$rc:$err" \
	"66:*cannot go back to*: Operation not permitted*"
finish
