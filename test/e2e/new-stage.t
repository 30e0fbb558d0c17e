#!/bin/sh
# new-stage: a stage that is made up, added to a copy of the tree as CONTRIBUTING.md says, is in the
# pipeline, the units, the facts and the view.
. "$(dirname "$0")/../lib.sh"
mkdir tree
for part in Makefile libcommon fs tools contrib test; do cp -r "$top/$part" tree; done
cd tree || exit 99

# 1. The row.
sed -i 's/^\tSTAGE_RTMPPUSH,$/\tSTAGE_SEGPASS,\n&/' libcommon/station/stage.h
row='\t[STAGE_SEGPASS] = {"segpass", "segpass", {"-s", "@live"},\n\t\t.is_on = unpacks, .is_shown = true},'
sed -i "s/^\t\[STAGE_RTMPPUSH\] = /$row\n&/" libcommon/station/stage.c
# 2. The tool.
cat >tools/segpass.c <<'X'
#include <stdio.h>
int main(void)
{
	for (int c; (c = getchar()) != EOF;)
		putchar(c);
	return 0;
}
X
sed -i 's/^TOOLS := /&segpass /' Makefile
# 3. Its unit and its FIFO, and the others' list of all stages.
sed -i 's/^\(PartOf=streamhub@\|Conflicts=\|After=camwatch@\|Wants=\).*/& segpass@%i.service/' \
	contrib/systemd/*@.service contrib/systemd/*@.socket contrib/systemd/*@.target
for kind in service socket; do
	sed -e 's/segunpack/segpass/g' -e 's/segcheck/rtmppush/g' -e '/^PartOf=/d' \
		-e 's/^ExecStart=.*/ExecStart=segpass -s %t\/streamhub.d\/%i/' \
		"contrib/systemd/segunpack@.$kind" >"contrib/systemd/segpass@.$kind"
	part_of=$(grep -h ^PartOf= contrib/systemd/hbwrite@.socket | sed 's/ segpass@%i.service//')
	sed -i "/^\[Unit\]/a $part_of" "contrib/systemd/segpass@.$kind"
done
sed -i 's/^PartOf=.*/& segpass@%i.service/' contrib/systemd/segpass@.socket

run make -s CFLAGS=-O0 build/segpass build/stationrun build/stationctl build/streamhubfs \
	build/unit/station/stage build/unit/fs/tree
is "it is built: $(grep error: "$T/.err")" "$rc" 0
for unit in station/stage fs/tree; do
	run build/unit/$unit
	is "$unit" "$rc" 0
done
run sh -c "BIN='$T/tree/build' PLAIN='$T/tree/build' test/e2e/stages.t"
is "the units are as the table" "$rc:$(echo "$out" | grep '^not ok')" 0:
like "the pipeline has it" "$out" "*ok * - segpass: its unit runs what stationrun runs*"

PATH=$T/tree/build:$PATH
mkdir -p "$T/etc/streamhub/stations" "$T/drop"
printf '%s\n' "WATCH_DIR=$T/drop" RTMP_URL=rtmp://127.0.0.1/live/x UNPACK=yes \
	>"$T/etc/streamhub/stations/a.conf"
run stationrun -n a
like "between its neighbours" "$(echo "$out" | tr -d '\n')" \
	"*segcheck *|*segpass -s $T/run/streamhub.d/a |*rtmppush *"
run stationctl unit a
like "the one before it writes to it" "$out" \
	"*/segcheck@a.service.d/*StandardOutput=file:%t/streamhub.fifo/%i.segpass
Sockets=segpass@%i.socket*/segpass@a.service.d/*"
finish
