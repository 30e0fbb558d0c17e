/*
 * lineup: the clips that wait to be played, in order, and the cursor that goes through
 * them. Messages are said here.
 */
#ifndef STREAMHUB_LINEUP_H
#define STREAMHUB_LINEUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "afterplay.h"
#include "cursor.h"
#include "path.h"

#define LINEUP_MAX 64

struct lineup_clip {
	char *path;
	const char *rel; /* its end, below the drop folder, for the cursor */
	int fd;
	struct path_id id;
	int64_t position; /* milliseconds that were played */
	int64_t duration; /* by its own word, once it is loaded; 0: it tells none */
};

struct lineup {
	enum order_by order;
	const char *dir; /* the drop folder, or NULL: the cursor's paths are whole */
	struct lineup_clip clips[LINEUP_MAX];
	size_t first; /* the place of the first one */
	size_t count;
	uint64_t skipped; /* clips that were not played, with those that the cursor had
			     passed */
	struct cursor cursor;
	int cursor_folder; /* -1: there is none */
	const char *cursor_name;
	int64_t written; /* the cursor, by tick.h */
	bool resumed; /* the clip in which the cursor was has been taken in */
};

/*
 * Reads the cursor, which may not be there yet, clears what a killed one has left of it,
 * and takes in the clip in which it is, as camwatch leaves that to who plays. Returns 0,
 * or an exit code.
 */
int lineup_open(struct lineup *lineup, const char *cursor);

/*
 * Takes in a path; there must be room. Where a cursor is kept, one that is in the past by
 * then is left out with a message. Returns 0, or an exit code.
 */
int lineup_take(struct lineup *lineup, const char *path, size_t len);

struct lineup_clip *lineup_at(struct lineup *lineup, size_t n);

/* Whether the file of the first is not as it was when it was taken in. */
bool lineup_has_changed(struct lineup *lineup);

/*
 * How far the nth lies behind the last, in milliseconds, by the times of last change; 0
 * if it is newer.
 */
int64_t lineup_behind(struct lineup *lineup, size_t n);

void lineup_remove(struct lineup *lineup, size_t n);

/* The first clip was played: does with it what is to be done then. An exit code. */
int lineup_settle(struct lineup *lineup, const struct afterplay *after);

/* Leaves out the nth clip, and says why. An exit code. */
int lineup_skip(
	struct lineup *lineup, size_t n, const char *why, const struct afterplay *then);

/*
 * The first clip was played up to its position; writes that down if every ms are over.
 * Returns an exit code.
 */
int lineup_note(struct lineup *lineup, int64_t every);

#endif
