/*
 * record: puts the packets of a source into clips, finishes each, writes it down in the
 * catalogue, hands its path to the next stage, and keeps the folder within its bounds.
 *
 * A full disk ends a clip behind its last whole fragment; what comes then is lost and
 * counted, until there is room again. Prints messages.
 */
#ifndef STREAMHUB_RECORD_H
#define STREAMHUB_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lines.h"
#include "clip.h"
#include "cut.h"
#include "shelf.h"
#include "source.h"

struct record {
	struct shelf shelf;
	bool ts; /* the container is MPEG-TS, else MP4 */
	const char *muxer; /* for the source's streams */
	bool mute; /* the container cannot hold their sound: it is left out */
	int64_t length; /* of a clip, microseconds */
	int64_t keep_ms, keep_bytes; /* of what is kept; 0: all */
	const char *cursor; /* a file: clips behind it are not removed; NULL: any is */
	struct lines_out out;
	char **paths; /* that are not printed yet */
	size_t path_count, path_first;
	struct cut cut;
	struct clip clips[2];
	enum cut_reason reasons[2]; /* why they ended */
	size_t current; /* of the clips */
	bool full; /* the disk is, or cannot be written */
	int64_t retry; /* when it is tried again, by clock.h */
	int64_t ended; /* since when nothing is recorded, by clock.h; 0: it is */
	int64_t lost; /* milliseconds without a clip, so far */
	uint64_t refused; /* packets that belong to no clip, or fit into none */
	uint64_t finished; /* clips */
	bool completed; /* one was finished since this was reset */
};

/* Mends what a killed process left, and the catalogue, and takes the clips behind the
 * cursor for printing. Returns 0, or an exit code. */
int record_begin(struct record *record);

/* A source is there. False: the container cannot hold what it sends. */
bool record_source(struct record *record, const struct source *source);

/* Takes a packet. */
void record_take(
	struct record *record, struct source *source, const struct source_packet *next);

/* Ends what is under way. */
void record_end(struct record *record, enum cut_reason reason);

/* The clip under way; NULL: none is. */
const struct clip *record_clip(const struct record *record);

/* Milliseconds since something was recorded. */
int64_t record_quiet(const struct record *record);

/* Milliseconds lost so far, this moment included. */
int64_t record_lost(const struct record *record);

/* Prints paths as far as standard output takes them. As lines_flush. */
int record_print(struct record *record);

#endif
