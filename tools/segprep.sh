#!/bin/bash
# segprep: makes the clips of a library fit one form, once, so that a station can play them as they are.
#
#   find_clips    what lies below SRC: identity and path
#   look_at       what ffprobe says of a clip: its streams, its packets
#   decide        what of it is copied, what is encoded, and why
#   make_clip     ffmpeg writes .segprep.part, segcheck judges it, then it gets its name
#
# What may take long is started behind a pipe, because a signal ends a read from it at once. It dies with this
# process, even if that is killed, and does not hold its lock.
set -uf
tool=segprep state=.segprep.tsv
export LC_ALL=C.UTF-8
PATH=$(cd "$(dirname "$0")" && pwd):$PATH # segcheck is beside it
declare -A priority=([DEBUG]=7 [INFO]=6 [WARN]=4 [ERROR]=3)
declare -A known=() wanted=() video=() audio=()
null='' delete='' dry='' rate='' size='' shown=6 worst=0 child='' part='' clear='' journal='' path=''
ready=0 done=0 lost=0 number=0
endings='mp4|m4v|mov|3gp|ts|mts|m2ts|mpg|mpeg|flv|mkv|webm|avi'
usage="usage: $tool [-0dn] [-r RATE] [-s WxH] SRC CACHE"

show_help() {
	cat <<X
$usage
Make a clip in CACHE of each clip below SRC: what fits is copied, the rest is encoded.

  -0, --null       paths end with NUL instead of a new line
  -d, --delete     delete clips from CACHE whose source is gone
  -n, --dry-run    say what would be done, and change nothing
  -r, --rate RATE  pictures per second, as 25 or 30000/1001 (those of each clip)
  -s, --size WxH   width and height, as 1280x720 (those of each clip)
  -h, --help       show this help and exit
  -V, --version    show the version and exit
  -v, --verbose    say more, as DEBUG=1 does
X
}

say() { # LEVEL TEXT
	local head
	[ "${priority[$1]}" -le "$shown" ] || return 0
	if [ -n "$journal" ]; then head="<${priority[$1]}>"; else printf -v head '[%(%F %T)T] ' -1; fi
	printf '%s%s[%s] [%s] %s\n' "$clear" "$head" "$1" "$tool" "$2" >&2
}

