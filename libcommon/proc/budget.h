/*
 * budget: how often something may be done to a name, remembered across runs.
 *
 * The file ".stalecheck" in a folder remembers the acts. Its lock makes sure that only
 * one process acts on that folder at a time. Each act is a line "boot mono name", written
 * before the act is done, so that a kill cannot lose it. Only acts of the present boot
 * count. The budget belongs to the name: all processes that act on the folder share it.
 * Functions print no messages; their result and errno tell of errors.
 */
#ifndef STREAMHUB_BUDGET_H
#define STREAMHUB_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"

#define BUDGET_MEMORY 86400 /* seconds; the longest period */
#define BUDGET_ACTS 262144 /* most acts remembered for one folder; more are EFBIG */
#define BUDGET_FILE ".stalecheck"

struct budget {
	long long runs; /* acts that are allowed in a period */
	int64_t period; /* milliseconds */
	/* The folder that was entered last: */
	int fd; /* its file, locked; -1 if that failed */
	int error;
	dev_t dev;
	ino_t ino;
	bool recalled; /* the file has been read into names */
	void *names; /* the acts on each name, a tree of tsearch(3) */
	size_t count; /* of all acts */
	off_t end; /* of the whole lines in the file */
	off_t reread; /* when the file is longer than this, it is read and pruned again */
};

enum budget_answer {
	BUDGET_SPENT, /* go ahead: the act is written down */
	BUDGET_USED_UP, /* wait at least *wait milliseconds */
	BUDGET_BUSY, /* another process acts on this folder */
	BUDGET_FAILED, /* the act cannot be written down, so do not act; errno says why */
};

/* No folder is entered yet. */
void budget_init(struct budget *budget, long long runs, int64_t period);

/*
 * Takes the folder's lock, if it is free, and keeps it until another folder is entered
 * or budget_leave. Call it before finding out what to do, so that no other process
 * decides the same at the same time.
 */
void budget_enter(struct budget *budget, int folder);

/* Asks for one act on name in the entered folder, and writes it down. */
enum budget_answer budget_spend(struct budget *budget, const char *name,
	const struct clock_stamp *now, int64_t *wait);

void budget_leave(struct budget *budget);

#endif
