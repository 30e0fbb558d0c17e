/*
 * drop: what lies in a drop folder: a watched tree and, of its files, the clips.
 *
 * A file with a clip's name that can never be one (a link, a device, control bytes in the
 * name, a hard link to somebody else's file, no time stamp where the order asks for one)
 * is told of once and counted. Messages are said here.
 */
#ifndef STREAMHUB_DROP_H
#define STREAMHUB_DROP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "clips.h"
#include "cursor.h"
#include "watch.h"

#define DROP_CLIPS_MAX 1000000

struct drop {
	const char *dir, *glob; /* glob NULL: the usual suffixes */
	bool archives; /* they count as clips, too */
	enum order_by order;
	const struct cursor *cursor; /* NULL: none */
	char last[PATH_MAX]; /* nothing at or before it is to come; empty: nothing was */
	int64_t last_key;
	struct watch watch;
	struct clips clips;
	struct clips_clock now; /* to be set by the caller before each call */
	uint64_t skipped; /* files that can never be clips */
	int64_t arrival; /* when, by tick.h, something came last */
	bool full; /* there was no room for a file */
	uint32_t reading;
};

/* Starts to watch. dir, glob, archives and order are set before. Returns 0, or -1 with
 * errno. */
int drop_open(struct drop *drop);

/* Takes in what has come, at most so many files. True: there is more. */
bool drop_catch_up(struct drop *drop, int most);

/* Takes over what stat says of a clip, after an event or without. */
void drop_take(struct drop *drop, struct clip *clip, const struct stat *st, bool event);

/* Queues again what is parked or was of the future. */
void drop_requeue(struct drop *drop);

/* The safety scan: looks for what the watch may have missed, and queues again. */
void drop_scan(struct drop *drop);

/*
 * Sets the past: nothing at or before the cursor is to come, and the clip that it is in
 * belongs to who plays it. False: its path has no time stamp, and the order asks for one.
 */
bool drop_from(struct drop *drop, const struct cursor *cursor);

/* Where the clip stands in the order: in the past (<= 0) or not. */
int drop_compare_last(const struct drop *drop, const struct clip *clip);

/* The clip is out: what comes before it is in the past from here on. */
void drop_set_last(struct drop *drop, const struct clip *clip);

/*
 * Whether a time of the clip is still to come: it is left alone until then. A name may be
 * ahead by what local time can be ahead of UTC.
 */
bool drop_of_the_future(const struct drop *drop, const struct clip *clip);

/* The last in order of what waits or is parked, or NULL. Sets the future aside. */
struct clip *drop_newest(struct drop *drop);

#endif
