#!/bin/sh
# segunpack and names: of archives, as they are given and as they are printed, and of what is in them.
. "$(dirname "$0")/../archives.sh"
clips src one.mp4 # for the archives whose names are odd

# Names: of each only the end; nothing twice.
mkdir f
clips names a/x.mp4 b/x.mp4 c/X.mp4 x.1.mp4 .hidden.mp4 part.mp4.part \
	'a b.mp4' -v.mp4 "$(printf '\303\251\377.mp4')" "$(printf '%0196d' 0).mp4"
tar -C names -cf f/x.tar -- a/x.mp4 b/x.mp4 c/X.mp4 x.1.mp4 .hidden.mp4 part.mp4.part \
	'a b.mp4' -v.mp4 "$(printf '\303\251\377.mp4')" "$(printf '%0196d' 0).mp4"
run segunpack f/x.tar
is "names: exit code" "$rc:$err" "0:"
is "names: what there is" "$(ls f/.unpacked/x.tar)" \
	"$(printf '%s\n' x.mp4 x.1.mp4 X.2.mp4 x.1.1.mp4 'a b.mp4' -v.mp4 \
		"$(printf '\303\251\377.mp4')" "$(printf '%0196d' 0).mp4" | sort)"
is "names: all are printed" "$(sort .out)" "$(printf '%s\n' f/.unpacked/x.tar/* | sort)"
for pair in a/x.mp4:x.mp4 b/x.mp4:x.1.mp4 c/X.mp4:X.2.mp4 x.1.mp4:x.1.1.mp4; do
	ok "names: $pair" cmp "names/${pair%:*}" "f/.unpacked/x.tar/${pair#*:}"
done
rm -r f

# Paths of archives, as they are given and as they are printed.
mkdir -p f/d
archive f/d/x.zip src one.mp4
for path in x.zip ./x.zip ../d/x.zip "$T/f/d/x.zip"; do
	(cd f/d && run segunpack "$path" && printf '%s' "$rc:$out") >got
	is "the path '$path'" "$(cat got)" "0:${path%x.zip}.unpacked/x.zip/one.mp4"
done
rm -r f
mkdir h
for name in -v 'a b.zip' "$(printf 'n\nl.zip')" "$(printf 't\tt\033[1m.zip')" "$(printf '\377\376.zip')" \
	'[x].zip' ..zip "$(printf '%0196d' 0).zip"; do
	archive h/x src one.mp4
	mv h/x "h/$name"
done
(cd h && find . -type f -print0 | sort -z) >list
(cd h && segunpack -0 <../list) >printed 2>err
is "-0: exit code" "$?:$(cat err)" "0:"
is "-0: a clip for each odd name" "$(tr '\n\0' '?\n' <printed)" \
	"$(perl -0pe 's|^\./(\.?)([^\0]*)|"./.unpacked/" . ($1 ? "_$1" : "") . "$2/one.mp4"|e' list |
		tr '\n\0' '?\n')"
(cd h && run segunpack -- -v && printf '%s' "$rc:$out") >got
is "a name like an option" "$(cat got)" "0:.unpacked/-v/one.mp4"
rm -r h
printf '%05000d\n' 0 >long.list
run segunpack <long.list
is "a path that is too long" "$rc:$out" "66:"
like "a path that is too long: said" "$err" "*standard input: *is no path*"
run segunpack "$(cat long.list)" ""
is "operands that are no paths" "$rc:$out" "66:"
like "operands that are no paths: said" "$err" "*operand: *is no path*'': cannot be opened*"
finish
