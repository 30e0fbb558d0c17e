/*
 * archiver: puts batches of clips into a store, each into the archive of its hour. Turns
 * hours that are over into ZIPs if that is wanted, removes archives beyond the bounds,
 * and waits while the disk is full.
 *
 * Prints its own messages. Starts as zeros, apart from the members that the caller sets.
 */
#ifndef STREAMHUB_ARCHIVER_H
#define STREAMHUB_ARCHIVER_H

#include "base/backoff.h"
#include "base/clock.h"
#include "store.h"

struct archiver {
	struct store store;
	bool zip; /* this and the next three are set by the caller */
	int64_t age, most; /* the bounds, -1: none */
	int stop; /* a descriptor that is readable when segpack is to end */
	struct hour_tar hour;
	int64_t writing; /* the hour that is open, or STORE_NO_HOUR */
	int64_t newest; /* the newest hour in the store */
	int64_t due; /* when to check the bounds again, by clock.h */
	struct backoff backoff; /* add nothing before its until */
	uint64_t removed; /* archives */
	int worst; /* an exit code */
	char archive[STORE_DAY_SIZE + HOUR_TAR_STEM_MAX + 8]; /* the last one written */
	char error[64]; /* why nothing can be added now; else empty */
};

/* Opens and locks the store. Returns 0; or reports what is wrong and returns an exit
 * code.
 */
int archiver_open(struct archiver *archiver, struct root *root, const char *path);

/* Finishes ZIPs that a killed segpack left half done, and removes beyond the bounds. */
void archiver_begin(struct archiver *archiver);

/*
 * Adds clips of one hour, as hour_tar_add does. Returns 0; -1: not now, because the disk
 * is full or segpack is to end; or an exit code: the store cannot be written to.
 */
int archiver_add(struct archiver *archiver, int64_t time, struct batch_source *sources,
	size_t count);

/* Removes archives beyond the bounds. */
void archiver_bound(struct archiver *archiver);

/* The input has ended, so all hours are over. */
void archiver_end(struct archiver *archiver);

#endif
