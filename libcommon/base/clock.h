/*
 * clock: the clocks. Monotonic to wait, boot id plus seconds since boot for age, the wall
 * clock only to show.
 */
#ifndef STREAMHUB_CLOCK_H
#define STREAMHUB_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_NEVER INT64_MAX
#define CLOCK_SECOND INT64_C(1000)

/* In the nanoseconds of the times of files. */
#define CLOCK_SECOND_NS INT64_C(1000000000)
#define CLOCK_MS_NS INT64_C(1000000)

/* An instant. Two of them can be compared if they are of the same boot. */
struct clock_stamp {
	char boot[37]; /* the kernel's boot id */
	int64_t mono; /* milliseconds since boot, sleep included, as /proc/uptime counts
		       */
};

/* Milliseconds on the clock that deadlines are counted with. */
int64_t clock_now(void);

/* The sooner of two deadlines. */
int64_t clock_sooner(int64_t a, int64_t b);

/* The timeout for poll(2) that ends at the deadline: 0 if past, -1 for CLOCK_NEVER. */
int clock_timeout(int64_t deadline);

/* Milliseconds that the machine has slept since it was booted. */
int64_t clock_slept(void);

/* This instant. Returns 0, or -1 with errno when the boot id cannot be read. */
int clock_stamp(struct clock_stamp *stamp);

/* The wall clock in nanoseconds, to compare with the times of files. */
int64_t clock_wall_ns(void);

/* The wall clock as ISO 8601 in UTC, with Z. */
void clock_wall(char *out, size_t size);

/* True if the C library has a file for the value of TZ, so that it does not take UTC in
 * its place. "" is the zone of this machine. */
bool clock_knows_zone(const char *zone);

#endif
