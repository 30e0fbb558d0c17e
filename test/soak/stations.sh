#!/bin/sh
# 8 stations for HOURS (1), kept by orchestrate and shown by the view, with faults from a seed
# (SEED): tools and supervisors killed, stations stopped by hand, settings changed, the server
# killed or frozen, the way to it frozen or cut, cameras held up, the view and orchestrate killed.
# The cameras upload a clip of 5 s every 6.5 s, some with odd names, and some that are cut off.
# Stations 7 and 8 are left to themselves, and in the second half orchestrate and the view are
# not killed, so that memory and descriptors can be watched. A ledger of every packet is kept,
# and tables end it.
. "$(dirname "$0")/../stations.sh"
need_nginx
export STREAMHUB_ROOT="$PWD"
seed=${SEED:-$$}
seconds=$(awk -v h="${HOURS:-1}" 'BEGIN { printf "%d", h * 3600 }')
clips=$((seconds * 2 / 13))
[ "$clips" -ge 10 ] 2>/dev/null && [ "$clips" -le 100000 ] || {
	echo "HOURS=$HOURS: no time that can be played" >&2
	exit 64
}
stations="1 2 3 4 5 6 7 8"
echo "# soak: SEED=$seed, $seconds s, $clips clips for each of 8 stations, in $T"

mkdir made
ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=160x120:r=25:d=$((clips * 5)),noise=alls=8:allf=t" \
	-f lavfi -i "aevalsrc='0.5*sin(2*PI*(200+mod(7*t\,3000))*t)+0.05*random(0)':d=$((clips * 5))" -c:v libx264 \
	-preset ultrafast -threads 1 -qp 36 -g 25 -sc_threshold 0 -pix_fmt yuv420p -c:a aac -b:a 48k \
	-f segment -segment_time 5 -reset_timestamps 1 made/%05d.mp4 || exit 99
