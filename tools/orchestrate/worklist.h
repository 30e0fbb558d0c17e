/*
 * worklist: all stations, with what is remembered of each from one look to the next and
 * the child process that is at work on it.
 */
#ifndef STREAMHUB_WORKLIST_H
#define STREAMHUB_WORKLIST_H

#include <stddef.h>
#include <sys/types.h>

#include "base/backoff.h"
#include "plan.h"
#include "station/station.h"

struct work {
	char id[65];
	struct plan plan;
	struct backoff backoff;
	pid_t child; /* the process that is starting or stopping it, or 0 */
	int fd; /* readable when the child, or else the station's process, ends; or -1 */
};

/* Starts as zeros. */
struct worklist {
	struct work *works; /* by the natural order of their ids */
	size_t count;
};

/*
 * Lists the stations again. One that no longer exists is kept while a child is at work on
 * it. Returns 0, or -1 with errno.
 */
int worklist_update(struct worklist *worklist, const int places[STATION_PLACES]);

/* Makes fd readable when this process ends; 0: no process. */
void worklist_follow(struct work *work, pid_t pid);

#endif
