#include "media/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BIT(code) (UINT64_C(1) << (code))

static const struct {
	const char *name, *text;
} codes[REPORT_CODES] = {
	[REPORT_DIED] = {"parser-died", "the parser died of it"},
	[REPORT_TIMEOUT] = {"parser-timeout", "the parser came to no end"},
	[REPORT_EMPTY] = {"empty", "there is nothing in it"},
	[REPORT_PLAYLIST] = {"playlist", "it names other media and holds none"},
	[REPORT_UNKNOWN] = {"unknown", "it is in no known container"},
	[REPORT_NO_INDEX] = {"no-index", "the container was never finished"},
	[REPORT_TRUNCATED] = {"truncated", "its end is missing"},
	[REPORT_STRUCTURE] = {"structure", "its parts do not fit each other"},
	[REPORT_GAPS] = {"gaps", "parts in the middle are missing"},
	[REPORT_ENCRYPTED] = {"encrypted", "it is encrypted"},
	[REPORT_OPEN] = {"unreadable", "the container cannot be read"},
	[REPORT_NO_VIDEO] = {"no-video", "there is no video stream"},
	[REPORT_NO_CODEC] = {"no-codec", "the video codec is not known"},
	[REPORT_NO_SIZE] = {"no-size", "the video has no width or height"},
	[REPORT_NO_HEADER] = {"no-header", "the video codec's header is missing"},
	[REPORT_NO_PACKETS] = {"no-packets", "the video stream is empty"},
	[REPORT_ZEROS] = {"zeros", "there are zeros where video should be"},
	[REPORT_PACKETS] = {"packets", "video packets are damaged"},
	[REPORT_NO_KEYFRAME] = {"no-keyframe", "no keyframe comes soon"},
	[REPORT_TIMES] = {"times", "time stamps do not grow"},
	[REPORT_RUNS_ON] = {"runs-on", "it lasts longer than it may"},
	[REPORT_PACE] = {"pace", "pictures come too slowly or too fast"},
	[REPORT_APART] = {"apart", "picture and sound do not go together"},
	[REPORT_UNPLAYABLE] = {"unplayable", "it cannot be played"},
	[REPORT_VIDEO_CODEC] = {"video-codec", "RTMP cannot carry the video"},
	[REPORT_AUDIO_CODEC] = {"audio-codec", "RTMP cannot carry the audio"},
	[REPORT_AUDIO_PLATFORM] = {"audio-platform",
		"platforms play the audio as silence"},
	[REPORT_NO_AUDIO] = {"no-audio", "there is no audio stream"},
	[REPORT_KEYFRAMES] = {"keyframes", "keyframes are far apart"},
	[REPORT_DURATION] = {"duration", "the declared duration is wrong"},
	[REPORT_PARAMETERS] = {"parameters", "codec parameters change on the way"},
	[REPORT_EQUAL_TIMES] = {"equal-times", "some time stamps are equal"},
	[REPORT_UNEVEN] = {"uneven", "picture and sound do not begin or end together"},
	[REPORT_OUTSIDE] = {"outside", "bytes lie before or behind the clip"},
};

static const struct {
	const char *name, *demuxer;
} containers[REPORT_CONTAINERS] = {
	[REPORT_NO_CONTAINER] = {"", ""},
	[REPORT_MP4] = {"mp4", "mp4"},
	[REPORT_FMP4] = {"fmp4", "mp4"},
	[REPORT_TS] = {"mpegts", "mpegts"},
	[REPORT_FLV] = {"flv", "flv"},
	[REPORT_MATROSKA] = {"matroska", "matroska"},
	[REPORT_AVI] = {"avi", "avi"},
};

/* A clip with one of these is of no use for any profile. */
#define BROKEN (BIT(REPORT_UNPLAYABLE + 1) - 1)
#define RTMP (BROKEN | BIT(REPORT_VIDEO_CODEC) | BIT(REPORT_AUDIO_CODEC))
#define PLATFORM (RTMP | BIT(REPORT_AUDIO_PLATFORM))
#define SOUND \
	(BIT(REPORT_AUDIO_CODEC) | BIT(REPORT_AUDIO_PLATFORM) | BIT(REPORT_NO_AUDIO))

