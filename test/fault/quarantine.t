#!/bin/sh
# The quarantine, by its driver: whatever happens to it, when the next one has tidied it one clip is
# in one place, whole.
. "$(dirname "$0")/every.sh"
quarantine=$plain/unit/clip/quarantine

# What stands at the names, one a line, with the whole contents of clips.
state() {
	for file in clips/* clips/.* q/* q/.*; do
		case $file in
		*/. | */..) ;;
		*.reason) echo "$file" ;;
		*)
			read -r line 2>/dev/null <"$file" || line=
			[ ! -f "$file" ] || echo "$file $line"
			;;
		esac
	done
}

# prepare: clips/1.mp4 and, for what needs one, the same in the quarantine.
prepare() {
	rm -rf clips q
	mkdir clips q
	echo "the whole clip" >clips/1.mp4
	touch -d @1000000000.000000007 clips/1.mp4
	"$setup"
}

out() { :; }
in_q() { "$quarantine" put clips/1.mp4; }
three() {
	in_q
	for i in 2 3; do
		echo "the whole clip" >clips/$i.mp4
		"$quarantine" put clips/$i.mp4
	done
}
half_done() { # what kills may leave, all at once
	three
	mv q/1.mp4.reason q/.1.mp4.moving
	mv q/2.mp4.reason q/.gone.mp4.moving
	cp q/3.mp4.reason q/orphan.reason
	: >q/.3.mp4.reason.77.tmp
}

# shellcheck disable=SC2086 # words
act() { "$@" "$quarantine" $does; }
# Allowed states after tidy, one a line, are in $allowed.
amiss() {
	"$quarantine" tidy q 2>err2 || echo "tidy: $(cat err2); "
	now=$(state | tr '\n' ';')
	case "
$allowed
" in
	*"
$now
"*) ;;
	*) echo "$now" ;;
	esac
	case $(stat -c %.9Y clips/1.mp4 q/1.mp4 2>/dev/null) in
	1000000000.000000007 | "") ;; # bound may have deleted it
	*) echo "another time; " ;;
	esac
	[ ! -e q/1.mp4.reason ] || case $("$quarantine" look 1.mp4) in
	"1.mp4 no-video "[34]" $T/clips/1.mp4") ;;
	*) echo "reason: $(cat q/1.mp4.reason); " ;;
	esac
}
# drill SETUP VERB ARGUMENT: of the driver's calls those count that come after q was opened.
begins='^\d* *(mkdir|open)\w*\(.*"q"' more_codes='0 1 2' silent=yes written=300
drill() {
	setup=$1 does="$2 $3"
	every "quarantine $2" 60
}

at_home="clips/1.mp4 the whole clip;"
inside="q/1.mp4 the whole clip;q/1.mp4.reason;"
allowed="$at_home
$inside"
drill out put clips/1.mp4
drill in_q release 1.mp4
allowed=$inside
drill in_q again 1.mp4
two="q/2.mp4 the whole clip;q/2.mp4.reason;"
one="q/3.mp4 the whole clip;q/3.mp4.reason;"
allowed="$inside$two$one
$two$one
$inside$one
$one"
drill three bound 1
allowed="${inside}q/2.mp4 the whole clip;$one"
drill half_done tidy q

# What the calls are: a link in the reason's place is not followed, and the reason is on
# the disk before the clip moves, for a power cut.
setup=out
prepare
strace -qq -o trace "$quarantine" put clips/1.mp4
order=$(sed -n 's/.*"\.1\.mp4\.moving", \(O_[A-Z_|]*\).*/\1/p
	s/^fsync.*/fsync/p
	s/^renameat2(.*"\(.*\)", [0-9]*, "\(.*\)".*/\1 \2/p' trace)
is "put: what comes after what" "$order" "O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC
fsync
1.mp4 1.mp4
.1.mp4.moving 1.mp4.reason"

# A reason is not lost because it cannot be put in place yet.
setup=in_q
prepare
mv q/1.mp4.reason q/.1.mp4.moving
run strace -qq -o /dev/null -e inject=renameat2:error=EIO "$quarantine" tidy q
is "tidy: EIO at the rename" "$rc" 1
ok "tidy: EIO at the rename: the reason is kept" [ -s q/.1.mp4.moving ]
run strace -qq -o /dev/null -e inject=getdents64:error=EIO "$quarantine" tidy q
is "tidy: EIO at reading the folder" "$rc" 1
setup=three
prepare
run strace -qq -o /dev/null -e inject=getdents64:error=EIO:when=2 "$quarantine" bound 1
is "bound: EIO at reading the folder: none is deleted" "$rc $(echo q/*.mp4)" \
	"1 q/1.mp4 q/2.mp4 q/3.mp4"
finish
