#!/bin/sh
# segprep: kills, signals, two at once, a full disk, a terminal.
. "$(dirname "$0")/../lib.sh"
cleanup_hook='kill ${pid-} 2>/dev/null; umount disk 2>/dev/null'
mkdir lib
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=96x64:r=25:d=1 -f lavfi -i sine=r=48000:d=1 -pix_fmt yuv420p \
	-c:v libx264 -c:a aac -ac 2 good.mp4 || exit 99
cp good.mp4 lib/a.mp4
files() { (cd -- "$1" && find . -type f ! -name .segprep.tsv | sort | paste -s -d ' '); }
said() { grep -ao "'.*" "$T/.err" | paste -s -d '|'; }

# An ffmpeg that stops half way, and one that sees its source change.
mkdir slow
cat >slow/ffmpeg <<'X'
#!/bin/sh
for last; do :; done
echo half >"${last#file:}"
echo $$ >"$T/stands"
exec sleep 1000
X
chmod +x slow/ffmpeg
export T
cp lib/a.mp4 lib/b.mp4
run segprep lib two
for signal in TERM INT KILL; do
	cp good.mp4 lib/c.mp4
	rm -f stands
	env --default-signal=INT PATH="$T/slow:$PATH" segprep lib two >out 2>err &
	pid=$!
	ok "SIG$signal: it works" wait_for 20 test -s stands
	is "SIG$signal: in a part" "$(files two):$(ps -o ni= -p "$(cat stands)" | tr -d ' ')" \
		"./.segprep.part ./a.mp4 ./b.mp4:19"
	refused "SIG$signal: a second one" 75 "*'two': another segprep works in it" segprep lib two
	kill -$signal $pid
	wait $pid 2>/dev/null
	code=$?
	ok "SIG$signal: ffmpeg ends too" wait_for 10 test ! -e "/proc/$(cat stands)"
	case $signal in
	KILL) is "SIGKILL: the part is left" "$code:$(files two)" "137:./.segprep.part ./a.mp4 ./b.mp4" ;;
	*) is "SIG$signal: no part is left" "$code:$(files two)" "1:./a.mp4 ./b.mp4" ;;
	esac
done
run segprep lib two
is "it goes on, and the part is gone" "$rc:$(said):$(files two)" \
	"0:'c.mp4': picture copied, sound copied|'lib': 2 were ready, 1 done, 0 left \
out:./a.mp4 ./b.mp4 ./c.mp4"
printf '#!/bin/sh\ntouch "$T"/lib/d.mp4\nexec /usr/bin/ffmpeg "$@"\n' >slow/ffmpeg
cp good.mp4 lib/d.mp4
run env PATH="$T/slow:$PATH" segprep lib two
like "a source that changes" "$rc:$(said):$(files two)" \
	"1:'d.mp4' is left out: it changed while it was read|*:./a.mp4 ./b.mp4 ./c.mp4"

printf '#!/bin/sh\necho "Unknown encoder %%slibx264%%s"\nexit 1\n' >slow/ffmpeg
refused "no encoder" 69 "*'d.mp4': ffmpeg cannot encode: Unknown encoder *" env PATH="$T/slow:$PATH" \
	sh -c 'segprep lib two >/dev/null'

# No room.
run_full segprep lib full
like "no file can grow" "$rc:$out" "74:*'a.mp4': nothing can be written any more: *: File too large"
is "no part is left, and nothing else" "$(files full)" ""
mkdir disk
if mount -t tmpfs -o size=64k none disk 2>/dev/null; then
	run segprep lib disk/cache
	like "a full disk" "$rc:$out:$(said)" \
		"74:disk/cache/a.mp4*:*'?.mp4': nothing can be written any more: *No space*"
	is "a full disk: no part is left" "$(find disk/cache -name '*.mp4' -o -name '*.part' | sort)" "$out"
	is "a full disk: what is there is whole" "$(packets disk/cache/a.mp4)" "$(packets good.mp4)"
else
	skip "a full disk" "needs the right to mount"
fi
run sh -c 'segprep lib two >/dev/full'
like "standard output cannot be written" "$rc:$(said)" "74:'two/a.mp4': standard output cannot be written"
run sh -c '{ segprep lib two; echo $? >code; } | :'
like "nor if nobody reads it" "$(cat code):$(said)" "74:'two/?.mp4': standard output cannot be written"

# A terminal sees how far it is.
run script -qec 'segprep lib terminal' /dev/null </dev/null
like "a terminal" "$rc:$out" \
	"0:*1 of 4, a.mp4, 0%*1 of 4, a.mp4, 9?%*'a.mp4': picture copied*4 of 4, d.mp4, *"
run sh -c 'JOURNAL_STREAM=$(stat -Lc %d:%i /dev/stderr) segprep lib journal'
like "the journal" "$rc:$err" "0:<6>[[]INFO] [[]segprep] 'a.mp4'*"
run env LOG_LEVEL=error segprep lib three
is "LOG_LEVEL" "$rc:$err" 0:
finish
