#!/bin/sh
# stalecheck -b: how often a command is run, over many runs of stalecheck, and where that is noted.
. "$(dirname "$0")/../verdicts.sh"
mkdir -p $live $lib/old etc/kept
act_is_made
station old 200
mkdir $live/lost
run stalecheck -x ./act
rm acts

# How often: the default is once in 600 s, over several runs of stalecheck.
run stalecheck -x "./act"
is "budget: nothing again" "$(acts)" ""
like "budget: said" "$err" \
	"*'lost': missing, no heartbeat, but './act' ran often enough: not before [56]?? s*"
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
strace -qq -o /dev/null -e "inject=clone3,vfork,clone:signal=KILL" \
	"$plain/stalecheck" -x "./act" old >/dev/null 2>&1
run stalecheck -x "./act" old
is "killed before the command: not tried again at once" "$(acts)" ""
printf 'torn li' >$live/.stalecheck
run stalecheck -x "./act" old
run stalecheck -x "./act" old
is "a torn line in the memory harms nothing" "$(acts)" "old "
rm acts $live/.stalecheck
finish
