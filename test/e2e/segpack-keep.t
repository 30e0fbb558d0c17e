#!/bin/sh
# segpack -K and -k: the oldest archives go, never the one that is written, and nothing that is not its own.
. "$(dirname "$0")/../archives.sh"
mkdir s
fill() { # one clip in each of three hours of old days, and things that are not ours
	rm -rf kept in
	mkdir -p kept/2026-01-03 kept/2026-1-1 kept/lost
	for n in 1 2 3; do clip in/$n.mp4 "2026-01-0$n 10:00:00Z"; done
	ls in/* | segpack kept >/dev/null
	touch kept/2026-01-03/notes kept/2026-01-03/9.tar kept/2026-1-1/10.tar kept/lost/10.tar kept/10.tar
}
tars() { (cd kept && echo 2026-01-0*/*.tar); }
fill
size=$(stat -c %s kept/2026-01-01/10.tar)
young="2026-01-02/10.tar 2026-01-03/10.tar 2026-01-03/9.tar"
run segpack -K $((2 * size)) kept </dev/null
like "-K: the oldest goes" "$rc:$(tars):$err" \
	"0:$young:*archive 'kept/2026-01-01/10.tar': too much is kept: removed"
ok "-K: and the folder of its day" [ ! -e kept/2026-01-01 ]
clip in/4.mp4 "2026-01-04 10:00:00Z"
echo in/4.mp4 | segpack -s s --keep 1 kept >/dev/null 2>&1
is "-K: never what is written" "$(tars)" "2026-01-03/9.tar 2026-01-04/10.tar"
is "-K: in the fact" "$(value s/segpack removed)" 2
is "-K: what is not ours stays" "$(cd kept && find . -type f | grep -v -e lock -e 04/ | sort | tr '\n' ' ')" \
	"./10.tar ./2026-01-03/9.tar ./2026-01-03/notes ./2026-1-1/10.tar ./lost/10.tar "
fill
age=$(($(date +%s) - $(date -d "2026-01-02 11:00:00Z" +%s)))
run segpack -k $((age + 30)) kept </dev/null
is "-k: too old" "$rc:$(tars):$(echo "$err" | grep -c "too old: removed")" \
	"0:2026-01-02/10.tar 2026-01-03/10.tar 2026-01-03/9.tar:1"
run segpack --keep-age $((age - 30)) kept </dev/null
is "-k: too old, a minute later" "$rc:$(tars):$(echo "$err" | grep -c "too old: removed")" \
	"0:2026-01-03/10.tar 2026-01-03/9.tar:1"
fill
rm kept/2026-01-01/10.tar
run segpack -k 3000000000 kept </dev/null
is "an index without an archive goes, quietly" "$rc:$err" "0:"
ok "an index without an archive goes, and its day" [ ! -e kept/2026-01-01 ]
finish
