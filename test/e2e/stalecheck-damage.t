#!/bin/sh
# stalecheck of heartbeats that are damaged, of another kind than a file, unreadable, or oddly named.
. "$(dirname "$0")/../verdicts.sh"

# Damage.
heartbeat 0 >good
size=$(stat -c %s good)
bad=0 n=0
while [ $n -lt "$size" ]; do
	head -c $n good >half
	[ "$(stalecheck half | cut -f 2)" = corrupt ] || bad=$((bad + 1))
	n=$((n + 7))
done
is "half files are corrupt, wherever they end" "$bad" 0
head -c 65537 /dev/zero | tr '\0' a >big
head -c 300 /dev/urandom >noise
printf 'a: \0\n' >nul
sed 's/^mono: .*/mono: 12x/' good >mono
sed 's/^mono: .*/mono: 99999999999999999999/' good >huge
sed 's/^mono: .*/mono: -1/' good >negative
sed 's/^boot: .*/boot: short/' good >boot
cat good good >twice
: >empty
mkfifo fifo
ln -s good link
for file in big noise nul mono huge negative boot twice empty fifo link /dev/null; do
	judge "$file"
	is "$file is corrupt" "$rc:$words" "1:corrupt "
done
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 .
	heartbeat 0 >secret
	chmod 600 secret
	judge_as() { run setpriv --reuid 65534 --regid 65534 --clear-groups stalecheck "$@"; }
	judge_as secret
	is "unreadable: exit code" "$rc" 74
	is "unreadable: verdict" "$(echo "$out" | cut -f 2)" corrupt
	like "unreadable: said" "$err" "*heartbeat 'secret': Permission denied*"
else
	skip "unreadable heartbeat" "needs root to become another user"
fi
odd=$(printf './new\nline\tESC\033')
heartbeat 0 >"$odd"
judge "$odd"
about "a hostile name is one escaped line" 0 ok 0 180 "./new\\x0aline\\x09ESC\\x1b"
run stalecheck './new\x0aline'
is "a name that looks escaped is not taken for it" "$(echo "$out" | cut -f 1)" './new\x5cx0aline'
judge "$odd"
is "a hostile name is one line" "$(echo "$out" | wc -l)" 1
finish
