/*
 * batch: clips that are added to a TAR archive together, behind those that are in it. Its
 * first two blocks are held back, so that the end marker before them stays until the
 * batch is committed: see hour_tar.h.
 *
 * Errors are -1 with errno.
 */
#ifndef STREAMHUB_BATCH_H
#define STREAMHUB_BATCH_H

#include "base/path.h"
#include "clip_list.h"

#define BATCH_MAX 64 /* clips */
#define BATCH_BLOCK 512 /* bytes of a block of a TAR */
#define BATCH_HELD (2 * BATCH_BLOCK) /* as long as the end marker */

enum batch_state {
	BATCH_WAITS,
	BATCH_PACKED, /* it is in the archive now */
	BATCH_AGAIN, /* it was in the archive already, perhaps with a number in its name
		      */
	BATCH_CHANGED, /* left out: the file has changed since it was looked at */
	BATCH_UNREADABLE, /* left out: error says why */
};

struct batch_source {
	int fd; /* open for reading, the caller's */
	struct path_id id; /* from when it was looked at */
	const char *name; /* the name it should get */
	int64_t duration_ms;
	enum batch_state state;
	int error;
};

struct batch {
	int tar; /* the archive */
	off_t end; /* of the clips in it: where the end marker begins */
	struct clip_list *packed; /* the clips in it; those of the batch are added */
	off_t at; /* where the next bytes go; end at first */
	unsigned char held[BATCH_HELD]; /* its first two blocks, held back */
	int error; /* if not 0, nothing more is written, for this reason */
};

/* Writes the end marker of an archive behind its last clip, and cuts the file there. */
int batch_put_marker(int tar, off_t end);

/*
 * Writes the sources that wait. If another clip has the name already, a number is added.
 * Returns 0; -1, ECANCELED: the descriptor stop (or -1) became readable; or 1: a source
 * cannot be read to its end, and its state says why.
 */
int batch_write(
	struct batch *batch, struct batch_source *sources, size_t count, int stop);

/*
 * Compares what was written with its sources; clip is the first of the batch in packed.
 * Returns 0; -1; or 1: a source has changed, and its state says so.
 */
int batch_verify(const struct batch *batch, struct batch_source *sources, size_t count,
	size_t clip, int stop);

/* Makes the batch visible: writes the two blocks that were held back. */
int batch_commit(const struct batch *batch);

#endif
