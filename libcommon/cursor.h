/*
 * cursor: how far a station has played: one line, "mtime_ns TAB path TAB position in ms",
 * the path below the drop folder. Everything at or before it is in the past.
 */
#ifndef STREAMHUB_CURSOR_H
#define STREAMHUB_CURSOR_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "order.h"

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
 * Puts it in place of the file name in the folder, so that it survives a power cut.
 * Returns 0, or -1 with errno, EINVAL: what cursor_read would not take, as a path with a
 * tab or a new line.
 */
int cursor_write(const struct cursor *cursor, int folder, const char *name);

/*
 * Whether the cursor is past a clip with this path and time of last change. Where the
 * order is by time and one of them has none, that is told by the paths.
 */
bool cursor_has_passed(const struct cursor *cursor, enum order_by by, int64_t mtime_ns,
	const char *path);

#endif
