/*
 * backoff: how long to wait before something that failed is tried again: 5, 10, 20
 * seconds and so on up to a maximum. Each pause is up to a fifth longer or shorter, so
 * that many processes do not retry at the same moment. A failure after a minute of work
 * begins a new series. It may have a shorter first pause of its own, as a server that was
 * only restarted is back at once. Where thousands of processes retry with one server, the
 * whole pause is by chance: full jitter.
 *
 * Starts as zeros. Times are in milliseconds by clock.h.
 */
#ifndef STREAMHUB_BACKOFF_H
#define STREAMHUB_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define BACKOFF_STABLE (60 * CLOCK_SECOND)

struct backoff {
	int64_t base; /* the pause that is doubled; 0: 5 seconds */
	bool full; /* any pause from 0 to that is as likely */
	int64_t first; /* the first pause after a minute of work; 0: as any other */
	int64_t failures; /* in this series */
	bool eased; /* the series began with the pause first */
	int64_t since; /* when it began to work, or 0 */
	int64_t until; /* do not try again before this */
};

/* It has worked since now. */
void backoff_works(struct backoff *backoff, int64_t now);

/* It failed. Returns the pause, which is at most `most` and a fifth of it. */
int64_t backoff_failed(struct backoff *backoff, int64_t now, int64_t most);

#endif
