#!/bin/sh
# stationctl as a program: wrong use, no station yet, and the verbs that only look at settings: new and
# check.
. "$(dirname "$0")/../control.sh"

# How it is called.
run stationctl --help
like "--help names the verbs" "$rc:$out" "0:usage: stationctl *  start  *  stop-all  *  new  *"
run stationctl --version
like "--version" "$rc:$out" "0:stationctl [0-9]*"
while read -r args; do
	# shellcheck disable=SC2086 # words
	run stationctl $args
	is "refused: $args" "$rc:$out" "64:"
done <<X

nothing 1
start
stop
restart
new
new 1 2
logs
logs 1 2
start-all 1
start ../1
start .1
status -f
status --pause 1
start -j 1
logs -j 1
list --follow
start-all --pause 3601
start-all --pause x
list --backend sysv
X

# No station yet.
for verb in status list check start-all; do
	run stationctl $verb
	like "no station: $verb says what to do" "$rc:$out:$err" \
		"0::*[[]INFO] [[]stationctl] there is no station yet: stationctl new ID makes *"
done

# new: a file to fill in, never over another.
run stationctl new 1
is "new: prints its name" "$rc:$out:$err" "0:$conf/1.conf:"
is "new: for its owner alone" "$(stat -c %a "$conf/1.conf")" 600
is "new: every key is in it" "$(sed -n 's/^#*\([A-Z_]*\)=.*/\1/p' "$conf/1.conf" | sort)" \
	"$(sed -n '/^\.Ss Settings of a station/,/^\.Ss Settings of control/s/^\.It Ev \([A-Z_]*\)$/\1/p' \
		"$top/man/streamhub.5" | sort)"
echo mine >"$conf/1.conf"
run stationctl new 1
like "new: not over another" "$rc:$err" "73:*1.conf': File exists"
run_full stationctl new 3
like "new, a full disk: said" "$rc:$out" "74:*[[]stationctl] '$conf/3.conf': File too large"
ok "new, a full disk: nothing is left" [ ! -e "$conf/3.conf" ]
is "new: the other is as it was" "$(cat "$conf/1.conf")" mine
stationctl new 4 >/dev/full 2>err
is "new: its output is full" "$?:$(sed 's/^[^ ]* [^ ]* //' err)" \
	"74:[WARN] [stationctl] '$conf/4.conf' was made, but not printed: No space left on device
[ERROR] [stationctl] standard output: a write to it failed"
ok "new: its output is full: it is made" [ -s "$conf/4.conf" ]
ln -s "$T/elsewhere" "$conf/2.conf"
run stationctl new 2
is "new: not by a link" "$rc:$(ls elsewhere 2>/dev/null)" 73:
rm "$conf"/*

# check.
settings 1 "NAME=Door"
run stationctl check
is "check: good" "$rc:$out:$err" "0:1${tab}good:"
settings 2 "MAX_LAG=1h" "WATCHDIR=/x" "OTHER=y" "ACTIVE=perhaps" "NAME=se$(printf '\361')al"
chmod 644 "$conf/2.conf"
run stationctl check
is "check: one is faulty" "$rc:$(echo "$out" | tr '\t\n' '= ')" "78:1=good 2=faulty "
for line in "*ERROR* '$conf/2.conf': line 5: MAX_LAG: expected seconds, 0 to 31622400*" \
	"*ERROR* '$conf/2.conf': line 8: ACTIVE: expected yes or no*" \
	"*ERROR* '$conf/2.conf': line 9: NAME: expected UTF-8*" \
	"*WARN* '$conf/2.conf': line 6: no tool knows WATCHDIR: is it WATCH_DIR?*" \
	"*WARN* '$conf/2.conf': line 7: no tool knows OTHER*" \
	"*WARN* '$conf/2.conf': everybody can read it, and RTMP_URL is a secret: chmod 600*"; do
	like "check: said" "$err" "$line"
done
is "check: said no more" "$(echo "$err" | wc -l)" 6
is "check: no secret" "$(echo "$err" | grep -c secretkey)" 0
run stationctl check 1
is "check ID: that one" "$rc:$err" 0:
echo NAME=x >"$conf/3.conf"
run stationctl check 3
like "check: what is missing" "$rc:$err" \
	"78:*WATCH_DIR is not set: expected an absolute path*RTMP_URL is not set: *"
run stationctl check 1 4
like "check: no such station" "$rc:$err" "66:*station '4': there is none"
run stationctl start 2
like "start: faulty settings are refused" "$rc:$err" "78:*MAX_LAG*"
ok "start: nothing was made" [ ! -e run -a ! -e var ]
rm "$conf/3.conf"
finish
