#!/bin/sh
# camwatch under a real FTP server: uploads that are slow, stall, go on, break off, are renamed
# into place, come two at a time. Each path is printed with the size and the age that the
# file had at that moment.
. "$(dirname "$0")/../lib.sh"
need_vsftpd
vsftpd_starts ftp d
cleanup_hook="kill $server"
url=$ftp_url/d

cat >note.pl <<'EOF'
$| = 1;
use Time::HiRes 'time';
while (<STDIN>) {
	chomp;
	my @s = Time::HiRes::stat($_);
	my $last = $s[9] > $s[10] ? $s[9] : $s[10];
	printf "%s %d %.3f\n", $_, $s[7], time - $last;
}
EOF
mkfifo paths
perl note.pl <paths >out &
camwatch -a 1 -n never ftp/d >paths 2>err &
watcher=$!
cleanup_hook="kill $server $watcher 2>/dev/null"
printed() { grep -q "^ftp/d/$1 $2 " out; }

head -c 300000 /dev/urandom >clip
put() { curl -s --ftp-create-dirs -T "$@"; }

put clip "$url/1.mp4"
ok "an upload" wait_for 20 printed 1.mp4 300000
put clip --limit-rate 150k "$url/slow.mp4"
ok "a slow upload, longer than the age: whole when it is printed" wait_for 20 printed slow.mp4 300000
put clip "$url/2026/01/02/deep.mp4"
ok "an upload into folders it makes" wait_for 20 printed 2026/01/02/deep.mp4 300000

# One that stalls, longer than the age: others pass, it comes when it is whole.
mkfifo stall
put - "$url/stall.mp4" <stall &
client=$!
exec 3>stall
head -c 100000 clip >&3
there() { [ -s ftp/d/stall.mp4 ]; }
wait_for 20 there
put clip "$url/2.mp4"
ok "another passes a stalled one" wait_for 20 printed 2.mp4 300000
put clip "$url/3.mp4"
ok "and one more, an age later" wait_for 20 printed 3.mp4 300000
ok "the stalled one is not printed" sh -c '! grep -q stall out'
tail -c +100001 clip >&3
exec 3>&-
wait $client
ok "the stalled one is whole when it is printed" wait_for 20 printed stall.mp4 300000

# Broken off, and gone on with later by APPE: the rest makes it a new clip.
head -c 100000 clip >half
put half "$url/broken.mp4"
ok "nothing tells a broken upload from a whole one" wait_for 20 printed broken.mp4 100000
put clip -C 100000 "$url/broken.mp4"
ok "gone on with: printed again, whole" wait_for 20 printed broken.mp4 300000
ok "gone on with: it is whole" cmp -s clip ftp/d/broken.mp4
put clip --append "$url/1.mp4"
ok "sent again under the same name: a new clip" wait_for 20 printed 1.mp4 600000

put clip -Q "-RNFR .in.new.mp4." -Q "-RNTO new.mp4" "$url/.in.new.mp4."
ok "renamed into place" wait_for 20 printed new.mp4 300000
ok "never under its temporary name" sh -c '! grep -q "\.in\." out'

put clip --limit-rate 150k "$url/a.mp4" &
one=$!
put clip --limit-rate 200k "$url/b.mp4" &
two=$!
wait $one $two
ok "two at a time: one" wait_for 20 printed a.mp4 300000
ok "two at a time: the other" wait_for 20 printed b.mp4 300000

kill -TERM $watcher
wait $watcher
is "SIGTERM: exit code" $? 0
is "each was printed once for each of its contents" \
	"$(cut -d' ' -f1 out | sort | uniq -c | awk '$1 > 1 { print $1, $2 }' | tr '\n' ' ')" \
	"2 ftp/d/1.mp4 2 ftp/d/broken.mp4 "
ok "none was younger than the age" awk '$3 < 1 { exit 1 }' out
is "nothing was said" "$(cat err)" ""
echo "# printed at most $(awk '$3 > m { m = $3 } END { printf "%.2f", m - 1 }' out) s after it was ready"
finish
