#!/bin/sh
# camwatch -1 among links, FIFOs, sockets, odd names, deep folders, and files that it may not read.
. "$(dirname "$0")/../camera.sh"

# Hostile things with a clip's name.
mkdir outside
echo x >outside/secret.mp4
ln -s ../outside/secret.mp4 d/link.mp4
ln -s ../outside d/linked
mkfifo d/fifo.mp4
mkdir d/folder.mp4
clip folder.mp4/in.mp4 10:02
clip "$(printf 'new\nline.mp4')" 10:00
clip "$(printf 'tab\t.mp4')" 10:00
clip "$(printf 'esc\033.mp4')" 10:00
clip "$(printf 'bad\377utf.mp4')" 10:01
clip fine.mp4 10:03
perl -MSocket -e 'socket S, PF_UNIX, SOCK_STREAM, 0; bind S, sockaddr_un "d/socket.mp4"'
drain d
is "hostile: only regular files with printable names" "$(list)" \
	"$(printf 'd/bad\377utf.mp4 d/folder.mp4/in.mp4 d/fine.mp4 ')"
is "hostile: each is said once" "$(echo "$err" | grep -c 'passed over')" 6
like "hostile: names are escaped" "$err" "*'new?x0aline.mp4': has control bytes in its name: passed over*"
like "hostile: a link" "$err" "*'link.mp4': is no regular file*"
mkdir st
drain -s st d
is "hostile: counted" "$(value st/camwatch skipped)" 6
clear
clip "$(perl -e 'print "n" x 251').mp4"
drain d
is "a name of 255 bytes" "${#out}" 257
clear
perl -e 'chdir "d"; for (1 .. 17) { mkdir "p" x 250; chdir "p" x 250 } open F, ">deep.mp4"; print F "x"'
clip fine.mp4
drain d
is "a path over PATH_MAX stops nothing" "$rc:$(list)" "0:d/fine.mp4 "
like "a path over PATH_MAX is said" "$err" "*too long a path: *"
clear
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 . && chmod 777 d && chown 1234 d
	clip root.mp4 10:00
	ln d/root.mp4 d/hard.mp4
	clip own.mp4 10:01
	ln d/own.mp4 outside/
	chown 1234 d/own.mp4
	drain d
	is "hard links of another owner are refused" "$(list)" "d/own.mp4 "
	like "hard links are said" "$err" "*'hard.mp4': is a hard link to a file of another owner*"
	clear
	clip secret.mp4 10:00
	clip secret/in.mp4
	clip fine.mp4 10:01
	chmod 0 d/secret.mp4 d/secret
	run setpriv --reuid 65534 --regid 65534 --clear-groups camwatch -1 -a 0 d
	is "what is unreadable stops nothing" "$rc:$(list)" "0:d/secret.mp4 d/fine.mp4 "
	like "an unreadable folder is said" "$err" "*folder 'd/secret': Permission denied*"
else
	skip "hard links of another owner" "needs root"
	skip "unreadable files" "needs root to become another user"
fi
finish