# escape TEXT: as $text, on one line. If it has what cannot be seen, each byte that is not ASCII is \xNN.
unseen=$'\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff'
escape() {
	text=$1
	[[ $1 == *[![:print:]]* || $1 == *["$unseen"]* || $1 == *\\* ]] || return 0
	local LC_ALL=C i byte
	text=''
	for ((i = 0; i < ${#1}; i++)); do
		byte=${1:i:1}
		[[ $byte == [[:print:]] && $byte != \\ ]] ||
			printf -v byte '\\x%02x' $(($(printf %d "'$byte") & 255))
		text+=$byte
	done
}

tell() { # LEVEL PATH TEXT: which goes on after the path
	local of
	escape "$2"
	of=$text
	escape "$3"
	say "$1" "'$of'$text"
}

die() { # CODE PATH TEXT
	tell ERROR "$2" "$3"
	exit "$1"
}

refuse() {
	escape "$1"
	say ERROR "$text"
	printf '%s\n' "$usage" "Try '$tool --help'." >&2
	exit 64
}

clean_up() {
	if [ -n "$child" ]; then kill -KILL "$child" && wait "$child"; fi 2>/dev/null
	[ -z "$part" ] || rm -f -- "$part"
	printf %s "$clear" >&2
}

# start COMMAND...: as $child; what it prints and says is read from descriptor 8. ended: its exit code.
start() {
	exec 8< <(exec setpriv --pdeathsig KILL "$@" 2>&1 </dev/null 9<&-)
	child=$!
}
ended() {
	local code
	wait "$child"
	code=$?
	child=''
	exec 8<&-
	return $code
}

# find_clips: as clips, "identity/path" of each, in natural order.
find_clips() {
	local cache_itself=()
	[ ! -e "$cache" ] || cache_itself=(-samefile "$cache" -prune -o)
	mapfile -d '' -t clips < <(
		exec 9<&-
		set -o pipefail
		export LC_ALL=C # names are bytes
		find "$src/" -mindepth 1 "${cache_itself[@]}" -type d -name '[._]*' -prune \
			-o -type f ! -name '.*' -regextype posix-extended -iregex ".*\.($endings)" \
			-printf '%i %s %T@/%P\0' | sort -z -t / -k 2V
	)
	wait $! && return
	tell WARN "$src" ": not all of it can be read, so nothing is deleted"
	worst=1 delete=''
}
identity() { find "$src/$path" -prune -printf '%i %s %T@'; }

# read_state: how each clip in CACHE was made, and of what. The last line may be torn.
read_state() {
	local source identity form result lines=0
	[ -e "$cache/$state" ] || return 0
	while IFS=$'\t' read -r source identity form result || [ -n "$source" ]; do
		lines=$((lines + 1))
		[[ -n $source && $result =~ ^(copy|encode),(copy|encode|silence)$ ]] || continue
		known[${source%.*}.mp4]=$source$'\t'$identity$'\t'$form$'\t'$result
	done <"$cache/$state"
	[ -n "$dry" ] || [ $lines -eq ${#known[@]} ] || write_state
}
write_state() {
	part=$cache/$state.part
	{
		printf '%s\n' "${known[@]}" >"$part" && sync -- "$part" && mv -fT -- "$part" "$cache/$state"
	} 2>/dev/null || die 74 "$cache/$state" ": it cannot be written"
	part=''
}

pick() { # ARRAY LINE: what ffprobe says of the first stream of its kind that is no cover
	local -n stream=$1
	local field IFS='|'
	[[ -z ${stream[index]-} && $2 != *attached_pic=1* ]] || return 0
	for field in $2; do
		[[ $field != *=* ]] || stream[${field%%=*}]=${field#*=}
	done
}

# look_at: fails with the reason as $why if there is nothing to be played, or not all of it.
look_at() {
	local line declared=N/A pictures there
	video=() audio=() why='ffprobe failed'
	# shellcheck disable=SC2054 # a list of names
	input=(-protocol_whitelist file -format_whitelist mov,mpegts,mpeg,flv,matroska,avi)
	input+=(-i "file:$src/$path")
	start ffprobe -v error "${input[@]}" -of compact -show_entries \
		"stream=index,codec_type,codec_name,profile,width,height,pix_fmt,field_order,\
sample_aspect_ratio,avg_frame_rate,sample_rate,channels:\
stream_disposition=attached_pic:stream_side_data=rotation:format=duration"
	while read -r -u 8 line; do
		case $line in
		*'stream|'*codec_type=video*) pick video "$line" ;;
		*'stream|'*codec_type=audio*) pick audio "$line" ;;
		'format|'*) declared=${line##*duration=} ;;
		?*) why=$line ;;
		esac
	done
	ended || return
	[ -n "${video[index]-}" ] || { why="there is no picture in it" && return 1; }
	start ffprobe -v error "${input[@]}" -of csv=p=0 \
		-show_entries packet=stream_index,pts_time,duration_time,flags
	read -r pictures there end groups at_rate together why < <(awk -F , -v video="${video[index]}" \
		-v audio="${audio[index]--1}" -v rate="$rate" "$judge_packets" <&8)
	ended || return
	[ "${pictures:-0}" -gt 0 ] || { why="no picture can be read: $why" && return 1; }
	awk -v there="$there" -v declared="$declared" 'BEGIN { exit there < declared * 0.99 - 1 }' ||
		{ why="it is cut short: $there of $declared s are there" && return 1; }
}

# Prints how many pictures there are, the seconds of all and of the pictures, whether groups of pictures are
# short and closed, whether the rate is the wanted one, whether the sound is as long as that, and errors.
# A group is open if a picture is shown before the keyframe that it comes after. Stamps may be rounded to
# milliseconds, and a camera may count its own seconds: to within 0.02 % a rate is the same.
judge_packets='
	!/^[0-9]+,/ { if ($0 != "") why = $0; next }
	$1 == video {
		key = $4 ~ /^K/
		if (!n++) { first = last = most = $2; bad = !key }
		if (key) { if ($2 - last > gap) gap = $2 - last; last = $2 }
		else if ($2 < last) bad = 1
		if ($2 == "N/A") bad = 1
		if ($2 > most) most = $2
		if ($2 + $3 > end) end = $2 + $3
	}
	$1 == audio { if (!sounds++) begin = $2; if ($2 + $3 > stop) stop = $2 + $3 }
	END {
		if (end - last > gap) gap = end - last
		split(rate, part, "/")
		off = n - 1 - (most - first) * part[1] / (part[2] ? part[2] : 1)
		zero = sounds && begin < first ? begin : first
		apart = begin - first > 0.5 || first - begin > 0.5 || stop - end > 1 || end - stop > 1
		groups = bad || gap > 2.05 ? "far-or-open" : "closed"
		at_rate = rate == "" || off * off <= (0.1 + n * 0.0002) ^ 2 ? "wanted" : "other"
		there = stop > end ? stop : end
		printf "%d %.6f %.6f %s %s %s %s\n", n, there - zero, end - zero, groups, at_rate,
			apart ? "other" : "whole", why
	}'

# unlike WHAT GOT PATTERN: what does not fit is added to misfits.
unlike() {
	# shellcheck disable=SC2053 # a pattern
	[[ $2 == $3 ]] || misfits+="${misfits:+, }$1 $2"
}

# decide: sets picture and sound to copy, encode or silence, and says to the words for it.
decide() {
	local misfits=''
	unlike codec "${video[codec_name]-none}" h264
	unlike pixels "${video[pix_fmt]-none}" yuv420p
	unlike fields "${video[field_order]-none}" progressive
	unlike rotation "${video[rotation]-0}" '?(-)0'
	unlike size "${video[width]}x${video[height]}" "${size:-*}"
	[ -z "$size" ] || unlike shape "${video[sample_aspect_ratio]-1:1}" '@(1:1|0:1|N/A)'
	unlike rate "$at_rate" wanted
	unlike keyframes "$groups" closed
	picture=copy says="picture copied"
	[ -z "$misfits" ] || picture=encode says="picture encoded ($misfits)"
	misfits=''
	unlike codec "${audio[codec_name]-none}" aac
	unlike profile "${audio[profile]-none}" LC
	unlike rate "${audio[sample_rate]-none}" 48000
	unlike channels "${audio[channels]-none}" 2
	unlike length "$together" whole
	sound=copy
	[ -z "$misfits" ] || sound=encode
	[ -n "${audio[index]-}" ] || sound=silence
	case $sound in
	copy) says+=", sound copied" ;;
	encode) says+=", sound encoded ($misfits)" ;;
	silence) says+=", silence added" ;;
	esac
}

