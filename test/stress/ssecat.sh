#!/bin/sh
# ssecat for a minute in a storm: 10,000 events a second, a server that cuts the connection in the middle of
# one of the next 50,000, and a reader that stops now and then. Nothing is lost, nothing comes twice, and
# memory does not grow; processor time and memory are noted.
# shellcheck disable=SC2154 # by sse_places
. "$(dirname "$0")/../sse.sh"
last=600000
sse_starts storm "storm $last 10000 50000"
mkfifo pipe
"$plain/ssecat" -s . "$storm_url" >pipe 2>err &
cat=$!
# It counts what it gets, and stops for up to a second, by chance.
perl -e '
	my ($wanted, $last) = (1, @ARGV);
	while (<STDIN>) {
		/^\{"id":"(\d+)","event":"message","data":"\{\\"n\\":(\d+),\\"text\\":\\"(x*)\\"\}"\}$/ or die "line $.: $_";
		$1 == $wanted && $2 == $wanted && length $3 == $wanted % 97 or die "line $.: $1, not $wanted\n";
		last if $wanted++ == $last;
		select undef, undef, undef, rand 1 if $. % 20000 == 0;
	}
	select undef, undef, undef, .05 until -e "measured";
	print "$.\n"' "$last" <pipe >count 2>reader &
reader=$!
half() { [ "$(value ssecat events 2>&1)" -ge $((last / 2)) ] 2>/dev/null; }
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$cat/status"; }
wait_for 300 half
middle=$(resident)
end() { [ "$(value ssecat events 2>&1)" -ge $last ] 2>/dev/null; }
wait_for 300 end
ticks=$(cut -d ' ' -f 14,15 "/proc/$cat/stat" | tr ' ' +)
now=$(resident)
peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$cat/status")
touch measured
wait $reader
is "$last events, each once, in order and whole" "$(cat count reader)" $last
cuts=$(($(wc -l <storm.log) - 1))
ok "among $cuts cuts" [ $cuts -ge 5 ]
ok "memory does not grow: $middle kB in the middle, $now kB at the end" [ "$now" -le $((middle + 1000)) ]
note "processor time $((($ticks) * 10)) ms for $last events, $peak kB at most, $cuts cuts"
wait "$cat"
is "the reader is gone" "$?" 75
finish
