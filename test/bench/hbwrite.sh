#!/bin/sh
# hbwrite's throughput beside cat's: a third of it is wanted, so three times its time.
. "$(dirname "$0")/../lib.sh"
compare=$top/test/bench/compare
hb="'$plain/hbwrite' '$T/hb'"
$compare "seq 1000000 through hbwrite, beside cat" 3 "seq 1000000 | $hb | wc -l" "seq 1000000 | cat | wc -l"
seq 10000000 >lines
$compare "10000000 lines of a file through hbwrite, beside cat" 3 "$hb <lines | wc -l" "cat <lines | wc -l" 5
yes | head -n 40000000 >lines
$compare "40000000 lines of one byte of a file through hbwrite, beside cat" 3 "$hb <lines | wc -l" "cat <lines | wc -l" 5
single="perl -e '\$|=1; print qq(\$_\\n) for 1 .. 200000'"
$compare "200000 single writes through hbwrite, beside cat" 3 "$single | $hb | wc -l" "$single | cat | wc -l" 5
