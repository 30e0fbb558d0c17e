/*
 * backoff: how long to wait before something that failed is tried again: 5, 10, 20
 * seconds and so on up to a most, each a fifth more or less, so that many do not come
 * together. What has worked for a minute begins a new row.
 *
 * Starts as zeros. Times are in milliseconds by tick.h.
 */
#ifndef STREAMHUB_BACKOFF_H
#define STREAMHUB_BACKOFF_H

#include <stdint.h>

#include "tick.h"

#define BACKOFF_STABLE (60 * TICK_SECOND)

struct backoff {
	int64_t failures; /* in this row */
	int64_t since; /* when it began to work, or 0 */
	int64_t until; /* not to be tried again before */
};

/* It works since now. */
void backoff_works(struct backoff *backoff, int64_t now);

/* It failed. Returns the pause, which is at most so long and a fifth. */
int64_t backoff_failed(struct backoff *backoff, int64_t now, int64_t most);

#endif
