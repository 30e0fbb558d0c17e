/*
 * segment: a clip opened to be played: the packets of its video and its audio, in the
 * order of their times, as far as can be seen in what is read ahead, ready for FLV: each
 * first packet, and each after a change, carries its codec's header as
 * AV_PKT_DATA_NEW_EXTRADATA; ADTS is taken off AAC. Times are in microseconds by the
 * clip's own clock; a step of more than ten seconds is left out.
 *
 * Errors are negative, as libav gives them.
 */
#ifndef STREAMHUB_SEGMENT_H
#define STREAMHUB_SEGMENT_H

#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "av.h"
#include "timeline.h"

struct segment_clock {
	int64_t last; /* dts of the packet before */
	int64_t shift; /* that makes up for jumps */
	unsigned jumps;
};

struct segment_stream {
	AVStream *stream; /* NULL: the clip has none, or none that can be sent */
	AVBSFContext *filter;
	AVCodecParameters *par; /* with the codec's header */
	bool begun; /* a packet is out */
	struct segment_clock clock;
};

struct segment {
	uint32_t container; /* enum report_container */
	struct av_input input;
	struct segment_stream streams[TIMELINE_KINDS];
	AVPacket *packets[256]; /* read ahead: to find the headers, or to wait for */
	size_t head, count;
	int64_t bytes; /* in them */
	int64_t first[TIMELINE_KINDS]; /* dts of the first packets; TIMELINE_NONE */
	int64_t start; /* the clip's own time of position 0 */
	int64_t skip_to; /* microseconds from the first on that are left out */
	const char *why; /* it cannot be played: a codec, or what is wrong with its
			    structure */
	bool ended;
	int error; /* of reading on, told when all before it is out */
};

/*
 * Opens what is in fd, which must outlive it, to be played from the last keyframe at or
 * before position milliseconds. Fails with AVERROR_EOF when nothing is left from there;
 * why may say more of other errors.
 */
int segment_open(struct segment *segment, int fd, int64_t position);

/*
 * The next packet, its stream_index an enum timeline_kind and its times in microseconds.
 * Returns 0; AVERROR_EOF at the end. The packet is the caller's.
 */
int segment_next(struct segment *segment, AVPacket **packet);

/* Safe twice, and after a failed open. */
void segment_close(struct segment *segment);

#endif
