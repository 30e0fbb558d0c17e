/*
 * recheck: the second look at what lies in a quarantine: which file is due for it, and
 * where it goes then. Messages are said here.
 */
#ifndef STREAMHUB_RECHECK_H
#define STREAMHUB_RECHECK_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "quarantine.h"

#define RECHECK_BATCH 32

struct recheck {
	struct quarantine *quarantine;
	int64_t after; /* milliseconds between two looks; 0: there is none */
	int64_t tries; /* looks at one file, all in all */
	const char *cursor; /* what this file has passed stays; NULL: nothing has */
	int64_t next; /* when the folder is to be searched again, by tick.h */
	bool stuck; /* the last look at something could not be noted */
	char due[RECHECK_BATCH][NAME_MAX + 1];
	size_t count;
};

/* When there may be something to do, as a deadline of tick.h. */
int64_t recheck_due(const struct recheck *recheck);

/* The next file whose turn it is. False: there is none now. */
bool recheck_next(struct recheck *recheck, struct quarantine_entry *entry);

/* It is whole by now: back with it, unless its time has passed or cannot be told. */
void recheck_good(struct recheck *recheck, struct quarantine_entry *entry);

/* It is still bad, for this reason, which may be the entry's own. */
void recheck_bad(struct recheck *recheck, struct quarantine_entry *entry,
	const char *code, const char *reason);

#endif
