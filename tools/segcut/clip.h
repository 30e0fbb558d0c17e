/*
 * clip: a clip that is being written: fragments of at most a second, so that a kill or a
 * full disk costs no more than that. Its time stamps begin at 0.
 *
 * Errors are negative libav codes.
 */
#ifndef STREAMHUB_CLIP_H
#define STREAMHUB_CLIP_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "cut.h"
#include "shelf.h"

struct clip {
	AVFormatContext *format; /* NULL: none is under way */
	AVIOContext *io;
	int fd;
	char name[SHELF_NAME];
	int stream[CUT_KINDS]; /* its index, or -1 */
	int64_t start; /* the time of the source that is 0 in it, microseconds */
	int64_t last[CUT_KINDS], end; /* dts of the last packets, in it; where it ends */
	int64_t flushed; /* up to when fragments are whole */
	off_t written, whole; /* bytes; those of whole fragments */
	off_t waiting; /* bytes of packets that wait for their fragment; 0: none does */
	bool broken; /* a fragment could not be made, the disk being well */
	uint64_t keyframes, packets;
	int width, height;
	char codecs[64]; /* "h264+aac" */
};

/* The muxer for streams with these parameters in MPEG-TS, or in MP4: that has two kinds
 * of the latter. NULL: none takes both. */
const char *clip_muxer(bool ts, AVCodecParameters *const pars[CUT_KINDS]);

/*
 * Begins a clip in fd, whose 0 is at start, of streams with these parameters; NULL: it
 * has no such stream. The clip owns fd from then on.
 */
int clip_begin(struct clip *clip, int fd, const char *format, int64_t start,
	AVCodecParameters *const pars[CUT_KINDS]);

/* Adds a packet, whose times are in microseconds of the source. It is unchanged after
 * that. */
int clip_put(struct clip *clip, enum cut_kind kind, const AVPacket *packet);

/*
 * Ends it: what was written is cut behind its last whole fragment. Returns the
 * descriptor, or -1 if there is no such fragment; the file is closed then.
 */
int clip_end(struct clip *clip);

/*
 * Cuts what a killed process has left behind its last whole fragment. Returns 1; 0: it
 * has none; or -1 with errno.
 */
int clip_mend(int fd, bool ts);

#endif
