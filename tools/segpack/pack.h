/*
 * pack: the clips on their way into the archives. They are taken into the pool, which
 * finds out how long they are, then packed in batches of one hour, and deleted and
 * printed when they are in the archive. Keeps the fact. Prints its own messages.
 */
#ifndef STREAMHUB_PACK_H
#define STREAMHUB_PACK_H

#include <limits.h>

#include "archiver.h"
#include "base/paths.h"
#include "base/pulse.h"
#include "base/root.h"
#include "media/pool.h"
#include "missed.h"

struct pack {
	/* Set by the caller, and opened. */
	struct archiver archiver;
	struct root root; /* the drop folder */
	struct pool pool;
	struct clips missed; /* what was played, but did not reach us */
	struct paths *paths;
	struct lines_out *out;
	struct pulse pulse;

	struct batch_source batch[POOL_JOBS]; /* the first in the pool, packed */
	size_t batched; /* how many of them there are */
	size_t gone; /* of those: deleted and printed */
	int broken; /* the exit code when the store cannot be written to */
	uint64_t packed, bytes, again;
	char last[PATH_MAX];
};

/* How many clips wait. */
size_t pack_queued(const struct pack *pack);

/* Fills the pool from what was missed, then from what was read. True: something came. */
bool pack_take_paths(struct pack *pack);

/* Packs what is in the pool, as soon as all of it was looked into. True: it did. */
bool pack_go_on(struct pack *pack);

/* Deletes and prints what is packed, while the output has room. True: there was some. */
bool pack_let_go(struct pack *pack);

/* When something is to be done without anything coming, as a deadline of clock.h. */
int64_t pack_due(const struct pack *pack);

void pack_write_fact(struct pack *pack);

#endif
