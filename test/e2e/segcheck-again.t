#!/bin/sh
# segcheck and its quarantine: it is taken away, two look again into one, and clocks that jump between a
# clip's first try and the next.
. "$(dirname "$0")/../lib.sh"
segcheck=$plain/segcheck # libfaketime and the leak sanitizer exclude each other
good=$top/test/fixtures/good-mp4.mp4
mkfifo in
clipped() { # NAME
	head -c 2000 "$good" >"$1"
}
is_there() { [ -e "$1" ]; }
said() { grep -q "$1" err; }
printed() { [ "$(wc -l <printed)" -eq "$1" ]; }

# The quarantine is taken away while it is used.
mkdir q
clipped q/1.mp4
clipped q/2.mp4
"$segcheck" -q q/_failed -d 0 <in >printed 2>err &
pid=$!
exec 9>in
echo q/1.mp4 >&9
ok "the quarantine is there" wait_for 20 is_there q/_failed/1.mp4.reason
rm -r q/_failed
printf 'q/2.mp4\n%s\n' "$good" >&9
ok "the quarantine is gone: goes on" wait_for 20 printed 1
exec 9>&-
wait $pid
is "the quarantine is gone: the clip stays" "$?:$(ls q)" "66:2.mp4"
ok "the quarantine is gone: said" said "'q/2.mp4' is bad.*could not be moved to 'q/_failed'"

# Two that look again into one quarantine: each clip comes back once.
rm -rf q && mkdir -p q/_failed
reason() { # NAME
	printf '%s\n' 'time: 2026-01-01T00:00:00Z' 'boot: b' 'mono: 1.000' 'pid: 1' 'code: zeros' \
		'reason: r' \
		'tries: 1' 'size: 1' "from: $T/q/$1" >"q/_failed/$1.reason"
}
for n in $(seq 1 60); do
	cp "$good" q/_failed/$n.mp4
	reason $n.mp4
	touch -d '1 hour ago' q/_failed/$n.mp4.reason
done
mkfifo in2
"$segcheck" -q q/_failed -R 60 <in >/dev/null 2>err &
pid=$!
"$segcheck" -q q/_failed -R 60 <in2 >/dev/null 2>err2 &
other=$!
exec 9>in 8>in2
home() { [ "$(ls q/*.mp4 2>/dev/null | wc -l)" -eq "$1" ] && [ -z "$(ls q/_failed)" ]; }
ok "two look again: all are back" wait_for 20 home 60
exec 9>&- 8>&-
wait $pid
is "two look again: the one" $? 0
wait $other
is "two look again: the other" $? 0
is "two look again: each said once" \
	"$(sort err err2 | sed -n 's/.*\(.q.[0-9]*.mp4\). is good by now: back.*/\1/p' | sort -u |
		wc -l) $(cat err err2 | grep -vc 'looked into')" "60 60"

# Clocks. The files keep the time of the kernel.
lib=$(faketime -f +0 sh -c 'echo "$LD_PRELOAD"')
at() { # OFFSET COMMAND...
	offset=$1
	shift
	LD_PRELOAD=$lib FAKETIME=$offset NO_FAKE_STAT=1 FAKETIME_DONT_FAKE_MONOTONIC=1 "$@"
}
looks_again() { # OFFSET: whether a clip that was tried just now is looked into again
	rm -rf q && mkdir -p q/_failed
	cp "$good" q/_failed/1.mp4
	reason 1.mp4
	at "$1" "$segcheck" -q q/_failed -R 600 <in >/dev/null 2>err &
	pid=$!
	exec 9>in
	echo "$good" >&9 # after it the first look is over
	[ "$2" = 0 ] || wait_for 20 is_there q/1.mp4
	exec 9>&-
	wait $pid
	ls q
}
is "-R: not yet" "$(looks_again +0 0)" _failed
is "-R: the clock is ahead" "$(looks_again +2h 1)" "1.mp4
_failed"
is "-R: the clock was set back" "$(looks_again -2h 1)" "1.mp4
_failed"
clipped q/2.mp4
run at +2h "$segcheck" -q q/_failed -d 3600 q/2.mp4
is "-d: the clock is ahead: not fresh" "$rc:$(value q/_failed/2.mp4.reason tries)" 1:1
clipped q/2.mp4
rm q/_failed/2.mp4*
run at -2h "$segcheck" -q q/_failed -d 1 -r 2 q/2.mp4
is "-d: the clock was set back: no more than its tries" "$rc:$(value q/_failed/2.mp4.reason tries)" 1:2
finish
