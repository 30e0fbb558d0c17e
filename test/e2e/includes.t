#!/bin/sh
# test/includes: the tree as it is passes; one forbidden edge of each kind, added to a copy, does not.
. "$(dirname "$0")/../lib.sh"
# shellcheck disable=SC2154 # lib.sh's
fresh() {
	rm -rf tree
	mkdir tree
	cp -r "$top/libcommon" "$top/tools" "$top/fs" "$top/Makefile" tree
}
fresh
run perl "$top/test/includes" tree
like "the tree as it is" "$rc:$err:$out" "0::* files, * edges, 0 refused; modules: *"

refused() { # WHAT FILE LINE MESSAGE
	fresh
	sed -i "1i $3" "tree/$2"
	run perl "$top/test/includes" tree
	like "refused: $1" "$rc:$err" "1:includes: $4*"
}
refused "against the arrow" libcommon/base/text.c '#include "station/station.h"' \
	'libcommon/base/text.c: "station/station.h" is not behind the arrow of base/'
refused "against the arrow, in a header" libcommon/clip/order.h '#include "media/av.h"' \
	'libcommon/clip/order.h: "media/av.h" is not behind the arrow of clip/'
refused "libcommon's without its folder" libcommon/station/check.c '#include "grounds.h"' \
	'libcommon/station/check.c: "grounds.h" is not behind the arrow of station/'
refused "another tool's" tools/segcheck/main.c '#include "watch.h"' \
	'tools/segcheck/main.c: "watch.h" is neither libcommon'
refused "another tool's, by its path" tools/segcheck/main.c '#include "../camwatch/watch.h"' \
	'tools/segcheck/main.c: "../camwatch/watch.h" is neither libcommon'
refused "the name of a stage" libcommon/service/bus.c 'static const char tool[] = "segcheck";' \
	'libcommon/service/bus.c: "segcheck" stands in libcommon/station/stage.c alone'
refused "the name of another stage" tools/hbwrite.c 'static const char tool[] = "orchestrate";' \
	'tools/hbwrite.c: "orchestrate" stands in libcommon/station/stage.c alone'
refused "a cycle" libcommon/base/text.h '#include "base/msg.h"' 'in a cycle: libcommon/base/'

fresh
: >tree/libcommon/base/lonely.h
printf '#include "base/lonely.h"\n' >tree/libcommon/base/lonely.c
run perl "$top/test/includes" tree
is "refused: no tool needs it" "$rc:$err" "1:includes: libcommon/base/lonely.h is needed by no tool"
sed -i '1i #include "base/lonely.h"' tree/tools/hbwrite.c
run perl "$top/test/includes" tree
is "refused: one tool needs it" "$rc:$err" "1:includes: libcommon/base/lonely.h is needed by hbwrite alone"
sed -i 's/^AHEAD :=/& base/' tree/Makefile
run perl "$top/test/includes" tree
is "one tool needs it, and the second is still to come" "$rc:$err" "0:"
sed -i 's/^AHEAD := base/AHEAD :=/' tree/Makefile
sed -i '1i #include "base/lonely.h"' tree/fs/view.c
run perl "$top/test/includes" tree
is "two tools need it" "$rc:$err" "0:"
finish
