#!/bin/sh
# --dir: the drop folder itself becomes a link to another camera's, while camwatch and segcheck work there, or
# before they start.
. "$(dirname "$0")/../rtmp.sh"
good=$top/test/fixtures/good-mp4.mp4
mkdir -p home9/upload victim9/upload s
cp "$good" home9/upload/own.mp4
mkfifo names
camwatch -a 0 -n never -i 1 -s s home9/upload >seen 2>camwatch.err &
watcher=$!
mine $watcher
segcheck --dir home9/upload -q home9/upload/_failed -d 0 -r 1 <names >passed 2>segcheck.err &
checker=$!
mine $checker
exec 5>names
seen() { grep -q "$1" seen; }
ok "the drop folder: its own clip" wait_for 20 seen own.mp4
echo home9/upload/own.mp4 >&5
ok "the drop folder: its own clip passes" wait_for 20 grep -q own passed
cp "$good" victim9/upload/good.mp4
echo "no clip" >victim9/upload/bad.mp4
touch -d 2026-01-02 victim9/upload/*.mp4
mv home9/upload home9/u.old
ln -s ../victim9/upload home9/upload
[ "$(id -u)" -ne 0 ] || chown -h nobody home9/upload
ok "a link in its place: camwatch takes it for gone" wait_for 20 grep -q \
	"'home9/upload': a link in its place is not followed" camwatch.err
is "a link in its place: the fact" "$(wait_for 40 grep -q "^error: ." s/camwatch; value s/camwatch error)" \
	"'home9/upload' is gone"
printf 'home9/upload/%s.mp4\n' bad good own >&5
twice() { [ "$(grep -c own passed)" = 2 ]; }
ok "a link in its place: segcheck goes on" wait_for 20 twice
is "a link in its place: said once" \
	"$(grep -c "folder 'home9/upload': a link in its place is not followed" segcheck.err)" 1
is "a link in its place: nothing of the other camera's" \
	"$(ls victim9/upload | tr '\n' ' ')$(cat seen passed | grep -c 'good\|bad')" "bad.mp4 good.mp4 0"
rm home9/upload
ln -s ../victim9/upload home9/upload # root's own, if this is root
printf 'home9/upload/%s.mp4\n' bad own >&5
thrice() { [ "$(grep -c own passed)" = 3 ]; }
ok "a link of our own in its place: neither" wait_for 20 thrice
echo 2 >home9/u.old/own2.mp4
rm home9/upload
mv home9/u.old home9/upload
ok "it is back" wait_for 20 seen own2.mp4
is "it is back: nothing of the other camera's" \
	"$(ls victim9/upload | tr '\n' ' ')$(cat seen passed | grep -c 'good\|bad')" "bad.mp4 good.mp4 0"
kill $watcher
exec 5>&-
reap $watcher
reap $checker
rm names

# From the start: a link of the camera's is refused, one of our own or root's is followed.
mv home9/upload home9/u.old
ln -s ../victim9/upload home9/upload
run camwatch -1 -a 0 -n never home9/upload
is "from the start: a link of our own" "$rc:$(echo $out)" "0:home9/upload/bad.mp4 home9/upload/good.mp4"
if chown -h nobody home9/upload 2>/dev/null; then
	for command in "camwatch -1 home9/upload" "segcheck --dir home9/upload" \
		"segcheck --list home9/upload/_failed" \
		"segcheck -q home9/upload/_failed"; do
		# shellcheck disable=SC2086 # words
		run $command </dev/null
		is "'$command': a link of another user" "$rc:$(ls victim9/upload | tr '\n' ' ')" \
			"66:bad.mp4 good.mp4 "
		like "'$command': said" "$err" "*'home9/upload*: Too many levels of symbolic links*"
	done
else
	skip "from the start: a link of another user" "needs root"
fi
finish