enum { ANY, FOR_RTMP, YOUTUBE, TWITCH, PROFILES };

const char *const report_profiles[PROFILES + 1] = {
	[ANY] = "any", [FOR_RTMP] = "rtmp", [YOUTUBE] = "youtube", [TWITCH] = "twitch"};

static const struct report_profile profiles[PROFILES] = {
	[ANY] = {.refused = BROKEN},
	[FOR_RTMP] = {.refused = RTMP, .keyframe_ms = 10000},
	[YOUTUBE] = {.refused = PLATFORM, .keyframe_ms = 4000, .needs_sound = true},
	[TWITCH] = {.refused = PLATFORM, .keyframe_ms = 2000, .needs_sound = true},
};

enum { BY_PROFILE = REPORT_AAC + 1, SOUNDS };

const char *const report_sounds[SOUNDS + 1] = {[REPORT_KEEP] = "keep",
	[REPORT_SILENCE] = "silence",
	[REPORT_AAC] = "aac",
	[BY_PROFILE] = "profile"};

void report_find(struct report *report, enum report_code code, const char *format, ...)
{
	va_list args;

	if (report->found == 0 ||
		code < (enum report_code)__builtin_ctzll(report->found)) {
		va_start(args, format);
		vsnprintf(report->detail, sizeof report->detail, format, args);
		va_end(args);
	}
	report->found |= BIT(code);
}

bool report_found(const struct report *report, enum report_code code)
{
	return report->found & BIT(code);
}

/* True if it is a terminated text of printable ASCII. */
static bool is_text(const char *text, size_t size)
{
	if (!memchr(text, '\0', size))
		return false;
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static bool stream_sane(const struct report_stream *stream)
{
	return memchr("vad", stream->kind, 3) &&
		is_text(stream->codec, sizeof stream->codec) &&
		is_text(stream->profile, sizeof stream->profile) && stream->width >= 0 &&
		stream->height >= 0 && stream->rate >= 0 && stream->channels >= 0 &&
		stream->bit_rate >= 0 && stream->packets >= 0;
}

bool report_sane(const struct report *report)
{
	if (report->found >> REPORT_CODES || report->container >= REPORT_CONTAINERS ||
		report->streams > REPORT_STREAMS || report->size < 0 ||
		!is_text(report->detail, sizeof report->detail))
		return false;
	for (uint32_t i = 0; i < report->streams; i++)
		if (!stream_sane(&report->stream[i]))
			return false;
	return true;
}

const char *report_code_name(enum report_code code)
{
	return code < REPORT_CODES ? codes[code].name : "good";
}

const char *report_code_text(enum report_code code)
{
	return code < REPORT_CODES ? codes[code].text : "good";
}

const char *report_container_name(uint32_t container)
{
	return container < REPORT_CONTAINERS ? containers[container].name : "";
}

const char *report_demuxer(uint32_t container)
{
	return container < REPORT_CONTAINERS ? containers[container].demuxer : "";
}

const struct report_profile *report_profile(int index)
{
	return &profiles[index];
}

struct report_profile report_profile_with(unsigned profile, unsigned sound)
{
	struct report_profile with = profiles[profile];

	if (sound == BY_PROFILE)
		with.sound = with.needs_sound ? REPORT_SILENCE : REPORT_KEEP;
	else
		with.sound = (enum report_sound)sound;
	return with;
}

/* The findings as bits, with those that depend on the profile. */
static uint64_t found(const struct report *report, const struct report_profile *profile)
{
	bool far = profile->keyframe_ms && report->keyframe_ms > profile->keyframe_ms;

	return (report->found & ~(profile->sound != REPORT_KEEP ? SOUND : 0)) |
		(far ? BIT(REPORT_KEYFRAMES) : 0);
}

enum report_code report_judge(
	const struct report *report, const struct report_profile *profile)
{
	uint64_t refused = found(report, profile) & profile->refused;

	return refused ? (enum report_code)__builtin_ctzll(refused) : REPORT_GOOD;
}

uint64_t report_warnings(
	const struct report *report, const struct report_profile *profile)
{
	return found(report, profile) & ~profile->refused;
}
