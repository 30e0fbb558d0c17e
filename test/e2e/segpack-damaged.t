#!/bin/sh
# segpack and archives that it cannot add to: damaged ones, links in their place, a ZIP that is called a
# TAR, and one that is taken away under it.
. "$(dirname "$0")/../archives.sh"

# A damaged archive is left, and another begun.
mkdir -p kept/$day
echo "this is no archive" >kept/$day/10.tar
clip in/1.mp4 "$day 10:00:00Z"
echo in/1.mp4 >list
run segpack kept <list
like "a damaged archive: told" "$rc:$out:$err" \
	"0:in/1.mp4:*WARN* archive 'kept/$day/10.tar': cannot be added to, another is begun*"
is "a damaged archive: stays" "$(cat kept/$day/10.tar)" "this is no archive"
is "a damaged archive: another" "$(names kept/$day/10.1.tar) $(column 1 kept/$day/10.1.index)" \
	"in/1.mp4  in/1.mp4 "
rm kept/$day/10.1.*
ln -s "$T/elsewhere" kept/$day/10.1.tar
ln -s "$T/elsewhere" kept/$day/10.2.index
clip in/1.mp4 "$day 10:00:00Z"
run segpack kept <list
is "links in a place where files should be" "$rc:$(ls in):$([ -e elsewhere ] && echo made)" "0::"
is "links in a place where files should be: passed over" "$(names kept/$day/10.3.tar)" "in/1.mp4 "
rm -r kept
mkdir kept other
ln -s ../other kept/$day
clip in/1.mp4 "$day 10:00:00Z"
run segpack kept <list
like "a link in a day's place" "$rc:$out:$(ls in other | tr '\n' ' '):$err" \
	"74::in: 1.mp4  other: :*store 'kept': *"

# Its archive is taken away under it: it begins another, and loses nothing.
mkdir away kept2
mkfifo feed
clip a1.mp4 "$day 10:01:00Z"
clip a2.mp4 "$day 10:02:00Z"
segpack kept2 <feed >took 2>err &
pid=$!
exec 7>feed
echo a1.mp4 >&7
ok "the first is packed" wait_for 20 grep -q a1.mp4 took
mv kept2/2026-01-02/10.tar away
echo a2.mp4 >&7
exec 7>&-
wait $pid
is "taken away under it: exit code" $? 0
is "taken away under it: nothing is lost" "$(tar tf away/10.tar) $(tar tf kept2/2026-01-02/10.tar)" \
	"a1.mp4 a2.mp4"

# A ZIP that is called a TAR is left alone.
clip z1.mp4 "$day 10:01:00Z"
clip z2.mp4 "$day 10:02:00Z"
mkdir -p kept3/2026-01-02
bsdtar --format zip --options compression=store -cf kept3/2026-01-02/10.tar z1.mp4
cp kept3/2026-01-02/10.tar was
echo z2.mp4 | segpack kept3 >/dev/null 2>err
ok "a ZIP called TAR stays as it is" cmp -s was kept3/2026-01-02/10.tar
is "and another archive is begun" "$(tar tf kept3/2026-01-02/10.1.tar)" z2.mp4
finish
