/*
 * report: what is known of a clip after a look inside, and what a profile says to it.
 *
 * A report comes out of a process that has read hostile bytes, so whoever receives one
 * calls report_sane first.
 */
#ifndef STREAMHUB_REPORT_H
#define STREAMHUB_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#define REPORT_STREAMS 8
#define REPORT_NONE INT64_MIN /* a time that is not known */

/* What can be found. The first one that a profile refuses is the reason. */
enum report_code {
	REPORT_DIED, /* of the parser, said by who ran it */
	REPORT_TIMEOUT,
	REPORT_EMPTY, /* of the container */
	REPORT_PLAYLIST,
	REPORT_UNKNOWN,
	REPORT_NO_INDEX,
	REPORT_TRUNCATED,
	REPORT_STRUCTURE,
	REPORT_GAPS,
	REPORT_ENCRYPTED,
	REPORT_OPEN,
	REPORT_NO_VIDEO, /* of the streams */
	REPORT_NO_CODEC,
	REPORT_NO_SIZE,
	REPORT_NO_HEADER,
	REPORT_NO_PACKETS, /* of the packets */
	REPORT_ZEROS,
	REPORT_PACKETS,
	REPORT_NO_KEYFRAME,
	REPORT_TIMES,
	REPORT_VIDEO_CODEC, /* for some profiles */
	REPORT_AUDIO_CODEC,
	REPORT_AUDIO_PLATFORM,
	REPORT_NO_AUDIO,
	REPORT_KEYFRAMES,
	REPORT_DURATION,
	REPORT_PARAMETERS,
	REPORT_CODES,
	REPORT_GOOD = REPORT_CODES,
};

enum report_container {
	REPORT_NO_CONTAINER,
	REPORT_MP4,
	REPORT_FMP4, /* fragmented */
	REPORT_TS,
	REPORT_FLV,
	REPORT_MATROSKA,
	REPORT_AVI,
	REPORT_CONTAINERS,
};

struct report_stream {
	char kind; /* 'v', 'a' or 'd' */
	char codec[24], profile[32]; /* printable; empty: not known */
	int32_t width, height, rate, channels;
	int64_t bit_rate; /* by its packets */
	int64_t packets;
};

struct report {
	uint32_t found; /* bits 1 << enum report_code */
	uint32_t container; /* enum report_container */
	uint32_t streams;
	struct report_stream stream[REPORT_STREAMS];
	int64_t size; /* bytes */
	int64_t duration_ms,
		declared_ms; /* by packets, by the container; or REPORT_NONE */
	int64_t keyframe_ms; /* the longest distance of two, or REPORT_NONE */
	char detail[200]; /* of the reason, in words */
};

/* Adds to what was found; the words are kept for the one that would be the reason. */
void report_find(struct report *report, enum report_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool report_found(const struct report *report, enum report_code code);

/* Whether all in it is in range; a report that is not is no report. */
bool report_sane(const struct report *report);

/* "truncated"; of REPORT_GOOD "good". */
const char *report_code_name(enum report_code code);

/* What the code means, in words. */
const char *report_code_text(enum report_code code);

/* "mp4", "" if there is none. */
const char *report_container_name(uint32_t container);

/* How libavformat calls what reads it. */
const char *report_demuxer(uint32_t container);

/* What a use of the clips asks of them. */
struct report_profile {
	uint32_t refused; /* bits 1 << enum report_code */
	int64_t keyframe_ms; /* keyframes further apart are far apart; 0: never */
};

/* The names of the profiles, ended by NULL, and the profile at an index among them. */
extern const char *const report_profiles[];
const struct report_profile *report_profile(int index);

/* The reason for which the profile refuses the clip, or REPORT_GOOD. */
enum report_code report_judge(
	const struct report *report, const struct report_profile *profile);

/* The findings that the profile only warns of, as bits. */
uint32_t report_warnings(
	const struct report *report, const struct report_profile *profile);

#endif
