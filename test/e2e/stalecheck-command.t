#!/bin/sh
# stalecheck -x and its command: two that overlap, signals while it runs, how it ends, and how long it may
# take.
. "$(dirname "$0")/../verdicts.sh"
mkdir -p $live
act_is_made
station fine 10
station old 200
mkdir $live/lost

# Two that overlap do not both act.
mkfifo hold started
# shellcheck disable=SC2016 # for the inner shell
hear() { timeout 30 sh -c "${2:-read -r _ <\"\$0\"}" "$1"; }
cat >slow <<'EOF'
#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >>acts
echo >started
cat hold
EOF
chmod +x slow
stalecheck -x "./slow" -b 9/600 lost old >/dev/null 2>&1 &
first=$!
hear started
run stalecheck -x "./act" -b 9/600 old lost
is "a second run does not act" "$(acts)" "lost "
is "a second run judges all the same" "$rc:$(echo "$out" | cut -f 2 | tr '\n' ' ')" "1:stale missing "
like "a second run says so" "$err" \
	"*'old': stale, heartbeat too old, but another process is acting: left alone*"
hear hold 'echo go >"$0"'
hear started
is "the first run goes on" "$(acts)" "lost old "
# SIGTERM ends it and its command.
kill -TERM $first
wait $first
is "SIGTERM while a command runs: exit code" $? 75
rm acts
# A Nagios plugin gets its line all the same.
stalecheck -N -x ./slow -b 9/600 old >line 2>/dev/null &
first=$!
hear started
kill -TERM $first
wait $first
is "-N, SIGTERM while a command runs" "$?:$(cat line)" "3:STREAMHUB UNKNOWN - stopped by a signal"
# Outside of a command the signal needs no help, even when standard output takes no more.
mkfifo full
exec 8<>full
many=$(perl -e 'print "fine " x 20000')
# shellcheck disable=SC2086
timeout --foreground -k 5 60 "$plain/stalecheck" -x ./act $many >full &
first=$!
timeout 30 head -c 1 <&8 >/dev/null
kill -TERM $first
wait $first
is "SIGTERM while nobody reads: ended by it" $? 143
# shellcheck disable=SC2046 # words
timeout --foreground -k 5 60 \
	"$plain/stalecheck" -x ./slow -b 9/600 $(perl -e 'print "fine " x 100') old >full &
first=$!
hear started
perl -e 'use Fcntl; open F, "+<", "full"; fcntl F, F_SETFL, O_NONBLOCK; 1 while syswrite F, "x"'
kill -TERM $first
wait $first
is "SIGTERM while a command runs and nobody reads: ended within a second" $? 142
exec 8<&-

# The command's own end.
station one 200
run stalecheck -x "./nothing" -b 9/600 one
is "no such command: exit code" "$rc" 69
like "no such command: said" "$err" "*'one': './nothing' cannot be run: No such file*"
run stalecheck -x "echo not this" -x false -b 9/600 one
is "command fails: exit code" "$rc" 69
like "command fails: said" "$err" "*'one': 'false' failed with exit code 1*"
cat >die <<'EOF'
#!/bin/sh
kill -9 $$
EOF
chmod +x die
run stalecheck -x "./die" -b 9/600 one
like "command killed: said" "$rc:$err" "69:*was ended by signal 9*"
run stalecheck -x 'echo to standard output' -b 9/600 one
is "its output does not mix with ours" "$(echo "$out" | wc -l)" 1
like "its output goes to standard error" "$err" "*to standard output one*"
run stalecheck -x cat -b 9/600 one <act
like "it has no input" "$err" "*cat: one: No such file*"
# Bounded in time, with all that it started: the clock is made to run.
cat >endless <<'EOF'
#!/bin/sh
trap '' TERM
(trap '' TERM; exec 9>"$1.lock"; flock 9; cat /dev/zero >/dev/null) &
cat /dev/zero >/dev/null
EOF
chmod +x endless
run faketime -f '+0 x200' "$plain/stalecheck" -x "./endless ./k" -b 9/600 one
like "a command that does not end is ended" "$rc:$err" "69:*took too long and was ended*"
free() { flock -n k.lock true; }
ok "and its children" wait_for 10 free
finish
