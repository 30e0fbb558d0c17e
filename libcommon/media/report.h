/*
 * report: the findings about a clip after a look inside, and a profile's judgement on it.
 *
 * A report comes from a process that has read hostile bytes, so the receiver must call
 * report_sane first.
 */
#ifndef STREAMHUB_REPORT_H
#define STREAMHUB_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#define REPORT_STREAMS 8
#define REPORT_NONE INT64_MIN /* a time that is not known */

/* The findings. The first one that a profile refuses is the reason for the refusal. */
enum report_code {
	REPORT_DIED, /* of the parser; added by the process that ran it */
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
	REPORT_RUNS_ON,
	REPORT_PACE,
	REPORT_APART,
	REPORT_UNPLAYABLE, /* found by the player */
	REPORT_VIDEO_CODEC, /* from here on: faults for some profiles only */
	REPORT_AUDIO_CODEC,
	REPORT_AUDIO_PLATFORM,
	REPORT_NO_AUDIO,
	REPORT_KEYFRAMES,
	REPORT_DURATION,
	REPORT_PARAMETERS,
	REPORT_EQUAL_TIMES,
	REPORT_UNEVEN,
	REPORT_OUTSIDE,
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
	uint64_t found; /* bits 1 << enum report_code */
	uint32_t container; /* enum report_container */
	uint32_t streams;
	struct report_stream stream[REPORT_STREAMS];
	int64_t size; /* bytes */
	int64_t duration_ms, declared_ms; /* by its packets, by the container; or
					     REPORT_NONE */
	int64_t keyframe_ms; /* longest time between two keyframes, or REPORT_NONE */
	char detail[200]; /* the reason in words */
};

/* Adds a finding. The words are kept only for the finding that would be the reason. */
void report_find(struct report *report, enum report_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool report_found(const struct report *report, enum report_code code);

/* True if all its values are in range. Do not use a report that is not sane. */
bool report_sane(const struct report *report);

/* "truncated" and so on; "good" for REPORT_GOOD. */
const char *report_code_name(enum report_code code);

/* The meaning of the code in words. */
const char *report_code_text(enum report_code code);

/* "mp4" and so on; "" if there is no container. */
const char *report_container_name(uint32_t container);

/* The name of libavformat's demuxer for the container. */
const char *report_demuxer(uint32_t container);

/* The ways to treat sound that is missing or unusable. */
enum report_sound {
	REPORT_KEEP,
	REPORT_SILENCE, /* silence in its place */
	REPORT_AAC, /* it is encoded as AAC; silence if it is missing */
};

/* The requirements that a use of clips has on them. */
struct report_profile {
	uint64_t refused; /* bits 1 << enum report_code */
	int64_t keyframe_ms; /* longest time allowed between keyframes; 0: any */
	bool needs_sound; /* a broadcast without sound does not begin there */
	enum report_sound
		sound; /* other than REPORT_KEEP: nothing is found about sound */
};

/* The names of the profiles, ended by NULL, and the profile at an index of this list. */
extern const char *const report_profiles[];
const struct report_profile *report_profile(int index);

/* The words for enum report_sound and "profile", which leaves it to the profile, ended by
 * NULL. */
extern const char *const report_sounds[];

/* The profile at an index, with the sound at an index of that list. */
struct report_profile report_profile_with(unsigned profile, unsigned sound);

/* The reason for which the profile refuses the clip, or REPORT_GOOD. */
enum report_code report_judge(
	const struct report *report, const struct report_profile *profile);

/* The findings that the profile only warns of, as bits. */
uint64_t report_warnings(
	const struct report *report, const struct report_profile *profile);

#endif
