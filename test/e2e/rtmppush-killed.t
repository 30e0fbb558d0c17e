#!/bin/sh
# rtmppush is killed again and again, and goes on where the cursor is: by a ledger of what nginx has recorded
# nothing is missing, and little comes twice.
. "$(dirname "$0")/../rtmp.sh"
need_nginx
cut_clips small "" 16 40

# rtmppush is killed again and again, and goes on where the cursor is.
it_is_killed() {
	cp -rp "$T/small" d
	ls d/* >list
	nginx_starts
	seed=${SEED:-$$}
	echo "# it_is_killed: SEED=$seed"
	killed_at_random 7 3 60
	saw refused "$(grep -c 'again in' err)"
	nginx_ends
	# lead, cursor and keyframe
	ledger 6000
}

scenarios it_is_killed
check it_is_killed rc 0
check it_is_killed refused 0
check it_is_killed cursor 07.mp4
whole it_is_killed 400
is "the key is in no message" "$(cat ./*/err ./*/told | grep -c secretkey)" 0
[ $failures -eq 0 ] || show "$(cat ./*/err)"
[ -z "${KEEP-}" ] || cp -rp "$T" "$KEEP"
finish
