#!/bin/sh
# streamhubfs and facts that are none, change all the time or may not be read: an error for whoever reads
# that one, and a verdict; the others are shown as before.
. "$(dirname "$0")/../view.sh"
need_view
waiting_station
ok "it starts" view_start

# A fact that is none is an error to who reads it, and a verdict; the others are as before.
mkdir odd
head -c 65537 /dev/zero | tr '\0' a >odd/huge
head -c 1000 /dev/urandom >odd/noise
heartbeat | head -c 60 >odd/half
mkfifo odd/fifo
ln -s "$T/$live/1/heartbeat" odd/link
ln -s nowhere odd/dangling
mkdir odd/folder
: >odd/empty
perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "odd/socket", Listen => 1) or die'
for kind in huge noise half fifo link dangling folder empty socket; do
	for fact in camwatch heartbeat; do
		mv $live/1/$fact kept
		cp -RP odd/$kind $live/1/$fact
		shown=$s/tools/$fact
		[ $fact = camwatch ] || shown=$s/heartbeat
		run timeout 10 cat $shown
		like "$kind as $fact: an error for it" "$rc:$out:$err" "1::*Input/output error"
		is "$kind as $fact: the state" "$(timeout 10 cat $s/state)" error
		is "$kind as $fact: others" "$(timeout 10 cat $s/now)" -
		like "$kind as $fact: in the summary" "$(timeout 10 tail -n 1 $v/summary)" "1 *error *"
		rm -r $live/1/$fact
		mv kept $live/1/$fact
	done
done
is "when it is gone all is well" "$(cat $s/state)" waiting
printf '\1\n' >$live/1/segcheck
ok "an error for one is none for another" sh -c \
	"cat $s/tools/camwatch >/dev/null && ! cat $s/tools/segcheck 2>/dev/null"
rm $live/1/segcheck
waiting 1

# What lies in the place of a station.
: >$live/file
ln -s 1 $live/link
mkdir "$live/-bad" "$live/.hidden" "$live/new
line"
is "names of stations" "$(ls $v/stations | tr '\n' ' ')" "1 file link "
run cat $v/stations/link/status
like "a link in a station's place is not followed" "$rc:$err" "1:*Input/output error"
for name in -bad .hidden .. nothing "$(head -c 65 /dev/zero | tr '\0' x)"; do
	ok "no station '$name'" [ ! -e "$v/stations/$name/status" ]
done
rm $live/file $live/link

# The log and the cursor.
mkdir -p var/lib/streamhub/1
ln -s /etc/passwd var/lib/streamhub/1/log
run cat $s/log
like "a link in the place of the log" "$rc:$out" 1:
rm var/lib/streamhub/1/log
mkfifo var/lib/streamhub/1/log
run timeout 10 cat $s/log
is "a FIFO in the place of the log" "$rc:$out" 1:
mkdir -p var/lib/streamhub/1/player
echo x >var/lib/streamhub/1/player/cursor
ok "a cursor that is none" sh -c "! cat $s/cursor 2>/dev/null"
echo sideways >var/lib/streamhub/1/desired
ok "a wish that is none" sh -c "! cat $s/desired 2>/dev/null"
is "a wish that is none: status" "$(value $s/status error)" "desired: neither up nor down"
rm -r var/lib/streamhub/1

# A fact that changes all the time: each read is of one moment.
perl -e 'use Time::HiRes "sleep"; my ($f, $head) = @ARGV; $SIG{ALRM} = sub { exit }; alarm 60;
	for (my $n = 0; ; $n++) {
		open my $h, ">", "$f.new";
		print $h "${head}first: $n\n", "pad: ", "x" x ($n % 5000), "\nlast: $n\n";
		close $h;
		rename "$f.new", $f;
		sleep 0.0005;
	}' $live/1/rtmppush "$(fact_head)
" &
writer=$!
wait_for 10 test -e $live/1/rtmppush
run perl -e 'my %seen;
	alarm 60;
	for (my $n = 0; $n < 2000 || keys %seen <= 20; $n++) {
		open my $h, "<", $ARGV[0] or die $!;
		local $/;
		my $t = <$h>;
		my ($a) = $t =~ /^first: (\d+)/m;
		my ($b) = $t =~ /^last: (\d+)\n\z/m;
		$a == $b or die "mixed: $t";
		$seen{$a}++;
	}
	print keys %seen > 20' $s/tools/rtmppush
is "1000 changes a second: each read is whole" "$rc:$out:$err" 0:1:
kill $writer
wait $writer 2>/dev/null
rm -f $live/1/rtmppush

# A fact that one may not read.
view_stop
cleanup_hook=:
if [ "$(id -u)" -eq 0 ] && mount --bind /proc/1/mem $live/1/camwatch 2>.mount; then
	view_start
	run cat $s/status
	like "an unreadable fact: status" "$rc:$out:$err" "1::*Input/output error"
	run cat $s/tools/camwatch
	like "an unreadable fact: itself" "$rc:$out:$err" "1::*Input/output error"
	is "an unreadable fact: what does not show it" "$(cat $s/desired)" -
	like "an unreadable fact: summary" "$(cat $v/summary)" "*1 *error *"
	is "an unreadable fact: attention" "$(ls $v/attention)" 1
	is "an unreadable fact: ls goes on" "$(ls -l $s | wc -l)" 14
	view_stop
	cleanup_hook=:
	umount $live/1/camwatch
else
	skip "an unreadable fact" "needs the right to mount, to have a file that fails"
fi
finish
