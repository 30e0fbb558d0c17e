/*
 * source: a live source: an address on the network, read packet by packet. Every call has
 * a deadline. Only the protocols that the address itself needs are spoken, and nothing
 * that it sends leads to a file or to another protocol.
 *
 * Errors are negative libav codes; source_why has words without secrets.
 */
#ifndef STREAMHUB_SOURCE_H
#define STREAMHUB_SOURCE_H

#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "cut.h"

#define SOURCE_OPENS 20000 /* milliseconds until a source must have been opened */
#define SOURCE_SILENCE 10000 /* without a packet, and it is lost */
#define SOURCE_SILENCE_HLS 60000 /* there they come a segment at a time */
#define SOURCE_NO_KEY 60000 /* without a keyframe */
#define SOURCE_AHEAD 512 /* packets, until the first one of the sound */

struct source {
	AVFormatContext *format; /* NULL: it is closed */
	int stream[CUT_KINDS]; /* its index, or -1 */
	AVCodecParameters *par[CUT_KINDS]; /* as they are now */
	AVCodecParserContext *parser; /* of the pictures */
	AVCodecContext *parsed;
	bool keeps_adts; /* set by the caller: AAC is wanted as it is sent, with headers
			  */
	AVBSFContext *plain; /* makes AAC with headers plain; NULL: it is, or is kept */
	AVPacket *ahead[SOURCE_AHEAD]; /* read when it was opened */
	int ahead_first, ahead_count;
	unsigned streams; /* when it was opened */
	int64_t moving, moved; /* a time stamp, and when it was seen first, by clock.h */
	int64_t silence; /* how long it may send nothing */
	int width, height; /* of the last keyframe; 0: not known */
	bool sets; /* parameter sets have changed since the clip began: see source_sets */
	int64_t last[CUT_KINDS]; /* dts, microseconds, or CUT_NONE */
	/* Profile, rate and channels in the header of the first packet of AAC, and of
	 * the last one; 0: none has come. */
	unsigned adts, adts_last;
	int strange; /* pictures in a row that are not of the codec */
	int64_t deadline, heard, key,
		sounded; /* by clock.h; the last packet of each kind */
	bool had_video; /* a connection before had video */
	int (*look)(void *); /* called while it waits; other than 0: give up */
	void *context;
	const char *why;
};

struct source_packet {
	AVPacket *packet; /* its times are in microseconds */
	struct cut_packet cut;
};

/* The scheme and the host, which are all of the address that may be shown. */
void source_place(const char *url, char *out, size_t size);

int source_open(struct source *source, const char *url);

/* The next packet of a stream that is recorded. The caller unrefs it. */
int source_next(struct source *source, struct source_packet *next);

/* A clip begins: its header has the parameters that are announced now. */
void source_sets(struct source *source);

/* Why the last call failed, in words. */
const char *source_why(const struct source *source, int error);

/* Safe twice. */
void source_close(struct source *source);

#endif