ls -d made/* | head -n $clips >list
echo "# $(du -sk made | cut -f 1) KB of clips are made"

# camera.pl PERIOD FOLDER...: after it was held up, it brings all at once what is due. Each clip
# is written in two halves; each 20th is cut off before it is sent again, each 15th has an odd name.
cat >camera.pl <<'EOP'
use strict;
use Time::HiRes qw(time sleep);
my ($period, @folders) = @ARGV;
my ($began, $n) = (time, 0);
sub upload {
	my ($name, $bytes) = @_;
	open my $out, '>:raw', $name or die "$name: $!";
	syswrite $out, substr $bytes, 0, length($bytes) / 2;
	sleep .1;
	syswrite $out, substr $bytes, length($bytes) / 2;
	close $out or die "$name: $!";
}
open my $list, '<', 'list' or die;
while (my $clip = <$list>) {
	chomp $clip;
	my ($number) = $clip =~ /(\d+)/;
	open my $in, '<:raw', $clip or die;
	my $bytes = do { local $/; <$in> };
	for my $i (0 .. $#folders) {
		my $wait = $began + $period * ($n + $i / @folders) - time;
		sleep $wait if $wait > 0;
		upload("$folders[$i]/$number.cut.mp4", substr $bytes, 0, length($bytes) * .7) if $n % 20 == 7;
		my $odd = $n % 15 == 4 ? " -%s '\$(x) \xff" : '';
		upload("$folders[$i]/$number$odd.mp4", $bytes);
	}
	$n++;
}
EOP

# A line each: how long to wait, what happens then, to which station, and for how long, in
# seconds. All happen before one happens again.
perl -MList::Util=shuffle -e '
	my ($seed, $until) = @ARGV;
	srand $seed;
	my @ours = ((map { "killed $_" } qw(camwatch segcheck rtmppush hbwrite stationrun)), "stopped", "changed");
	my @all = qw(server_killed server_frozen way_frozen way_cut cameras_held);
	for (my $t = 0; $t < $until;) {
		my @more = $t < $until / 2 ? qw(view_killed orchestrate_killed) : ();
		for my $what (shuffle @ours, @ours, @all, @more) {
			my $wait = 2 + int rand 12;
			my $long = 2 + rand($what =~ /held/ ? 20 : 8);
			printf "%d %d %.1f %s\n", $wait, 1 + rand 6, $long, $what;
			$t += $wait + $long + 3;
		}
	}' "$seed" "$seconds" >plan

pid_of() { value "run/streamhub.d/$1/$2" pid 2>/dev/null; }
# On the air, or ready for it.
lives() { grep -qsx "$2" "/proc/$(pid_of "$1" "$2")/comm"; }
alive() { # ID
	lives "$1" stationrun && lives "$1" camwatch && lives "$1" rtmppush &&
		[ "$(value "run/streamhub.d/$1/rtmppush" stream)" = connected ]
}
all_alive() { for id in $stations; do alive "$id" || return; done; }
is_new() { [ "$(pid_of "$1" rtmppush)" != "$2" ]; }
is_down() { [ ! -e "run/streamhub.d/$1/stationrun" ] || ! lives "$1" stationrun; }

# Each fault: ID SECONDS [WORD].
server_killed() {
	kill -9 $server
	reap $server
	goes_on "$2"
	nginx_starts
}
held() { # PID SECONDS
	kill -STOP "$1"
	goes_on "$2"
	kill -CONT "$1"
}
server_frozen() { held $server "$2"; }
way_frozen() { held $relay "$2"; }
way_cut() { kill -USR1 $relay; }
brought() { ! kill -0 $cameras 2>/dev/null; }
cameras_held() { brought || held $cameras "$2"; }
view_killed() {
	kill -9 $view
	reap $view
	view_starts
}
orchestrate_killed() {
	kill -9 $keeper
	reap $keeper
	goes_on "$2"
	orchestrate_starts
}
killed() {
	before=$(pid_of "$1" rtmppush)
	[ "$3" != hbwrite ] || set -- "$1" "$2" hbwrite "$(pgrep -xP "$(pid_of "$1" stationrun)" hbwrite)"
	kill -9 "${4:-$(pid_of "$1" "$3")}"
	wait_for 120 is_new "$1" "$before" || echo "$3 of $1 was not killed" >>slow
}
stopped() {
	stationctl stop "$1" 2>>steered
	goes_on "$2"
	is_down "$1" || echo "station $1 was stopped by hand, and runs" >>steered.wrong
	stationctl start "$1" 2>>steered
}
changed() {
	before=$(pid_of "$1" rtmppush)
	station "$1" $lines "RTMP_URL=rtmp://127.0.0.1:$relay_port/live/k3y$1" "NAME=changed at $(now)"
	wait_for 120 is_new "$1" "$before" || echo "the settings of $1 were not noticed" >>slow
}
view_starts() {
	can_mount || return
	mkdir -p run/streamhub 2>/dev/null
	streamhubfs 2>>view.err &
	view=$!
	mine $view
	wait_for 20 [ -e run/streamhub/version ]
}
orchestrate_starts() {
	orchestrate 2>>keeper.err &
	keeper=$!
	mine $keeper
}

# samples: each 10 s, a line a process: when, id, name, KB that are its own, descriptors.
cat >samples.pl <<'EOP'
use strict;
my ($root) = @ARGV;
for (;; sleep 10) {
	my $now = time;
	for my $folder (glob '/proc/[0-9]*') {
		open my $f, '<', "$folder/environ" or next;
		my $environ = do { local $/; <$f> } // '';
		next if "\0$environ" !~ /\0STREAMHUB_ROOT=\Q$root\E\0/;
		my ($pid, $name) = ((split '/', $folder)[2], readlink "$folder/exe");
		next if ($name // '') !~ m{/(stationrun|camwatch|segcheck|rtmppush|hbwrite|orchestrate|streamhubfs)$};
		$name = $1;
		open $f, '<', "$folder/smaps_rollup" or next;
		my ($kb) = map { /^Private_Dirty: *(\d+)/ } <$f>;
		my $fds = () = glob "$folder/fd/*";
		print "$now $pid $name $kb $fds\n" if defined $kb; # a parser shows none
	}
	$| = 1;
}
EOP

lines="MAX_LAG=0 AFTER_PLAY=delete"
nginx_starts
relay_starts
mkdir -p var/lib/streamhub
for id in $stations; do
	station "$id" $lines "RTMP_URL=rtmp://127.0.0.1:$relay_port/live/k3y$id"
	mkdir -p "var/lib/streamhub/$id"
	echo up >"var/lib/streamhub/$id/desired"
done
cleanup_hook="stationctl stop-all --pause 0 2>/dev/null; $cleanup_hook"
view=
view_starts
[ -n "$view" ] || echo "# skipped: the view: $no_view"
orchestrate_starts
perl camera.pl 6.5 drop/* &
cameras=$!
mine $cameras
wait_for 120 all_alive
perl samples.pl "$PWD" >samples &
sampler=$!
mine $sampler
began=$(date +%s)
while read -r wait id long what word <&8 && [ $(($(date +%s) + wait)) -lt $((began + seconds)) ]; do
	[ -n "$view" ] || [ "$what" != view_killed ] || continue
	goes_on "$wait"
	at=$(now)
	"$what" "$id" "$long" "$word"
	goes_on 1
	wait_for 240 all_alive || echo "$what $word of $id, $(date)" >>slow
	echo "$what${word:+_$word} $(($(now) - at)) $long" >>faults
done 8<plan
until brought; do goes_on 5 $cameras; done
reap $cameras
is "the cameras end" $? 0
waiting() { find drop -path '*/_failed' -prune -o -name '*.mp4' -print | wc -l; }
echo "# $(wc -l <list) clips were brought to each, $(waiting) wait"
all_played() { [ "$(waiting)" -eq 0 ]; }
wait_for $((seconds + 600)) all_played
is "all were played" "$(waiting)" 0
is "what was cut off is put away" "$(find drop/*/_failed -name '*.cut.mp4' | wc -l)" $((8 * $(grep -c . list | awk '{ print int(($1 + 12) / 20) }')))
kill $sampler
reap $sampler
for pid in $keeper $view; do
	kill "$pid"
	reap "$pid"
	is "it ends when it is told to" $? 0
