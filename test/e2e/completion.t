#!/bin/sh
# Completion of each tool: its own options, IDs of stations, files; as installed.
. "$(dirname "$0")/../lib.sh"
mkdir -p run/streamhub.d/cam1 run/streamhub.d/cam2
mkdir -p etc/streamhub/stations
touch camera.hb etc/streamhub/stations/cam3.conf etc/streamhub/stations/cam4

offered() { # TOOL WORD [BEFORE]: what is offered
	sed "s/^complete .*/& $1/" "$top/contrib/completion/streamhub" >script
	bash -c '. ./script
		COMP_WORDS=("$1" "${@:3}" "$2")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_streamhub "$1"
		complete -p "$1" >/dev/null && printf "%s\n" "${COMPREPLY[@]}"' bash "$@" | sort | tr '\n' ' '
}
for tool in $(sed -n 's/^TOOLS := //p' "$top/Makefile"); do
	is "$tool: --ver" "$(offered "$tool" --ver)" "--verbose --version "
	is "$tool: -h" "$(offered "$tool" -h)" "-h "
	case $tool in
	stationctl | stationrun) is "$tool: no file" "$(offered "$tool" camera start)" " " ;;
	*) is "$tool: a file" "$(offered "$tool" camera)" "camera.hb " ;;
	esac
done
is "stalecheck: IDs and files" "$(offered stalecheck cam)" "cam1 cam2 camera.hb "
is "stalecheck: a long option of its own" "$(offered stalecheck --st)" "--stale-after "
is "stationrun: IDs with settings, no files" "$(offered stationrun cam)" "cam3 "
is "stationctl: verbs" "$(offered stationctl st)" "start start-all status stop stop-all "
is "stationctl: no file for a verb" "$(offered stationctl camera)" " "
is "stationctl: IDs after a verb" "$(offered stationctl cam start)" "cam3 "
is "stationctl: what is cleaned" "$(offered stationctl "" clean)" "failed played temp "
is "stationctl: IDs of lists" "$(offered stationctl cam playlist)" "cam3 "
is "stationctl: what is done with a list" "$(offered stationctl "" playlist cam3)" "add move next remove "
is "stationctl: which clip" "$(offered stationctl camera. playlist cam3 add)" "camera.hb "
is "stationctl: an option after a verb" "$(offered stationctl --pa stop-all)" "--pause "
is "streamhub-drill: drills" "$(offered streamhub-drill server)" "server-frozen server-gone "
is "hbwrite: no IDs" "$(offered hbwrite cam1)" " "
finish
