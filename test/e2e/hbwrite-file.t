#!/bin/sh
# hbwrite and its file: names that cannot be one, odd names, what is in the way, and folders that may not be
# written to.
. "$(dirname "$0")/../lib.sh"
hbwrite -1 hb
mkdir folder
mkfifo fifo
ln -s hb link
ln -s nowhere dangling
for once in "" -1; do
	refused "folder missing $once" 66 "*'no/hb': its folder is missing*" hbwrite $once no/hb
	refused "folder is a file $once" 66 "*not a folder*" hbwrite $once hb/hb
	refused "FILE is a folder $once" 64 "*'folder': is a folder*" hbwrite $once folder
	refused "FILE ends in a slash $once" 64 "*is a folder*" hbwrite $once folder/
	refused "FILE is a FIFO $once" 64 "*'fifo': is neither*" hbwrite $once fifo
	refused "FILE is a device $once" 64 "*'/dev/null': is neither*" hbwrite $once /dev/null
	refused "FILE is a link $once" 64 "*'link': is a symbolic link*" hbwrite $once link
	refused "FILE is a dangling link $once" 64 "*symbolic link*" hbwrite $once dangling
	refused "FILE is empty $once" 66 "*its folder is missing*" hbwrite $once ""
	refused "name of 255 bytes $once" 64 "*too long*" hbwrite $once "$(perl -e 'print "n" x 255')"
done
ok "the link was not written through" [ -L link ]
run hbwrite -1 "$(perl -e 'print "n" x 238')"
is "a name of 238 bytes is fine" "$rc" 0
run hbwrite -1 -- "-dash"
is "a leading dash after --" "$rc:$(value ./-dash count)" 0:1
odd=$(printf 'new\nline\tESC\033[31m\377')
run hbwrite -1 "$odd"
is "a hostile name is only a name" "$rc" 0
ok "a hostile name: written" [ -s "$odd" ]
refused "a hostile name is escaped" 66 \
	'*nope?x0aESC?x1b/hb*missing*' hbwrite -1 "$(printf 'nope\nESC\033')/hb"
is "a hostile name makes no second line" "$(echo "$err" | wc -l)" 1

# Things that are not ours at the name of the temporary.
# shellcheck disable=SC2016 # for the inner shell
for make in 'ln -s nowhere' mkdir mkfifo; do
	for once in "" -1; do
		run sh -c "$make .hb.\$\$.tmp; exec hbwrite $once hb" </dev/null
		is "$make in the temporary's place $once: exit code" "$rc" 74
		like "$make in the temporary's place $once: said" "$err" \
			"*'hb': what is named '.NAME.PID.tmp' beside it is not ours*"
		rm -r .hb.*
	done
done

if [ "$(id -u)" -eq 0 ]; then
	chmod 777 .
	mkdir -m 755 ro
	run setpriv --reuid 65534 --regid 65534 --clear-groups hbwrite -1 ro/hb
	is "folder not writable: exit code" "$rc" 74
	like "folder not writable: message" "$err" "*'ro/hb': its folder may not be written to*"
	mkdir -m 333 wx
	run setpriv --reuid 65534 --regid 65534 --clear-groups hbwrite -1 wx/hb
	is "folder not readable: exit code" "$rc" 74
	like "folder not readable: message" "$err" "*'wx/hb': its folder may not be read*"
else
	skip "folder not writable, not readable" "needs root to become another user"
fi
finish
