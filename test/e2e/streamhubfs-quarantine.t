#!/bin/sh
# streamhubfs and the quarantine: files of any name and size, nothing else, and only for those who may read
# them there; the rights that it has itself.
. "$(dirname "$0")/../view.sh"
need_view
waiting_station
view_start || exit 99

# The quarantine shows what lies in it and nothing else.
echo secret >outside
ln -s "$T/outside" drop/_failed/link
ln -s "$T" drop/_failed/root
mkfifo drop/_failed/fifo
mkdir drop/_failed/folder
echo hidden >drop/_failed/.hidden
odd=$(printf 'new\nline \033[31m\377')
echo odd >"drop/_failed/$odd"
head -c 3000000 /dev/urandom >drop/_failed/big
is "quarantine: its files" "$(ls $s/failed | wc -l)" 3
ok "quarantine: a large one" cmp $s/failed/big drop/_failed/big
is "quarantine: any name" "$(cat "$s/failed/$odd")" odd
for name in link root fifo folder .hidden; do
	ok "quarantine: no $name" [ ! -e "$s/failed/$name" ]
done
rm drop/_failed/big
ok "quarantine: it is gone" [ ! -e $s/failed/big ]
mv drop/_failed elsewhere
ln -s "$T/elsewhere" drop/_failed
is "quarantine: a link in its place" "$(ls $s/failed 2>/dev/null)" ""
rm drop/_failed
mv elsewhere drop/_failed
if [ "$(id -u)" -eq 0 ]; then
	echo mine >drop/_failed/private
	chmod 600 drop/_failed/private
	ok "quarantine: a private file stays private" sh -c \
		"! setpriv --reuid 65534 --regid 65534 --clear-groups cat $s/failed/private 2>/dev/null"
	mkdir -p var/lib/streamhub/1
	echo said >var/lib/streamhub/1/log
	is "log: for all to read" "$(as_nobody cat $s/log)" said
	chmod 700 var/lib/streamhub/1
	private() { ! as_nobody cat $s/log 2>/dev/null; }
	ok "log: private, when its folder is" wait_for 5 private
	chmod 755 var/lib/streamhub/1
	echo bad >drop/_failed/open
	is "quarantine: for all to read" "$(as_nobody cat $s/failed/open)" bad
	mkdir outer
	chmod 700 outer
	mv drop outer
	echo "WATCH_DIR=$T/outer/drop" >$settings/1.conf
	private() { ! as_nobody cat $s/failed/open 2>/dev/null; }
	ok "quarantine: private, when a folder above it is" wait_for 5 private
	is "quarantine: not for root" "$(cat $s/failed/open)" bad
	mv outer/drop .
	rmdir outer
	rm drop/_failed/open var/lib/streamhub/1/log
	echo "WATCH_DIR=$T/drop" >$settings/1.conf
	is "quarantine: but root may" "$(cat $s/failed/private)" mine
	is "quarantine: its mode" "$(stat -c %a $s/failed/private)" 400
	chmod 750 drop
	denied() { ! as_nobody ls $s/failed >/dev/null 2>&1; }
	ok "quarantine: what the drop folder denies is denied" wait_for 5 denied
	is "others may read the rest" "$(as_nobody cat $s/state)" waiting
	chmod 755 drop

	# Rights: none to write, and of root's one, to read.
	is "another user" "$(awk '/^Uid:/ { print $2 $3 $4 $5 }' /proc/$view/status)" \
		"$(printf '65534%.0s' 1 2 3 4)"
	is "one capability: CAP_DAC_READ_SEARCH" \
		"$(awk '/^Cap(Prm|Eff|Inh|Amb):/ { print $2 }' /proc/$view/status | tr '\n' ' ')" \
		"0000000000000000 0000000000000004 0000000000000004 0000000000000000 "
	echo "WATCH_DIR=$T/$v/stations/1" >$settings/1.conf
	is "settings that lead back into the view: no hang" "$(timeout 10 cat $s/state)" waiting
	echo "WATCH_DIR=$T/drop" >$settings/1.conf
else
	skip "private files, rights" "needs root"
fi
finish
