/*
 * queue: the clips that wait to be played, in order, and the cursor that moves through
 * them. Prints its own messages.
 */
#ifndef STREAMHUB_QUEUE_H
#define STREAMHUB_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/path.h"
#include "base/root.h"
#include "clip/afterplay.h"
#include "clip/cursor.h"

#define QUEUE_MAX 64

struct queue_clip {
	char *path;
	const char *rel; /* in path: the part below the drop folder, for the cursor */
	const char *name; /* in path: the last component */
	int folder, fd; /* open while it waits */
	struct path_id id;
	int64_t position; /* milliseconds that were played */
	int64_t played; /* the queue's played when the clip was taken in */
	int64_t duration; /* the one that it declares, known once it is loaded; or 0 */
};

struct queue {
	enum order_by order;
	struct root root; /* the drop folder; none: the cursor has whole paths */
	struct queue_clip clips[QUEUE_MAX];
	size_t first; /* the place of the first one */
	size_t count;
	int64_t played; /* milliseconds that clips were on the air; counted by the caller
			 */
	uint64_t skipped; /* clips not played, also because the cursor had passed them */
	struct cursor cursor;
	int cursor_folder; /* -1: there is none */
	const char *cursor_name;
	int64_t written; /* when the cursor was written, by clock.h */
	bool resumed; /* the clip that the cursor stands in was taken in */
};

/*
 * Reads the cursor, if there is one, and removes temporaries of it that a killed rtmppush
 * left. Takes in the clip that the cursor stands in, because camwatch leaves that to
 * rtmppush; but not in the order given, as playlist names it first. Returns 0, or an exit
 * code.
 */
int queue_open(struct queue *queue, const char *cursor);

/*
 * Takes in a path; there must be room. With a cursor, a clip that will be past when its
 * turn comes is left out with a message. Returns 0, or an exit code.
 */
int queue_take(struct queue *queue, const char *path);

struct queue_clip *queue_at(struct queue *queue, size_t n);

/* True if the file of the nth clip has changed since it was taken in. */
bool queue_has_changed(struct queue *queue, size_t n);

/*
 * Milliseconds that the nth clip is behind the last one, by their mtimes; 0 if it is
 * newer, or the order is given. The time that other clips, or a part of this one, were on
 * the air since it was taken in does not count, as the clip had to wait for that.
 */
int64_t queue_behind(struct queue *queue, size_t n);

void queue_remove(struct queue *queue, size_t n);

/* Keeps, deletes or moves the first clip, which was played. Returns an exit code. */
int queue_settle(struct queue *queue, const struct afterplay *after);

/* Drops the nth clip from the queue with a message, and treats its file as then says.
 * Returns an exit code. */
int queue_skip(
	struct queue *queue, size_t n, const char *why, const struct afterplay *then);

/*
 * Writes the position of the first clip to the cursor, if every milliseconds have passed
 * since the last time. Returns an exit code.
 */
int queue_note(struct queue *queue, int64_t every);

#endif
