/*
 * roster: the stations that there are, and from one look to the next what is known of
 * each and who is at work on it.
 */
#ifndef STREAMHUB_ROSTER_H
#define STREAMHUB_ROSTER_H

#include <stddef.h>
#include <sys/types.h>

#include "backoff.h"
#include "station.h"
#include "wanted.h"

struct work {
	char id[65];
	struct wanted wanted;
	struct backoff backoff;
	pid_t child; /* that is at work on it now, or 0 */
	int fd; /* gets readable when this, or else what runs the station, ends; or -1 */
};

/* Starts as zeros. */
struct roster {
	struct work *works; /* by the natural order of their ids */
	size_t count;
};

/*
 * Lists the stations anew. One that there is no more is kept while somebody is at work on
 * it. Returns 0, or -1 with errno.
 */
int roster_update(struct roster *roster, const int places[STATION_PLACES]);

/* From now on fd tells of the end of this process; 0: of none. */
void roster_follow(struct work *work, pid_t pid);

#endif
