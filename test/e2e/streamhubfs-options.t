#!/bin/sh
# streamhubfs as a program: what it refuses, and that nobody can change anything in its view.
. "$(dirname "$0")/../view.sh"
mkdir other full
touch full/.hidden file
refused "unknown option" 64 "*unknown option '-x'*" timeout 20 streamhubfs -x other
refused "unknown -o" 64 "*option -o: unknown 'nonsense'*" timeout 20 streamhubfs -o allow_other,nonsense other
refused "user without a name" 64 "*user needs a name*" timeout 20 streamhubfs -o user= other
refused "allow_other with a value" 64 "*no value*" timeout 20 streamhubfs --options allow_other=1 other
refused "two mount points" 64 "*more than one*" timeout 20 streamhubfs other full
refused "no mount point" 66 "*'no/such'*No such*" timeout 20 streamhubfs no/such
refused "a file as mount point" 66 "*'file'*" timeout 20 streamhubfs file
refused "a mount point that is not empty" 64 "*'full'*not empty*" timeout 20 streamhubfs -f full
run streamhubfs --help
like "--help: usage" "$out" "usage: streamhubfs *--foreground*--options OPT*--version*"
run streamhubfs -V
is "-V" "$out:$rc" "streamhubfs $(sed -n 's/^VERSION := //p' "$top/Makefile"):0"
if [ "$(id -u)" -eq 0 ]; then
	refused "no such user" 64 \
		"*no user 'nobody-at-all'*" timeout 20 streamhubfs -o user=nobody-at-all other
else
	skip "no such user" "needs root"
fi

need_view
two_stations
view_start || exit 99
cd run/streamhub || exit 99

# Nothing can be changed.
cat >"$T/change.pl" <<'EOF'
use strict; use warnings; use Errno 'EROFS'; use Fcntl;
my $f = "stations/1/state"; my $x = "stations/1/new";
my %calls = (write => sub { sysopen my $h, $f, O_WRONLY }, update => sub { sysopen my $h, $f, O_RDWR },
	append => sub { open my $h, ">>", $f }, create => sub { sysopen my $h, $x, O_CREAT | O_WRONLY },
	unlink => sub { unlink $f }, mkdir => sub { mkdir $x }, rmdir => sub { rmdir "stations/1/tools" },
	rename => sub { rename $f, $x }, link => sub { link $f, $x }, symlink => sub { symlink $f, $x },
	chmod => sub { chmod 0644, $f }, chown => sub { chown 1, 1, $f }, utime => sub { utime 1, 1, $f },
	truncate => sub { truncate $f, 0 }, mkfifo => sub { require POSIX; POSIX::mkfifo($x, 0600) },
	log => sub { open my $h, ">>", "stations/1/log" }, failed => sub { unlink "stations/1/failed/x.mp4" },
	station => sub { mkdir "stations/9" }, attention => sub { symlink "x", "attention/9" });
for (sort keys %calls) { $! = 0; my $done = $calls{$_}->(); print "$_: $!\n" if $done || $! != EROFS }
EOF
is "every change is refused: read-only" "$(perl "$T/change.pl")" ""
finish