# arguments: of ffmpeg, for what was decided.
arguments() {
	local pace=${rate:-${video[avg_frame_rate]-}} filter=''
	from=() to=(-map "0:${video[index]}")
	[[ $pace =~ ^[1-9][0-9]*(/[1-9][0-9]*)?$ ]] || pace=25
	[[ ${video[field_order]-} == progressive ]] || filter=yadif=deint=interlaced,
	filter+="fps=$pace,scale=trunc(iw*sar/2)*2:trunc(ih/2)*2,setsar=1"
	[ -z "$size" ] || filter+=",scale=${size/x/:}:force_original_aspect_ratio=decrease\
:force_divisible_by=2,pad=${size/x/:}:(ow-iw)/2:(oh-ih)/2,setsar=1"
	local two_seconds=$((2 * pace)) # in pictures
	case $picture in
	copy) to+=(-c:v copy) ;;
	encode) to+=(-vf "$filter" -pix_fmt yuv420p -c:v libx264 -preset medium -crf 20
		-g $((two_seconds > 0 ? two_seconds : 1)) -flags +cgop) ;;
	esac
	case $sound in
	copy) to+=(-map "0:${audio[index]}" -c:a copy) ;;
	encode) to+=(-map "0:${audio[index]}" -c:a aac -b:a 160k -ar 48000 -ac 2
		-af "aresample=async=1:first_pts=0,apad=whole_dur=$end,atrim=end=$end") ;;
	silence) from=(-f lavfi -i "anullsrc=r=48000:cl=stereo:d=$end") to+=(-map 1:0 -c:a aac) ;;
	esac
}

# is_full TEXT: it says so at its end; what is before it may be a name.
is_full() {
	local reasons='No space left on device|Disk quota exceeded|File too large|Read-only file system'
	[[ $1 =~ (: |\()($reasons)\)?$ ]]
}

# leave_out TEXT: the clip is not made. That is the end where no other can be made either.
leave_out() {
	[ -z "$part" ] || rm -f -- "$part"
	part=''
	is_full "$1" && die 74 "$path" ": nothing can be written any more: $1"
	case $1 in
	"Unknown encoder "* | *": Encoder not found") die 69 "$path" ": ffmpeg cannot encode: $1" ;;
	esac
	tell WARN "$path" " is left out: $1"
	worst=1 lost=$((lost + 1))
}

