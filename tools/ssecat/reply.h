/*
 * reply: what an answer's status and headers mean for a client of server-sent events.
 */
#ifndef STREAMHUB_REPLY_H
#define STREAMHUB_REPLY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/clock.h"

#define REPLY_LONGEST (60 * CLOCK_SECOND) /* the longest pause of a series */
#define REPLY_AT_MOST (600 * CLOCK_SECOND) /* for pauses that a server asks for */

struct reply {
	long status;
	const char *type, *retry_after; /* headers, or NULL */
};

/* How to go on after an answer that is no stream of events. */
struct reply_pause {
	int64_t least; /* ms to wait in any case */
	bool grows; /* a pause that grows with each failure comes on top; else a short one
		     */
	bool always; /* is said each time */
};

/*
 * NULL if the answer is a stream of events; else what it is, for a message, and *pause.
 * now is for a Retry-After that is a date.
 */
const char *reply_judge(const struct reply *reply, time_t now, struct reply_pause *pause);

#endif
