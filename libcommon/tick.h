/*
 * tick: the clocks. Monotonic to wait, boot id plus seconds since boot for age, the wall
 * clock only to show.
 */
#ifndef STREAMHUB_TICK_H
#define STREAMHUB_TICK_H

#include <stddef.h>
#include <stdint.h>

#define TICK_NEVER INT64_MAX
#define TICK_SECOND INT64_C(1000)

/* An instant that can be compared within one boot, and told from every other boot. */
struct tick_stamp {
	char boot[37]; /* the kernel's boot id */
	int64_t mono; /* milliseconds since boot, sleep included, as /proc/uptime counts
		       */
};

/* Milliseconds on the clock that deadlines are counted with. */
int64_t tick_now(void);

/* The sooner of two deadlines. */
int64_t tick_sooner(int64_t a, int64_t b);

/* The timeout for poll(2) that ends at the deadline: 0 if past, -1 for TICK_NEVER. */
int tick_timeout(int64_t deadline);

/* How long the machine has slept since it was booted, in milliseconds. */
int64_t tick_slept(void);

/* This instant. Returns 0, or -1 with errno when the kernel does not tell its boot id. */
int tick_stamp(struct tick_stamp *stamp);

/* The wall clock as ISO 8601 in UTC, with Z. */
void tick_wall(char *out, size_t size);

#endif
