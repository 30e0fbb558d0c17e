#!/bin/sh
# rtmppush when the server dies, freezes, is slow or says nothing, and when it is killed itself.
# A ledger is kept of what nginx has recorded: nothing is missing, little comes twice.
. "$(dirname "$0")/../lib.sh"
module=/usr/lib/nginx/modules/ngx_rtmp_module.so
[ -e $module ] || {
	skip "nginx as the server" "no $module"
	finish
}
: >pids
# shellcheck disable=SC2016 # for later
cleanup_hook='kill -9 $(cat "$T/pids") 2>/dev/null'

# The scenarios run side by side, each in a folder of its own, and write what they saw as
# lines KEY VALUE into "seen".
server() { # starts nginx in this folder, its process id in $server
	[ -n "${port-}" ] || port=$(free_port)
	mkdir -p rec
	cat >nginx.conf <<X
daemon off;
master_process off;
pid $PWD/nginx.pid;
error_log $PWD/error.log info;
load_module $module;
events { worker_connections 64; }
rtmp {
	access_log $PWD/access.log;
	server {
		listen 127.0.0.1:$port;
		application live {
			live on;
			record all;
			record_path $PWD/rec;
			record_unique on;
		}
	}
}
X
	/usr/sbin/nginx -p "$PWD" -e "$PWD/error.log" -c "$PWD/nginx.conf" 2>nginx.err &
	server=$!
	echo $server >>"$T/pids"
	wait_for 20 listens "$port" || saw server "does not start"
	export RTMP_URL="rtmp://127.0.0.1:$port/live/secretkey"
}
# Ends it when it has read all that its kernel took in for it.
server_ends() {
	quiet() { ! grep -qi ": 0100007F:$(printf %04X "$port") 0100007F:.... 0[18]" /proc/net/tcp; }
	wait_for 20 quiet
	kill $server
	wait $server
}
saw() { echo "$@" >>seen; }
now() { date +%s%3N; }

# ledger: what the recordings hold of the clips in the file "list": packets that are missing,
# that are strange or out of order, and the longest part that came again, in ms.
cat >ledger.pl <<'EOP'
use Digest::MD5 'md5_hex';
# tags FILE KIND: hash and stamp of the whole packets; the last may be cut
sub tags {
	my ($file, $kind) = @_;
	open my $f, '<:raw', $file or die "$file: $!";
	local $/;
	my $d = <$f>;
	my @t;
	for (my $at = 13; $at + 15 <= length $d;) {
		my ($type, $h, $l, $ms, $up) = unpack 'C C n a3 C', substr $d, $at, 8;
		my $size = $h << 16 | $l;
		last if $at + 15 + $size > length $d;
		my $body = substr $d, $at + 11, $size;
		$at += 15 + $size;
		next if $type != $kind || ord(substr $body, 1, 1) != 1;
		push @t, [md5_hex(substr $body, $kind == 9 ? 5 : 2), unpack 'N', chr($up) . $ms];
	}
	return @t;
}
my ($kind, $clips, @rec) = @ARGV;
my (%at, %ms, %had, $strange, $holes, $back, $longest, $expected);
my ($n, $base) = (0, 0);
for my $clip (split ' ', $clips) {
	my @t = tags($clip, $kind);
	for (@t) {
		die "$clip: one packet twice" if exists $at{$_->[0]};
		$ms{$n} = $base + $_->[1];
		$at{$_->[0]} = $n++;
	}
	$base += 2000;
}
my $last = -1;
for my $rec (@rec) {
	my $stamp = -1;
	for (tags($rec, $kind)) {
		my $i = $at{$_->[0]};
		$strange++, next unless defined $i;
		$back++ if $_->[1] <= $stamp;
		$stamp = $_->[1];
		if ($i <= $last) {
			my $again = $ms{$last} - $ms{$i};
			$longest = $again if $again > $longest && !$had{"r$rec"}++;
		}
		$holes++ if $i > $last + 1;
		$last = $i if $i > $last || !$had{"s$rec"}++;
		$had{$i}++;
		$last = $i;
	}
}
my $missing = grep { !$had{$_} } 0 .. $n - 1;
printf "%d of %d missing, %d strange, %d holes, %d back; %d\n", $missing, $n, $strange,
	$holes, $back, $longest;
