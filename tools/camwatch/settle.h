/*
 * settle: decides what becomes of the clips of a drop folder, one after the other from
 * the head of the queue: one that is ready is printed, one that is not holds back those
 * behind it or is set aside, and a late one is passed over.
 */
#ifndef STREAMHUB_SETTLE_H
#define STREAMHUB_SETTLE_H

#include "base/lines.h"
#include "drop.h"
#include "late.h"

#define SETTLE_ITEMS \
	4096 /* clips a call: signals and the output have their turn then \
	      */

struct settle {
	/* Set before. */
	struct drop drop;
	struct late late;
	int64_t age; /* milliseconds without a write before a clip is ready */
	int64_t hold; /* the newest is held until it was still for so long */
	int64_t lag; /* clips so far behind one before them are late; 0: none */
	int64_t patience; /* with a clip that holds back others */
	bool once; /* the newest is not held */
	bool null; /* paths end with NUL */
	struct lines_out *out;

	int64_t due; /* when the head of the queue is to be looked at again */
	int64_t wake; /* when a clip that is parked is */
	uint64_t emitted;
	bool changed; /* something was decided: the caller resets it */
};

/* Reads the clocks by which is decided. */
void settle_read_clocks(struct settle *settle);

/*
 * Works off the head of the queue, one path after the other, so that each is decided as
 * late as can be. Returns 0, 1 if there is more to do at once, or -1 with errno.
 */
int settle_all(struct settle *settle);

#endif
