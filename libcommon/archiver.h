/*
 * archiver: batches of clips put into a store, each into its hour; what is over becomes
 * a ZIP, what is too much goes, and a full disk is waited for.
 *
 * Messages are said here. Starts as zeros, but for what is marked as the caller's.
 */
#ifndef STREAMHUB_ARCHIVER_H
#define STREAMHUB_ARCHIVER_H

#include "backoff.h"
#include "store.h"
#include "tick.h"

struct archiver {
	struct store store;
	bool zip; /* the caller's, as are the next three */
	int64_t age, most; /* the bounds, -1: none */
	int stop; /* gets readable when all is to end */
	struct hour hour;
	int64_t writing; /* the hour that is open, or STORE_NO_HOUR */
	int64_t newest; /* of all that there are */
	int64_t due; /* when the bounds are looked after, by tick.h */
	struct backoff backoff; /* nothing is added before its until */
	uint64_t removed; /* archives */
	int worst; /* an exit code */
	char archive[STORE_DAY_SIZE + HOUR_STEM_MAX + 8]; /* that was written last */
	char error[64]; /* what is in the way; empty: nothing */
};

/* Opens and locks the store. Returns 0; or says what is wrong and returns an exit code.
 */
int archiver_open(struct archiver *archiver, const char *path);

/* Ends what was left half done, and keeps the bounds. */
void archiver_begin(struct archiver *archiver);

/*
 * Adds clips, all of one hour, as hour_add does. Returns 0; -1: not now, as the disk is
 * full or all is to end; or an exit code: the store cannot be written to.
 */
int archiver_add(struct archiver *archiver, int64_t time, struct hour_source *sources,
	size_t count);

/* Removes what is beyond the bounds. */
void archiver_bound(struct archiver *archiver);

/* The input has ended: so have all hours. */
void archiver_end(struct archiver *archiver);

#endif
