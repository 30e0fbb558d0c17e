#!/bin/sh
# rtmppush when the server dies, freezes, is slow or says nothing. A ledger is kept of what nginx has
# recorded: nothing is missing, little comes twice.
# Takes long.
. "$(dirname "$0")/../rtmp.sh"
need_nginx
cut_clips small "" 16 40
cut_clips large ",noise=alls=60:allf=t" 12 20

said() { grep -q "$1" err; }

# The server is killed twice, and is back at once.
server_dies() {
	ls "$T"/small/* >list
	size=$(cat "$T"/small/* | wc -c)
	nginx_starts
	rtmppush <list >out 2>err &
	push=$!
	mine $push
	for n in 1 2; do
		wait_for 30 sessions $n
		wait_for 30 recorded $((size * n / 4))
		kill -9 $server
		reap $server
		wait_for 10 lost $n
		nginx_starts
	done
	reap $push
	saw rc $?
	saw out "$(cmp out list && echo all)"
	saw lost "$(grep -c 'the session is lost' err)"
	nginx_ends
	ledger 4000
}
lost() { [ "$(grep -c 'again in' err)" -ge "$1" ]; }

# The server freezes, and goes on when that was noticed.
server_freezes() {
	ls "$T"/large/* >list
	nginx_starts
	mkdir s
	rtmppush -s s <list >out 2>err &
	push=$!
	mine $push
	wait_for 30 recorded 3000000
	kill -STOP $server
	unread=0 since=$(now)
	noticed() { # while it is looked how much waits for the server
		hex=$(printf %04X "$port")
		at=$(sed -n "s/.*: 0100007F:$hex 0100007F:.... 01 .\{8\}:\(.\{8\}\) .*/\1/p;T;q" \
			/proc/net/tcp)
		[ "$at" = "$unread" ] || [ -z "$at" ] || since=$(now)
		unread=${at:-$unread}
		said "has taken nothing for 10 s"
	}
	wait_for 40 noticed
	saw noticed $?
	took=$(($(now) - since))
	echo "# server_freezes: noticed $took ms after the last byte was taken, $unread wait"
	saw within "$([ $took -ge 9000 ] && [ $took -le 25000 ] && echo 10 s || echo $took ms)"
	notplaying() { [ "$(value s/rtmppush state)" = reconnecting ]; }
	wait_for 5 notplaying
	saw state "$(value s/rtmppush state) $(value s/rtmppush stream)"
	kill -CONT $server
	reap $push
	saw rc $?
	saw out "$(cmp out list && echo all)"
	nginx_ends
	ledger 4000
}

# A server that is slow, but alive: what waits takes longer than the longest silence.
server_is_slow() {
	ls "$T"/large/00.mp4 "$T"/large/01.mp4 >list
	nginx_starts
	relay_starts 15000 .05
	began=$(now)
	rtmppush --lead 10000 --retries 1 <list >out 2>err
	saw rc $?
	saw slow "$([ $(($(now) - began)) -gt 11000 ] && echo yes)"
	saw out "$(cmp out list && echo all)"
	nginx_ends
	kill $relay
	reap $relay
	saw sessions "$(ls rec | wc -l)"
	ledger 0
}

# It accepts, and then says nothing.
server_is_mute() {
	port=$(free_port)
	perl -MIO::Socket::INET -e '
		my $l = IO::Socket::INET->new(
			Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
		push @c, $_ while $_ = $l->accept' "$port" &
	mine $!
	mute=$!
	wait_for 20 listens "$port"
	echo "$T/small/00.mp4" >list
	began=$(now)
	RTMP_URL=rtmp://127.0.0.1:$port/live/secretkey rtmppush --retries 1 <list >out 2>err
	saw rc $?
	took=$(($(now) - began))
	echo "# server_is_mute: noticed after $took ms"
	saw within "$([ $took -ge 9500 ] && [ $took -le 25000 ] && echo 10 s || echo $took ms)"
	saw out "$(cat out)"
	saw said "$(sed -n 's/.*reached: \(.*\); giving up.*/\1/p' err)"
	kill $mute
	reap $mute
}

scenarios server_dies server_freezes server_is_slow server_is_mute
check server_dies rc 0
check server_dies out all
check server_dies lost 2
whole server_dies 400
check server_freezes noticed 0
check server_freezes within "10 s"
check server_freezes state "reconnecting disconnected"
check server_freezes rc 0
check server_freezes out all
whole server_freezes 300
check server_is_slow rc 0
check server_is_slow slow yes
check server_is_slow out all
check server_is_slow sessions 1
whole server_is_slow 100
check server_is_mute rc 69
check server_is_mute within "10 s"
check server_is_mute out ""
check server_is_mute said "the server has not answered for 10 s"
is "the key is in no message" "$(cat ./*/err ./*/told | grep -c secretkey)" 0
[ $failures -eq 0 ] || show "$(cat ./*/err)"
[ -z "${KEEP-}" ] || cp -rp "$T" "$KEEP"
finish
