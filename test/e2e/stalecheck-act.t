#!/bin/sh
# stalecheck -x: what is run, how often, by whom, and for how long.
. "$(dirname "$0")/../lib.sh"
live=run/streamhub.d lib=var/lib/streamhub
mkdir -p $live $lib
station() {
	mkdir -p "$live/$1"
	heartbeat "$2" >"$live/$1/heartbeat"
}
cat >act <<'EOF'
#!/bin/sh
printf '%s\n' "$*" >>"$(dirname "$0")/acts"
EOF
chmod +x act
acts() { [ ! -e acts ] || tr '\n' ' ' <acts; }

# Which.
station fine 10
station old 200
mkdir $live/lost
station silent 700
{ fact_head 1; printf 'started: 0\nwaiting: 0\nquiet: 700\n'; } >$live/silent/camwatch
mkdir $live/broken
echo half >$live/broken/heartbeat
station stopped 200
mkdir $lib/stopped
echo down >$lib/stopped/desired
station off 200
mkdir -p etc/streamhub/stations
echo ACTIVE=no >etc/streamhub/stations/off.conf
run stalecheck -x "./act  restart now"
is "run for stale and missing, not for silent, corrupt, stopped, inactive" "$(acts)" \
	"restart now lost restart now old "
is "the verdicts are shown as ever" "$rc:$(echo "$out" | cut -f 1,2 | tr '\t\n' '= ')" \
	"1:broken=corrupt fine=ok lost=missing old=stale silent=silent "
like "it is said" "$err" "*'lost': missing, no heartbeat: running './act'*'old': stale, heartbeat too old*"
rm acts
run stalecheck -x "./act" stopped
is "stopped by hand: named, judged, not run" "$rc:$(echo "$out" | cut -f 2):$(acts)" 1:stale:

# Nor what may have been stopped: nobody can tell.
mkdir $lib/old etc/kept
cr=$(printf '\r')
export cr
# shellcheck disable=SC2016 # for eval
for lie in 'echo "down$cr" >$lib/old/desired' 'mkdir $lib/old/desired' \
	'echo STALE_AFTER=x >etc/streamhub/stations/old.conf' \
	'mkdir etc/streamhub/stations/old.conf' \
	'mv $lib etc/kept; touch $lib' 'mv etc/streamhub/stations etc/kept; touch etc/streamhub/stations'; do
	eval "$lie"
	run stalecheck -x ./act -b 9/600 old
	like "$lie: judged, not run" "$rc:$(echo "$out" | cut -f 2):$(acts)" "7[48]:stale:"
	[ ! -f $lib ] || { rm $lib && mv etc/kept/* $lib; }
	[ ! -f etc/streamhub/stations ] || { rm etc/streamhub/stations && mv etc/kept/* etc/streamhub/; }
	rm -rf $lib/old/desired etc/streamhub/stations/old.conf
done
run stalecheck -x ./act -b 9/600 old
is "without the lies: run" "$rc:$(acts)" "1:old "
sed -i '$d' $live/.stalecheck
rm acts

# How often: the default is once in 600 s, over several runs of stalecheck.
run stalecheck -x "./act"
is "budget: nothing again" "$(acts)" ""
like "budget: said" "$err" "*'lost': missing, no heartbeat, but './act' ran often enough: not before [56]?? s*"
run stalecheck -x "./act" -b 3/600 old
run stalecheck --exec "./act" --budget 3/600 old
run stalecheck -x "./act" -b 3/600 old
is "budget of 3: the two that were left" "$(acts)" "old old "
rm acts
sed -i "s/ \([0-9]*\) old$/ 1 old/" $live/.stalecheck
run stalecheck -x "./act" -b 1/1 old
is "budget: what is older than SEC does not count" "$(acts)" "old "
rm acts
sed -i "s/^[^ ]*/11111111-2222-3333-4444-555555555555/" $live/.stalecheck
run stalecheck -x "./act" old
is "budget: what was before the boot does not count" "$(acts)" "old "
is "the memory is only ours to read" "$(stat -c %a $live/.stalecheck)" 600
rm acts

# A heartbeat file keeps its budget in its own folder.
mkdir elsewhere
heartbeat 200 >elsewhere/hb
run stalecheck -x "./act" elsewhere/hb elsewhere/hb
is "heartbeat file: once" "$(acts)" "elsewhere/hb "
ok "heartbeat file: budget beside it" [ -s elsewhere/.stalecheck ]
rm acts
run stalecheck -x "./act" nowhere/hb
is "heartbeat in no folder: not run" "$rc:$(acts)" 74:
like "heartbeat in no folder: said" "$err" "*'nowhere/hb': './act' not run*"
odd=$(printf 'elsewhere/new\nline $(touch x) ;')
heartbeat 200 >"$odd"
run stalecheck -x "./act" "$odd"
run stalecheck -x "./act" "$odd"
is "a hostile name reaches the command as one argument, once" "$(cat acts)" "$odd"
ok "a hostile name is not run" [ ! -e x ]
rm acts

# Where the budget cannot be kept, nothing is run.
rm -f $live/.stalecheck
for thing in "mkdir $live/.stalecheck" "ln -s ../../target $live/.stalecheck" "mkfifo $live/.stalecheck"; do
	$thing
	run stalecheck -x "./act" old
	is "${thing%% *} in the budget's place: not run" "$rc:$(acts)" 74:
	like "${thing%% *} in the budget's place: said" "$err" "*'old': './act' not run, as no budget*"
	rm -r $live/.stalecheck
done
ok "the link was not followed" [ ! -e target ]
for inject in pwrite64:error=ENOSPC openat:error=EROFS:when=1; do
	case $inject in
	openat*) path="-P .stalecheck" ;;
	*) path= ;;
	esac
	# shellcheck disable=SC2086
	run strace -qq -o /dev/null $path -e "inject=$inject" "$plain/stalecheck" -x "./act" old
	is "$inject: not run" "$rc:$(acts)" 74:
done
# Killed between the note and the command: it counts as run, so that no loop can come of it.
rm -f $live/.stalecheck
strace -qq -o /dev/null -e "inject=clone3,vfork,clone:signal=KILL" "$plain/stalecheck" -x "./act" old >/dev/null 2>&1
run stalecheck -x "./act" old
is "killed before the command: not tried again at once" "$(acts)" ""
printf 'torn li' >$live/.stalecheck
run stalecheck -x "./act" old
run stalecheck -x "./act" old
is "a torn line in the memory harms nothing" "$(acts)" "old "
rm acts $live/.stalecheck

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
like "a second run says so" "$err" "*'old': stale, heartbeat too old, but another process is acting: left alone*"
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
timeout --foreground -k 5 60 "$plain/stalecheck" -x ./slow -b 9/600 $(perl -e 'print "fine " x 100') old >full &
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
