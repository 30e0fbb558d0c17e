/*
 * order: what comes before what.
 */
#ifndef STREAMHUB_ORDER_H
#define STREAMHUB_ORDER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Compares two paths as a person would: runs of digits by their number, the rest by
 * bytes. Returns 0 only for equal paths.
 */
int order_natural(const char *a, const char *b);

/*
 * Finds the time stamp that a camera put into a path: the first whole one in the last
 * part of the path that has one, else a date and after it a time. Gives milliseconds
 * since 1970 as if it were UTC: good to compare, not to show. Returns 0, or -1 if there
 * is none.
 */
int order_time(const char *path, int64_t *ms);

/* What clips are in the order of, before the natural order of their paths. */
enum order_by { ORDER_BY_MTIME, ORDER_BY_NAME, ORDER_BY_TIME };

extern const char *const order_names[]; /* of these; NULL after the last */

/* The key of a clip in such an order. False: its path has no time stamp. */
bool order_key(enum order_by by, const char *path, int64_t mtime_ns, int64_t *key);

#endif