done
stationctl stop-all --pause 0 2>stop.err
is "all are stopped" "$?:$(processes | wc -l)" 0:0
kill $relay
reap $relay
nginx_ends

as_flv
echo "# station  pictures: missing            sound: missing           longest twice, ms  sessions"
for id in $stations; do
	for kind in video audio; do
		perl "$top/test/ledger.pl" $kind flv.list rec/k3y"$id"-* >ledger.$kind
		like "$id: $kind: nothing is missing" "$(cat ledger.$kind)" "0 of [1-9]* missing, 0 strange, 0 shifted, 0 holes, 0 back; *"
	done
	twice=$(sed 's/.*; //' ledger.video)
	echo "# $id        $(sed 's/,.*//' ledger.video)  $(sed 's/,.*//' ledger.audio)  $twice  $(ls rec/k3y"$id"-* | wc -l)"
	ok "$id: little comes twice: $twice ms" [ "$twice" -le 6000 ]
done
echo "# fault                times  longest until all were on the air"
cut -d ' ' -f 1 faults | sort -u | while read -r what; do
	grep "^$what " faults | awk -v w="$what" '{ n++; if ($2 > most) most = $2 }
		END { printf "# %-20s %5d  %.1f s\n", w, n, most / 1000 }'
done
ok "there were faults" [ -s faults ]
is "it went on after each fault" "$(cat slow 2>/dev/null)" ""
is "what was stopped by hand stayed so" "$(cat steered.wrong 2>/dev/null)" ""

# Of those that lived for more than four tenths of it: means of the second and of the last third.
perl -e '
	my (%all, %of, %total, %name);
	while (<>) {
		my ($at, $pid, $name, $kb, $fds) = split;
		push @{$of{$pid}}, [$kb, $fds];
		$name{$pid} = $name;
		$total{$at} += $kb;
	}
	my $long = keys(%total) * .4;
	my ($most) = sort { $b <=> $a } values %total;
	printf "# all processes together: at most %d KB\n", $most;
	printf "# process        lived  KB of its own: second third, last, most; descriptors\n";
	for my $pid (sort { $name{$a} cmp $name{$b} } grep { @{$of{$_}} > $long } keys %of) {
		my @samples = @{$of{$pid}};
		my $third = int @samples / 3;
		my @figures = map {
			my $i = $_;
			my @v = map { $_->[$i] } @samples;
			my ($sum, $last) = (0, 0);
			$sum += $_ for @v[$third .. 2 * $third - 1];
			$last += $_ for @v[@v - $third .. $#v];
			my ($top) = sort { $b <=> $a } @v;
			(int($sum / $third), int($last / $third), $top);
		} 0, 1;
		printf "# %-12s %7d  %d %d %d; %d %d %d\n", $name{$pid}, @samples * 10, @figures;
		print "grows: $name{$pid}\n" if $figures[1] > $figures[0] + 512 || $figures[4] > $figures[3] + 2;
		print "lived: $name{$pid}\n";
	}' samples >table
grep '^#' table
is "nothing grows" "$(grep ^grows table)" ""
for name in stationrun camwatch segcheck rtmppush hbwrite orchestrate ${view:+streamhubfs}; do
	ok "$name lived long enough to be watched" grep -q "lived: $name" table
done
echo "# logs: $(cat var/lib/streamhub/*/log* | wc -l) lines, $(cat var/lib/streamhub/*/log* | wc -c) bytes for $(wc -l <faults) faults; the largest $(wc -c var/lib/streamhub/*/log* | grep -v total | sort -n | tail -n 1 | awk '{ print $1 }')"
is "no key is in a log or a fact" "$(grep -rl k3y var run/streamhub.d ./*.err | wc -l)" 0
[ $failures -eq 0 ] || show "$(tail -n 20 keeper.err)"
[ -z "${KEEP-}" ] || cp -rp "$T" "$KEEP"
finish
