/*
 * cursor: how far a station has played: one line, "mtime_ns TAB path TAB position in ms".
 * The path is below the drop folder. Every clip at or before the cursor is in the past.
 */
#ifndef STREAMHUB_CURSOR_H
#define STREAMHUB_CURSOR_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "clip/order.h"

struct cursor {
	int64_t mtime_ns;
	int64_t position; /* milliseconds */
	char path[PATH_MAX];
};

/*
 * Reads the cursor file at path. Returns 0; or -1 with errno: ENOENT if there is none
 * yet, EBADMSG if it is no cursor.
 */
int cursor_read(struct cursor *cursor, const char *path);

/* The same for the file rel below the folder at. */
int cursor_read_at(struct cursor *cursor, int at, const char *rel);

/*
 * Replaces the file name in the folder, so that it survives a power cut. Returns 0, or -1
 * with errno; EINVAL: cursor_read would not accept it, because its path has a tab or a
 * new line, say.
 */
int cursor_write(const struct cursor *cursor, int folder, const char *name);

/*
 * Nanoseconds that the cursor is ahead of the wall clock (order_ahead); 0 or less: it is
 * not ahead. A cursor of the future was written with a wrong clock and is not believed:
 * callers take no clip for past because of it.
 */
int64_t cursor_ahead(const struct cursor *cursor, enum order_by by, int64_t wall_ns);

/*
 * True if the cursor is not of the future and has passed a clip with this path and mtime.
 * In the order by time, if the cursor or the clip has no time stamp, the paths decide.
 */
bool cursor_has_passed(const struct cursor *cursor, enum order_by by, int64_t wall_ns,
	int64_t mtime_ns, const char *path);

#endif
