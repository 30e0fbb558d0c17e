/*
 * clips: the files of a drop folder that a tool remembers. They are found by path and,
 * within a set, in order. One clip is one allocation of about 150 bytes plus its path.
 */
#ifndef STREAMHUB_CLIPS_H
#define STREAMHUB_CLIPS_H

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/path.h"

enum clips_set {
	CLIPS_QUEUE, /* waits for its turn */
	CLIPS_PARKED, /* cannot be taken now, and does not hold back others */
	CLIPS_FUTURE, /* like parked, but its time is ahead, so it is not the newest */
	CLIPS_SETS,
	CLIPS_COMING = CLIPS_SETS, /* just found and not in order yet: more may come */
	CLIPS_DONE, /* handled; remembered for as long as the file is there */
};

struct clip {
	RB_ENTRY(clip) by_path;
	union {
		RB_ENTRY(clip) by_order;
		LIST_ENTRY(clip) coming;
	};
	int64_t key; /* the order goes by this first, then by the path */
	int64_t ahead; /* key of the newest clip when this one came, of its batch too */
	struct path_id id;
	int64_t ctime_ns; /* ctime at the last change of size, mtime or inode */
	int64_t touched_ns; /* ctime now: later if only the mode or the like changed */
	int64_t looked; /* when it was looked at last, by clock.h */
	int64_t since; /* since when it has not changed, by clock.h */
	uint32_t seen; /* number of the folder reading that saw it last */
	uint8_t set;
	bool old; /* it was there when the watch began */
	const char *path;
};

RB_HEAD(clips_by_path, clip);
RB_HEAD(clips_by_order, clip);
LIST_HEAD(clips_coming, clip);

struct clips {
	struct clips_by_path paths;
	struct clips_coming coming;
	struct clips_by_order sets[CLIPS_SETS];
	size_t count, counts[CLIPS_DONE + 1];
};

void clips_init(struct clips *clips);

/* -1, 0 or 1: the clip comes before, at or after key and path in the order. */
int clips_compare(const struct clip *clip, int64_t key, const char *path);

struct clip *clips_find(struct clips *clips, const char *path);

/* Adds a clip in CLIPS_DONE, all zero but its path. NULL with errno: no memory. */
struct clip *clips_add(struct clips *clips, const char *path);

struct clips_clock {
	int64_t mono; /* of clock.h */
	int64_t wall_ns;
};

enum clips_change {
	CLIPS_SAME,
	CLIPS_TOUCHED, /* another ctime, but the same contents */
	CLIPS_CHANGED, /* new, or other contents */
};

/*
 * Updates the clip from stat. A changed clip counts as unchanged since the later of its
 * mtime and ctime, but at the earliest since the last look at it, or since the event for
 * a new clip: so a jump of the wall clock cannot make it look old. A change of its mode,
 * owner or name alone does not make it younger.
 */
enum clips_change clips_update(struct clip *clip, const struct stat *st,
	const struct clips_clock *now, bool event);

/*
 * When, by clock.h, the clip will have been unchanged for age milliseconds, both by its
 * mtime and ctime and by what was seen of it. In the past if it already has been.
 */
int64_t clips_settles(
	const struct clip *clip, const struct clips_clock *now, int64_t age);

/* Milliseconds that the later of its mtime and ctime is ahead of now; negative if past.
 */
int64_t clips_ahead(const struct clip *clip, const struct clips_clock *now);

/* True if its mtime or ctime is more than a second ahead. */
bool clips_of_the_future(const struct clip *clip, const struct clips_clock *now);

/* Puts the clip into a set. Change its key only while it is in CLIPS_DONE. */
void clips_put(struct clips *clips, struct clip *clip, enum clips_set set);

/* The first or last in order of a set, or NULL. */
struct clip *clips_first(struct clips *clips, enum clips_set set);
struct clip *clips_last(struct clips *clips, enum clips_set set);

/* Puts all of a set into the queue. */
void clips_requeue(struct clips *clips, enum clips_set set);

void clips_drop(struct clips *clips, struct clip *clip);

/*
 * Drops all clips below a folder ("" for the root); or only those directly in it that
 * the folder reading with the number seen did not see.
 */
void clips_drop_below(struct clips *clips, const char *folder);
void clips_drop_unseen(struct clips *clips, const char *folder, uint32_t seen);

#endif