EOP
ledger() { # MS: at most so much may come again
	for clip in $(cat list); do # as FLV holds them
		ffmpeg -v error -nostdin -i "$clip" -c copy -y "$(basename "$clip" .mp4).flv"
	done
	flv=$(sed 's|.*/||; s|mp4$|flv|' list)
	for kind in 9 8; do
		# shellcheck disable=SC2046,SC2012 # the names are nginx's
		told=$(perl "$T/ledger.pl" $kind "$flv" $(ls -tr rec/*))
		echo "# $(basename "$PWD"), kind $kind: $told ms twice, $(ls rec | wc -l) sessions"
		saw "ledger$kind" "${told%;*}"
		saw "twice$kind" "$([ "${told##*; }" -le "$1" ] && echo few || echo "${told##*; } ms")"
	done
}

# Clips of 2 s, large ones and small ones; no two packets are the same.
clips() { # FOLDER NOISE SECONDS QP
	mkdir "$1"
	ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=320x180:r=25:d=$3$2" \
		-f lavfi -i "aevalsrc='0.5*sin(2*PI*(200+40*t)*t)+0.05*random(0)':d=$3" \
		-c:v libx264 -preset ultrafast -qp "$4" -g 25 -sc_threshold 0 -pix_fmt yuv420p -c:a aac \
		-f segment -segment_time 2 -reset_timestamps 1 "$1/%02d.mp4"
	for clip in "$1"/*; do
		touch -d "2026-01-02 10:00:$(basename "$clip" .mp4)" "$clip"
	done
}
clips small "" 16 40
clips large ",noise=alls=60:allf=t" 12 20

said() { grep -q "$1" err; }
sessions() { [ "$(ls rec | wc -l)" -ge "$1" ]; }
recorded() { [ "$(cat rec/* 2>/dev/null | wc -c)" -ge "$1" ]; }

# The server is killed twice, and is back at once.
server_dies() {
	ls "$T"/small/* >list
	size=$(cat "$T"/small/* | wc -c)
	server
	rtmppush <list >out 2>err &
	push=$!
	echo $push >>"$T/pids"
	for n in 1 2; do
		wait_for 30 sessions $n
		wait_for 30 recorded $((size * n / 4))
		kill -9 $server
		wait $server
		wait_for 10 lost $n
		server
	done
	wait $push
	saw rc $?
	saw out "$(cmp out list && echo all)"
	saw lost "$(grep -c 'the session is lost' err)"
	server_ends
	ledger 4000
}
lost() { [ "$(grep -c 'again in' err)" -ge "$1" ]; }

# The server freezes, and goes on when that was noticed.
server_freezes() {
	ls "$T"/large/* >list
	server
	mkdir s
	rtmppush -s s <list >out 2>err &
	push=$!
	echo $push >>"$T/pids"
	wait_for 30 recorded 3000000
	kill -STOP $server
	unread=0 since=$(now)
	noticed() { # while it is looked how much waits for the server
		at=$(sed -n "s/.*: 0100007F:$(printf %04X "$port") 0100007F:.... 01 ........:\(........\) .*/\1/p;T;q" /proc/net/tcp)
		[ "$at" = "$unread" ] || [ -z "$at" ] || since=$(now)
		unread=${at:-$unread}
		said "has taken nothing for 10 s"
	}
	wait_for 40 noticed
	saw noticed $?
	took=$(($(now) - since))
	echo "# server_freezes: noticed $took ms after the last byte was taken, $unread wait"
	saw within "$([ $took -ge 9000 ] && [ $took -le 10700 ] && echo 10 s || echo $took ms)"
	notplaying() { [ "$(value s/rtmppush state)" = reconnecting ]; }
	wait_for 5 notplaying
	saw state "$(value s/rtmppush state) $(value s/rtmppush stream)"
	kill -CONT $server
	wait $push
	saw rc $?
	saw out "$(cmp out list && echo all)"
	server_ends
	ledger 4000
}

# A server that is slow, but alive: what waits takes longer than the longest silence.
server_is_slow() {
	ls "$T"/large/00.mp4 "$T"/large/01.mp4 >list
	server
	slow=$(free_port)
	perl -MIO::Socket::INET -MIO::Select -e '
		my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
		setsockopt $l, SOL_SOCKET, SO_RCVBUF, 65536;
		while (my $c = $l->accept) {
			my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[1]") or die;
			my $all = IO::Select->new($c, $s);
			LOOP: while (my @r = $all->can_read) {
				for my $from (@r) {
					sysread $from, my $b, $from == $c ? 15000 : 65536 or last LOOP;
					print { $from == $c ? $s : $c } $b;
					$s->flush, $c->flush;
					select undef, undef, undef, .05 if $from == $c && length $b > 8000;
				}
			}
		}' "$slow" "$port" &
	proxy=$!
	echo $proxy >>"$T/pids"
	wait_for 20 listens "$slow"
	began=$(now)
	RTMP_URL=rtmp://127.0.0.1:$slow/live/secretkey rtmppush --lead 10000 --retries 1 <list >out 2>err
	saw rc $?
	saw slow "$([ $(($(now) - began)) -gt 11000 ] && echo yes)"
	saw out "$(cmp out list && echo all)"
	server_ends
	kill $proxy
	wait $proxy
	saw sessions "$(ls rec | wc -l)"
	ledger 0
}

# It accepts, and then says nothing.
server_is_mute() {
	port=$(free_port)
	perl -MIO::Socket::INET -e '
		my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]", ReuseAddr => 1) or die;
		push @c, $_ while $_ = $l->accept' "$port" &
	echo $! >>"$T/pids"
	mute=$!
	wait_for 20 listens "$port"
	echo "$T/small/00.mp4" >list
	began=$(now)
	RTMP_URL=rtmp://127.0.0.1:$port/live/secretkey rtmppush --retries 1 <list >out 2>err
	saw rc $?
	took=$(($(now) - began))
	echo "# server_is_mute: noticed after $took ms"
	saw within "$([ $took -ge 9500 ] && [ $took -le 11500 ] && echo 10 s)"
	saw out "$(cat out)"
	saw said "$(sed -n 's/.*reached: \(.*\); again.*/\1/p' err)"
	kill $mute
	wait $mute
}

