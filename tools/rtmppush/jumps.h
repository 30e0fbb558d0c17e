/*
 * jumps: removes jumps from the times of a stream's packets. A viewer would wait through
 * a jump forward, and would not see the packets after a jump back.
 */
#ifndef STREAMHUB_JUMPS_H
#define STREAMHUB_JUMPS_H

#include <libavformat/avformat.h>
#include <stdint.h>

#define JUMPS_FAR (INT64_C(1) << 56) /* microseconds; sums of such times fit */

/* Starts as zeros, but with TIMELINE_NONE in last. */
struct jumps {
	int64_t last; /* dts of the packet before */
	int64_t step; /* time from the packet before that one; 0: not known */
	int64_t shift; /* added to times to make up for jumps */
	unsigned count; /* of jumps */
};

/*
 * Converts a packet's times from its stream's clock to microseconds without jumps. A
 * packet without a time is put right behind the packet before it. So is one that is more
 * than ten seconds later, or more than a fifth of a second earlier; one that is less
 * earlier gets the same time. Returns 0, or AVERROR_INVALIDDATA for absurd times.
 */
int jumps_out(struct jumps *clock, AVPacket *packet, const AVStream *stream);

#endif
