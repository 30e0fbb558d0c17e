/*
 * clips: the files of a drop folder that a tool keeps in mind, found by path and, within
 * a set, in order. One clip is one allocation of about 150 bytes and its path.
 */
#ifndef STREAMHUB_CLIPS_H
#define STREAMHUB_CLIPS_H

#include <bsd/sys/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "path.h"

enum clips_set {
	CLIPS_QUEUE, /* waits for its turn */
	CLIPS_PARKED, /* not fit to be taken now; holds nothing back */
	CLIPS_FUTURE, /* as parked, and its time has not come: it is not the newest */
	CLIPS_SETS,
	CLIPS_DONE = CLIPS_SETS, /* dealt with; kept in mind while it lies there */
};

struct clip {
	RB_ENTRY(clip) by_path, by_order;
	int64_t key; /* what the order goes by, before the path */
	struct path_id id;
	int64_t ctime_ns;
	int64_t looked; /* when it was looked at last, by tick.h */
	int64_t since; /* since when it has not changed, by tick.h */
	uint32_t seen; /* the number of the folder reading that saw it last */
	uint8_t set;
	const char *path;
};

RB_HEAD(clips_by_path, clip);
RB_HEAD(clips_by_order, clip);

struct clips {
	struct clips_by_path paths;
	struct clips_by_order sets[CLIPS_SETS];
	size_t count, counts[CLIPS_SETS + 1];
};

void clips_init(struct clips *clips);

/* Where a clip stands in the order: before (-1), at (0) or behind (1) key and path. */
int clips_compare(const struct clip *clip, int64_t key, const char *path);

struct clip *clips_find(struct clips *clips, const char *path);

/* A new clip, done, all zero but its path; NULL with errno if there is no memory. */
struct clip *clips_add(struct clips *clips, const char *path);

struct clips_clock {
	int64_t tick; /* of tick.h */
	int64_t wall_ns;
};

enum clips_change {
	CLIPS_SAME,
	CLIPS_TOUCHED, /* other times, but the same file as before */
	CLIPS_CHANGED, /* new, or other contents */
};

/*
 * Tells the clip what stat says of it now. It counts as still since its latest time, but
 * not since before it was last looked at, lest a jump of the clock makes it older than it
 * is; and a new one of which an event told is as young as the event.
 */
enum clips_change clips_update(struct clip *clip, const struct stat *st,
	const struct clips_clock *now, bool event);

/*
 * When, by tick.h, the clip will have been still for age milliseconds, by the latest of
 * its times and of what was seen of it. In the past if it has been.
 */
int64_t clips_settles(
	const struct clip *clip, const struct clips_clock *now, int64_t age);

/* Whether one of its times is more than a second ahead. */
bool clips_of_the_future(const struct clip *clip, const struct clips_clock *now);

/* Puts the clip into a set; its key may only be changed while it is CLIPS_DONE. */
void clips_put(struct clips *clips, struct clip *clip, enum clips_set set);

/* The first or last of a set, or NULL. */
struct clip *clips_first(struct clips *clips, enum clips_set set);
struct clip *clips_last(struct clips *clips, enum clips_set set);

/* Puts all of a set into the queue. */
void clips_requeue(struct clips *clips, enum clips_set set);

void clips_drop(struct clips *clips, struct clip *clip);

/*
 * Drops all clips below a folder ("" for the root), or only those directly in it that
 * were not seen by this reading.
 */
void clips_drop_below(struct clips *clips, const char *folder);
void clips_drop_unseen(struct clips *clips, const char *folder, uint32_t seen);

#endif