show_progress() { # PERCENT
	[ -z "$clear" ] ||
		printf '%s%d of %d, %s, %d%%' "$clear" "$number" ${#clips[@]} "${name:0:50}" "$1" >&2
}

# encode: into $part. Fails with the reason as $why.
encode() {
	local line length=$((10#${end/./})) reached=0 full=''
	why='ffmpeg failed'
	start ffmpeg -nostdin -v error -progress pipe:1 -y "${input[@]}" "${from[@]}" "${to[@]}" \
		-map_metadata -1 -map_chapters -1 -f mp4 "file:$part"
	while read -r -u 8 line; do
		if [[ $line =~ ^out_time_us=([0-9]+)$ ]]; then
			reached=${BASH_REMATCH[1]}
			show_progress $((100 * reached / (length + 1)))
		elif [[ ! $line =~ ^[a-z0-9_]+= ]]; then
			if is_full "$line"; then full=$line; else why=$line; fi
		fi
	done
	ended && [ -z "$full" ] || { why=${full:-$why} && return 1; } # some write errors end in exit code 0
	why="only the first $((reached / 1000000)) of $((length / 1000000)) s can be decoded"
	[ $((reached + 1000000)) -ge $((length / 10 * 9)) ]
}

# judge: what ffmpeg made, by segcheck, as a station will. Fails with the reason as $why.
judge() {
	local line code
	start segcheck -p youtube "$part"
	while read -r -u 8 line; do why="what was made of it is bad: ${line##* is bad, }"; done
	ended
	code=$?
	[ $code -le 1 ] || die $code "$path" ": segcheck failed: ${why#*: }"
	return $code
}

# put_in_place: what was made, for good, unless the source has changed.
put_in_place() {
	[ "$(identity 2>&1)" = "$identity" ] || { why="it changed while it was read" && return 1; }
	why=$({ sync -- "$part" && mv -fT -- "$part" "$target" && sync -- "${target%/*}"; } 2>&1) || return
	part=''
	known[${name%.*}.mp4]=$name$'\t'$identity$'\t'$form$'\t'$picture,$sound
	printf '%s\n' "${known[${name%.*}.mp4]}" 2>/dev/null >>"$cache/$state" ||
		die 74 "$cache/$state" ": it cannot be written"
}

make_clip() {
	why=$(mkdir -p -- "${target%/*}" 2>&1) || return
	part=${target%/*}/.segprep.part
	rm -f -- "$part"
	arguments
	encode && judge && put_in_place
}

# prepare IDENTITY/PATH: prints the clip's path in CACHE when it is there.
prepare() {
	identity=${1%%/*} path=${1#*/} number=$((number + 1))
	escape "$path"
	name=$text target=$cache/${path%.*}.mp4
	local key=${name%.*}.mp4
	[ -z "${wanted[$key]-}" ] ||
		{ leave_out "its place in CACHE is that of '${wanted[$key]}'" && return; }
	wanted[$key]=$path
	[[ -n $null || $path != *[[:cntrl:]]* ]] ||
		{ leave_out "a line cannot hold a name with control bytes; -0 can" && return; }
	if [[ ${known[$key]-} == "$name"$'\t'"$identity"$'\t'"$form"$'\t'* && -f $target ]]; then
		tell DEBUG "$path" " is ready"
		ready=$((ready + 1))
	else
		show_progress 0
		look_at || { leave_out "$why" && return; }
		decide
		done=$((done + 1))
		[ -z "$dry" ] || { tell INFO "$path" ": to be done: $says" && return; }
		make_clip || { done=$((done - 1)) && leave_out "$why" && return; }
		tell INFO "$path" ": $says"
	fi
	if [ -n "$null" ]; then printf '%s\0' "$target"; else printf '%s\n' "$target"; fi 2>/dev/null ||
		die 74 "$target" ": standard output cannot be written"
}

# delete_gone: of what was made in CACHE, that whose source is gone.
delete_gone() {
	local clip gone=() key
	[ ${#clips[@]} -gt 0 ] || { tell WARN "$src" ": there is no clip, so nothing is deleted" && return; }
	mapfile -d '' -t gone < <(LC_ALL=C find "$cache/" -mindepth 1 -name '.*' -prune \
		-o -type f -name '*.mp4' -printf '%P\0')
	for clip in "${gone[@]}"; do
		escape "$clip"
		key=$text
		[[ -n ${known[$key]-} && -z ${wanted[$key]-} ]] || continue
		[ -z "$dry" ] || { tell INFO "$cache/$clip" ": to be deleted: it has no source" && continue; }
		why=$(rm -f -- "$cache/$clip" 2>&1) || die 74 "$cache/$clip" ": it cannot be deleted: $why"
		[[ $clip != */* ]] || (cd -- "$cache" && rmdir -p --ignore-fail-on-non-empty -- "${clip%/*}")
		tell INFO "$cache/$clip" ": deleted: it has no source"
	done
}

read_options() {
	local level=${LOG_LEVEL:-INFO} words
	[ ! -t 2 ] || clear=$'\r\e[K'
	[ -z "${JOURNAL_STREAM-}" ] || [ "$JOURNAL_STREAM" != "$(stat -Lc %d:%i /dev/stderr)" ] || journal=1
	case ${level^^} in
	DEBUG | INFO | WARN | ERROR) shown=${priority[${level^^}]} ;;
	*) tell WARN "$level" ": LOG_LEVEL is none of DEBUG INFO WARN ERROR: using INFO" ;;
	esac
	[ "${DEBUG-}" != 1 ] || shown=7
	words=$(getopt -n $tool -o 0dhnr:s:Vv -l null,delete,help,dry-run,rate:,size:,version,verbose \
		-- "$@" 2>&1) ||
		{ words=${words%%$'\n'*} && refuse "${words#"$tool: "}"; }
	eval "set -- $words"
	while [ "$1" != -- ]; do
		case $1 in
		-0 | --null) null=1 ;;
		-d | --delete) delete=1 ;;
		-n | --dry-run) dry=1 ;;
		-r | --rate) rate=$2 && shift ;;
		-s | --size) size=$2 && shift ;;
		-h | --help) show_help && exit ;;
		-V | --version) segcheck --version | sed "s/^segcheck/$tool/" && exit ;;
		-v | --verbose) shown=7 ;;
		esac
		shift
	done
	shift
	[ $# -eq 2 ] && [ -n "$1" ] && [ -n "$2" ] || refuse "SRC and CACHE are needed, and nothing else"
	[[ -z $rate || $rate =~ ^([1-9][0-9]{0,2}|[1-9][0-9]{0,6}/[1-9][0-9]{0,4})$ && $((rate)) -ge 1 &&
		$((rate)) -le 240 ]] || refuse "option -r: '$rate' is not from 1 to 240, as 25 or 30000/1001"
	[[ -z $size || $size =~ ^[1-9][0-9]{0,3}[02468]x[1-9][0-9]{0,3}[02468]$ ]] ||
		refuse "option -s: '$size' is not WIDTHxHEIGHT in even numbers, as 1280x720"
	src=${1%"${1##*[!/]}"} cache=${2%"${2##*[!/]}"} # without slashes at the end
	[[ $src != -* ]] || src=./$src
	[[ $cache != -* ]] || cache=./$cache
	form="${size:-any} ${rate:-any}"
}

# open_folders: what is named is there, can be used, and is not used by another one.
open_folders() {
	local program
	for program in ffmpeg ffprobe; do
		command -v $program >/dev/null || die 69 $program ": it is not installed"
	done
	[[ -d $src/ && -r $src/ && -x $src/ ]] || die 66 "$src" ": there is no such folder that can be read"
	case $(realpath -- "$src/")/ in
	"$(realpath -m -- "$cache/")"/*) refuse "SRC '$src' must not be or lie in CACHE '$cache'" ;;
	esac
	[ -z "$dry" ] || return 0
	[ -d "$cache/" ] || why=$(mkdir -- "$cache" 2>&1) || die 74 "$cache" ": $why"
	{ exec 9<"$cache/"; } 2>/dev/null || die 74 "$cache" ": it cannot be read"
	flock -n 9 || die 75 "$cache" ": another $tool works in it"
	find "$cache/" -name .segprep.part -type f -delete # of one that was killed
}

trap clean_up EXIT
trap 'exit 1' HUP INT TERM
trap '' PIPE
read_options "$@"
open_folders
renice -n 19 -p $$ >/dev/null 2>&1
ionice -c 3 -p $$ 2>/dev/null
read_state
find_clips
for clip in "${clips[@]}"; do
	prepare "$clip"
done
[ -z "$delete" ] || delete_gone
[ $((done + lost)) -eq 0 ] || tell INFO "$src" ": $ready were ready, $done ${dry:+to be }done, $lost left out"
exit $worst
