#!/bin/sh
# rtmppush --audio aac: whatever sound clips have becomes AAC of one session, beside its pictures.
. "$(dirname "$0")/../idle.sh"

# flash FILE OPTION...: 2 s; at 1.0 s the picture is white for a tenth of a second, and a tone is heard.
flash() {
	file=$1
	shift
	ffmpeg -v error -nostdin -f lavfi \
		-i "color=black:s=96x64:r=25:d=2,drawbox=c=white:t=fill:enable='between(t,1,1.09)'" \
		-f lavfi -i "aevalsrc='0.5*sin(2*PI*1000*t)*between(t,1,1.1)':s=48000:d=2" \
		-c:v libx264 -g 25 -bf 0 -threads 1 -pix_fmt yuv420p "$@" "$file" || exit 99
}
flash alaw.mov -ar 8000 -ac 1 -c:a pcm_alaw
flash ulaw.mkv -ar 8000 -ac 1 -c:a pcm_mulaw
flash pcm.mkv -ar 16000 -ac 2 -c:a pcm_s16le
flash big.mov -ar 44100 -ac 1 -c:a pcm_s16be
flash deep.mov -ar 48000 -ac 1 -c:a pcm_s24le
flash opus.mkv -ac 1 -c:a libopus
flash low.mp4 -ar 16000 -ac 1 -c:a aac
flash low.ts -ar 8000 -ac 1 -c:a aac
flash layer3.ts -ar 32000 -c:a libmp3lame
flash six.mkv -ac 6 -c:a ac3
flash g726.mkv -ar 8000 -ac 1 -c:a adpcm_ima_wav
# The picture begins somewhat later, so that sound which is held back is from before it.
ffmpeg -v error -nostdin -itsoffset 0.03 -i alaw.mov -i alaw.mov -map 0:v -map 1:a -c copy late.mov
flash plain.mp4 -ar 44100 -ac 2 -c:a aac
flash plain.ts -ar 48000 -ac 1 -c:a aac
flash mute.mp4 -an
flash short.mov -ar 8000 -ac 1 -c:a pcm_alaw -af atrim=end=1.5

# sends OPTION... FILE...: to the server; leaves the recording.
sends() {
	rm -rf rec
	nginx_starts
	printf '%s\n' "$@" >list
	run rtmppush -s live --audio aac <list
	is "$1 and others: played" "$rc:$out" "0:$(cat list)"
	nginx_ends
	is "$1 and others: one session" "$(ls rec | wc -l):$(echo "$err" | grep -c connected)" 1:1
	is "$1 and others: no warning" "$(echo "$err" | grep -v INFO)" ""
	recording=$(ls -d rec/*)
	decode "$recording"
	is "$1 and others: decoded without a complaint" "$rc:$err" 0:
	# Some of their sound is longer than their picture, by less than two of its frames.
	is "$1 and others: no picture is missing, nor late" "$(steps "$recording" v 300)" ""
	is "$1 and others: the sound never pauses" "$(steps "$recording" a 45)" ""
}

# risen STREAM FILTER KEY MOST: when, in ms, a value that a filter gives for each frame rises above that.
risen() {
	ffmpeg -v error -nostdin -i "$recording" -map "0:$1" "-filter:$1" "$2=print:key=lavfi.$3:file=-" \
		-fps_mode passthrough -enc_time_base:v 1:1000 -f null - |
		awk -v most="$4" '/pts_time/ { sub(/.*pts_time:/, ""); t = $0 * 1000 }
			/=/ { sub(/.*=/, ""); high = $0 != "-inf" && $0 + 0 > most
				if (high && !was) print t; was = high }'
}
flashes() { risen v signalstats,metadata signalstats.YAVG 128 >flashes; }

# counted: when tones begin, by the samples from the first packet on, whatever stamps the others have.
# stamped: by the stamps of their packets, of 21 ms.
counted() {
	ffmpeg -v error -nostdin -i "$recording" -vn -ac 1 -ar 48000 -f s16le - |
		perl -e 'local $/; my @s = unpack "s<*", <STDIN>; my $quiet = 9999;
			for (0 .. $#s) { if (abs $s[$_] < 2000) { $quiet++; next }
				print int($_ / 48 + $ARGV[0]), "\n" if $quiet > 4800; $quiet = 0 }' \
			"$(stamps "$recording" a | head -n 1)" >tones
}
stamped() { risen a astats=metadata=1:reset=1,ametadata astats.Overall.RMS_level -20 >tones; }

# apart: for each tone, how many ms it is behind its flash.
apart() {
	awk 'NR == FNR { flash[NR] = $1; next } { least = 1e9
		for (i in flash) if (($1 - flash[i]) ^ 2 < least ^ 2) least = $1 - flash[i]
		printf "%d ", least }' flashes tones
}
together() { # N: so many, each within 40 ms
	echo "$1" | tr ' ' '\n' | grep . |
		awk -v n="$2" '{ bad += $1 < -40 || $1 > 40 } END { exit bad > 0 || NR != n }'
}

sends alaw.mov ulaw.mkv pcm.mkv big.mov deep.mov opus.mkv low.mp4 low.ts layer3.ts six.mkv g726.mkv alaw.mov
flashes
counted
apart=$(apart)
ok "each tone with its flash, by samples: $apart" together "$apart" 12
is "the sound of one encoder" "$(ffprobe -v error -select_streams a \
	-show_entries stream=codec_name,profile,sample_rate -of csv=p=0 "$recording")" aac,LC,48000

# What passes as it is, what has none, and what has too little. Where sound as it is follows on encoded
# sound, their samples overlap by up to a frame.
sends late.mov mute.mp4 plain.mp4 alaw.mov mute.mp4 short.mov plain.ts alaw.mov plain.mp4 mute.mp4 alaw.mov
flashes
stamped
apart=$(apart)
ok "each tone with its flash: $apart" together "$apart" 8
finish
