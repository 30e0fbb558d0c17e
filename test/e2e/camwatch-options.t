#!/bin/sh
# camwatch as a program: wrong use, and output that cannot be written.
. "$(dirname "$0")/../camera.sh"
touch cursor
refused "no DIR" 64 "*no DIR*usage: camwatch*" camwatch
refused "two DIRs" 64 "*more than one DIR*" camwatch d d
refused "DIR is missing" 66 "*'no/such': cannot be watched: No such file*" camwatch no/such
refused "DIR is a file" 66 "*Not a directory*" camwatch cursor
refused "DIR is empty" 66 "*cannot be watched*" camwatch ""
refused "no status folder" 66 "*status folder 'no': No such file*" camwatch -s no d
refused "unknown option" 64 "*unknown option '-Z'*" camwatch -Z d
for a in '' -1 ' 1' 1x +1 99999999999 1.5; do refused "-a '$a'" 64 \
	"*option -a: '$a' is not*" camwatch -a "$a" d; done
for i in 0 3601 x; do refused "-i '$i'" 64 "*option -i: '$i' is not*" camwatch --interval "$i" d; done
refused "-l x" 64 "*option -l: 'x'*" camwatch -l x d
refused "-n sometimes" 64 "*option -n: 'sometimes'*" camwatch --newest sometimes d
refused "-o size" 64 "*option -o: 'size' is none of mtime name time*" camwatch -o size d
refused "-L move" 64 "*option -L: 'move' is none of keep delete*" camwatch -L move d
refused "-l with -o name" 64 "*option -l needs an order by time*" camwatch -l 60 -o name d
run camwatch --help
like "--help" "$rc:$out" "0:usage: camwatch *--age SEC*--match GLOB*"
run camwatch -V
is "-V" "$rc:$out" "0:camwatch $(sed -n 's/^VERSION := //p' "$top/Makefile")"
drain -v d
is "-v" "$rc" 0

# Output that cannot be written.
clip a.mp4 10:00
run sh -c 'camwatch -1 -a 0 d >/dev/full'
is "full output: exit code" "$rc" 74
like "full output: said" "$err" "*standard output: No space left*"
run sh -c 'camwatch -1 -a 0 d >&-'
is "closed output: exit code" "$rc" 74
mkfifo gone
camwatch -a 0 d >gone 2>err &
pid=$!
exec 4<gone
exec 4<&-
wait $pid
is "reader gone: exit code" $? 75
like "reader gone: said" "$(cat err)" "*the reader of standard output is gone*"
finish
