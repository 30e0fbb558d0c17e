/*
 * budget: how often something may be done to a name, remembered across runs.
 *
 * The file ".stalecheck" in a folder is the memory and, by its lock, the proof that only
 * one process acts on that folder at a time. It holds a line "boot mono name" an act,
 * written before the act is done, so that a kill cannot lose it. Only the present boot
 * counts. The budget belongs to the name alone: all who act on the folder share it.
 * Nothing here says a message; errors are told by the result and errno.
 */
#ifndef STREAMHUB_BUDGET_H
#define STREAMHUB_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tick.h"

#define BUDGET_MEMORY 86400 /* seconds; the longest period */
#define BUDGET_ACTS 262144 /* that count in one folder; more are EFBIG */
#define BUDGET_FILE ".stalecheck"

struct budget {
	long long runs; /* so many acts ... */
	int64_t period; /* ... in so many milliseconds */
	/* The folder that was entered last: */
	int fd; /* its file, locked; -1 if that failed */
	int error;
	dev_t dev;
	ino_t ino;
	bool recalled; /* its file has been read into: */
	void *names; /* the acts on each name, a tree of tsearch(3) */
	size_t count; /* of all acts */
	off_t end; /* of the whole lines in the file */
	off_t reread; /* when it is longer than this, what is forgotten is dropped */
};

enum budget_answer {
	BUDGET_SPENT, /* go ahead: it is written down */
	BUDGET_USED_UP, /* not before *wait milliseconds have passed */
	BUDGET_BUSY, /* another process acts on this folder */
	BUDGET_FAILED, /* the memory cannot be kept, so do not act; errno says why */
};

/* No folder is entered yet. */
void budget_init(struct budget *budget, long long runs, int64_t period);

/*
 * Takes the folder's lock, if it can be had at once, until another folder is entered or
 * the budget is left. Do it before finding out what to do, so that nobody does the same.
 */
void budget_enter(struct budget *budget, int folder);

/* Asks for one act on name in the entered folder, and writes it down. */
enum budget_answer budget_spend(struct budget *budget, const char *name,
	const struct tick_stamp *now, int64_t *wait);

void budget_leave(struct budget *budget);

#endif
