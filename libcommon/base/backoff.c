#include "base/backoff.h"

#include <stdlib.h>

#define FIRST (5 * CLOCK_SECOND)

void backoff_works(struct backoff *backoff, int64_t now)
{
	backoff->since = now;
}

int64_t backoff_failed(struct backoff *backoff, int64_t now, int64_t most)
{
	int64_t pause = backoff->base ? backoff->base : FIRST;

	if (backoff->since > 0 && now - backoff->since >= BACKOFF_STABLE) {
		backoff->failures = 0;
		backoff->eased = backoff->first > 0;
	}
	backoff->since = 0;
	if (backoff->eased && backoff->failures == 0)
		pause = backoff->first;
	for (int64_t i = backoff->eased; i < backoff->failures && pause < most; i++)
		pause *= 2;
	backoff->failures++;
	pause = pause < most ? pause : most;
	if (backoff->full)
		pause = pause * (rand() % 1001) / 1000;
	else
		pause = pause * (80 + rand() % 41) / 100;
	backoff->until = now + pause;
	return pause;
}
