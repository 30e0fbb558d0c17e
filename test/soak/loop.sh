#!/bin/sh
# loop.sh DIR URL [AGE]: what many people run in the place of streamhub, as written by somebody
# who takes care: the oldest clip first, none that was written to in the last AGE seconds (30), bad
# ones out of the way, and none removed that was not played. versus.sh puts it beside a station.
dir=$1 url=$2 age=${3:-30}
mkdir -p "$dir/failed"
while :; do
	clip=$(find "$dir" -maxdepth 1 -name '*.mp4' ! -newermt "-$age seconds" -printf '%T@ %p\n' |
		sort -n | head -n 1 | cut -d ' ' -f 2-)
	if [ -z "$clip" ]; then
		sleep 1
	elif ! ffprobe -v error "$clip" >/dev/null; then
		mv "$clip" "$dir/failed/"
	elif ffmpeg -v error -nostdin -re -i "$clip" -c copy -f flv "$url"; then
		rm "$clip"
	else # the server, most likely: the same clip again
		sleep 1
	fi
done
