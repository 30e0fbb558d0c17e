/*
 * recheck: looks at files in the quarantine once more: which file is due, and where it
 * goes then. Prints its own messages.
 */
#ifndef STREAMHUB_RECHECK_H
#define STREAMHUB_RECHECK_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "clip/quarantine.h"

#define RECHECK_BATCH 32

struct recheck {
	struct quarantine *quarantine;
	int64_t after; /* milliseconds between two looks at a file; 0: never look again */
	int64_t tries; /* most looks at one file */
	const char *cursor; /* files that this cursor has passed stay; NULL: no cursor */
	int64_t next; /* when to search the folder again, by clock.h */
	bool stuck; /* the result of a look could not be written down */
	char due[RECHECK_BATCH][NAME_MAX + 1];
	size_t count;
};

/* When there may be something to do, as a deadline of clock.h. */
int64_t recheck_due(const struct recheck *recheck);

/* The next file that is due. False: there is none now. */
bool recheck_next(struct recheck *recheck, struct quarantine_entry *entry);

/*
 * How many files of the quarantine come after the cursor: they were refused since the
 * last clip was played. The reason of the one that came in last goes into why, of size
 * bytes. 0: none, or there is no cursor, or it cannot be read, which is reported.
 */
uint64_t recheck_refused(const struct recheck *recheck, char *why, size_t size);

/* The file is good by now. Moves it back, unless the cursor has passed it or cannot be
 * read. */
void recheck_good(struct recheck *recheck, struct quarantine_entry *entry);

/* The file is still bad. reason may be the entry's own. */
void recheck_bad(struct recheck *recheck, struct quarantine_entry *entry,
	const char *code, const char *reason);

#endif
