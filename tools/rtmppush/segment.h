/*
 * segment: a clip opened to be played. It returns the packets of video and audio, ready
 * for FLV, in the order of their times as far as it reads ahead. The first packet of a
 * stream, and each packet after a change, carries the codec's header as
 * AV_PKT_DATA_NEW_EXTRADATA; each keyframe contains its parameter sets (inband.h); AAC
 * loses its ADTS headers. With REPORT_AAC, sound that is neither AAC-LC of 44.1 nor of
 * 48 kHz comes as it is, to be encoded. Times are in microseconds by the clip's own
 * clock, without jumps (jumps.h).
 *
 * Errors are negative libav codes.
 */
#ifndef STREAMHUB_SEGMENT_H
#define STREAMHUB_SEGMENT_H

#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "jumps.h"
#include "media/av.h"
#include "media/report.h"
#include "timeline.h"

struct segment_stream {
	AVStream *stream; /* NULL: the clip has none, or none that can be sent */
	AVBSFContext *filter;
	AVCodecParameters *par; /* of what is sent, with the codec's header */
	bool encoded; /* its packets are to be decoded, and encoded in that form */
	bool begun; /* its first packet was read */
	struct jumps clock;
};

struct segment {
	uint32_t container; /* enum report_container */
	struct av_input input;
	struct segment_stream streams[TIMELINE_KINDS];
	AVPacket *packets[256]; /* read ahead, to find headers and to sort by time */
	size_t head, count;
	int64_t bytes; /* of these packets */
	int64_t first[TIMELINE_KINDS]; /* dts of the first packets, or TIMELINE_NONE */
	int64_t shown; /* pts of the first picture, or TIMELINE_NONE */
	int64_t start; /* the clip's own time at position 0; TIMELINE_NONE: no picture yet
			*/
	int64_t declared; /* duration that the container declares, microseconds, or 0 */
	int64_t skip_to; /* packets before this time are left out, microseconds */
	const char *why; /* why it cannot be played: the codec, or a fault of structure */
	enum report_sound sound; /* REPORT_SILENCE: sound that is not AAC is left out */
	bool ended;
	int error; /* of reading; returned when all packets before it were taken */
};

/*
 * Opens the clip in fd, to be played from the last keyframe at or before position, in
 * milliseconds, its sound treated like that. The caller keeps fd open until
 * segment_close. AVERROR_EOF: nothing is left from there on. For other errors, why may
 * say more.
 */
int segment_open(
	struct segment *segment, int fd, int64_t position, enum report_sound sound);

/*
 * The next packet; the caller frees it. Its stream_index is an enum timeline_kind, and
 * its times are in microseconds. Returns 0; AVERROR_EOF at the end; or another error.
 */
int segment_next(struct segment *segment, AVPacket **packet);

/*
 * When its streams begin, TIMELINE_NONE for one that it lacks. If no packet of a stream
 * was seen yet, it is assumed to begin with the other.
 */
void segment_begins(const struct segment *segment, int64_t first[TIMELINE_KINDS]);

/* Safe twice, and after a failed open. */
void segment_close(struct segment *segment);

#endif
