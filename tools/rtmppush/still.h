/*
 * still: the pictures of a filler, made of the last clip: its last IDR picture every two
 * seconds, and between them pictures that repeat it (skip.h). Nothing is decoded or
 * encoded.
 *
 * Where no repeating pictures can be made, it is the IDR picture alone, once a second.
 * The picture survives a reboot as a file, an FLV of one picture.
 */
#ifndef STREAMHUB_STILL_H
#define STREAMHUB_STILL_H

#include <libavcodec/codec_par.h>
#include <libavcodec/packet.h>
#include <stdbool.h>
#include <stdint.h>

#include "skip.h"
#include "timeline.h"

struct still {
	AVPacket *picture; /* the IDR picture, as it was sent; NULL: there is none */
	AVCodecParameters *pars[TIMELINE_KINDS]; /* of its clip */
	bool is_other; /* the parameters are not those that were saved */
	unsigned prefix; /* as in nal.h */
	bool has_skips;
	struct skip skip;
	int64_t step; /* from picture to picture, microseconds */
	/* Of the clip that plays, to find the step. */
	int64_t first, last;
	unsigned count;
	/* Of the filler. */
	unsigned behind; /* pictures sent since its IDR picture was */
	int64_t at; /* when the next picture is, from its beginning */
};

/* A clip begins: the packets that are noted from now on are of it. */
void still_clip(struct still *still);

/* Notes a picture that is about to be sent. pars are its clip's; they are copied. */
void still_note(struct still *still, const AVPacket *packet,
	AVCodecParameters *const pars[TIMELINE_KINDS]);

/* A filler begins, at time 0. */
void still_begin(struct still *still);

/* True if the last picture was an IDR that repeating pictures should follow. */
bool still_is_due(const struct still *still);

/* When the next picture is, in microseconds since the filler began. */
int64_t still_time(const struct still *still);

/* The next picture, as segment_next returns them. Returns 0 or a negative libav error. */
int still_next(struct still *still, AVPacket **packet);

/*
 * Writes the picture to the file name in the folder, whole or not at all. Returns 0, or
 * -1 with errno.
 */
int still_save(struct still *still, int folder, const char *name);

/* Reads it back. Returns 0, or -1 with errno, EBADMSG: it is no such file. */
int still_load(struct still *still, int folder, const char *name);

void still_free(struct still *still);

#endif