# rtmppush is killed again and again, and goes on where the cursor is.
it_is_killed() {
	cp -rp "$T/small" d
	ls d/* >list
	server
	seed=${SEED:-$$}
	echo "# it_is_killed: SEED=$seed"
	mkfifo names
	for pause in $(perl -e 'srand shift; printf "%.2f ", .3 + rand 3 for 1 .. 7' "$seed") 60; do
		camwatch -1 -a 0 -n never -c cursor d >names 2>>camwatch.err &
		rtmppush -c cursor -d d <names >>out 2>>err &
		push=$!
		echo $push >>"$T/pids"
		timeout "$pause" tail -f /dev/null --pid=$push -s .1
		[ "$pause" = 60 ] || kill -9 $push 2>/dev/null
		wait $push
		code=$?
	done
	saw rc $code
	saw refused "$(grep -c 'again in' err)"
	saw cursor "$(cut -f 2 cursor)"
	server_ends
	# lead, cursor and keyframe
	ledger 6000
}

all='server_dies server_freezes server_is_slow server_is_mute it_is_killed'
for scenario in $all; do
	mkdir "$scenario"
	(
		cd "$scenario" || exit
		$scenario >told 2>&1
	) &
	echo $! >>pids
	running="${running-} $!"
done
for pid in $running; do
	wait "$pid"
done

check() { # SCENARIO KEY WANTED
	is "$1: $2" "$(sed -n "s/^$2 //p" "$1/seen")" "$3"
}
whole() { # SCENARIO PACKETS-OF-VIDEO
	check "$1" ledger9 "0 of $2 missing, 0 strange, 0 holes, 0 back"
	like "$1: sound" "$(sed -n 's/^ledger8 //p' "$1/seen")" "0 of [1-9]* missing, 0 strange, 0 holes, 0 back"
	check "$1" twice9 few
	check "$1" twice8 few
}
for scenario in $all; do
	cat "$scenario/told"
done
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
check it_is_killed rc 0
check it_is_killed refused 0
check it_is_killed cursor 07.mp4
whole it_is_killed 400
is "the key is in no message" "$(cat ./*/err ./*/told | grep -c secretkey)" 0
: >pids
[ $failures -eq 0 ] || show "$(cat ./*/err)"
[ -z "${KEEP-}" ] || cp -rp "$T" "$KEEP"
finish
