/*
 * order: the orders in which clips are played.
 */
#ifndef STREAMHUB_ORDER_H
#define STREAMHUB_ORDER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Compares two paths in natural order: runs of digits as numbers, the rest by bytes.
 * Returns 0 only for equal paths.
 */
int order_natural(const char *a, const char *b);

/*
 * Finds the time stamp that a camera put into a path: the first whole one in the last
 * component that has one, else a date and a time behind it. Gives milliseconds since 1970
 * as if it were UTC: good for comparing, not for showing. Returns 0, or -1 if there is
 * none.
 */
int order_time(const char *path, int64_t *ms);

/* The orders. Clips with the same key are in the natural order of their paths. The order
 * given is that of a list: there no clip is past, and the same one may come again. */
enum order_by { ORDER_BY_MTIME, ORDER_BY_NAME, ORDER_BY_TIME, ORDER_GIVEN };

extern const char *const order_names[]; /* of these; NULL after the last */

/* The key of a clip in this order. False: the order asks for a time stamp, and the path
 * has none. */
bool order_key(enum order_by by, const char *path, int64_t mtime_ns, int64_t *key);

/*
 * Nanoseconds that a key is ahead of the wall clock; 0 or less: it is not. A time in a
 * name may be ahead by as much as local time can be ahead of UTC. An mtime may be ahead
 * by a second, because the clock goes on after it was read.
 */
int64_t order_ahead(enum order_by by, int64_t key, int64_t wall_ns);

#endif
