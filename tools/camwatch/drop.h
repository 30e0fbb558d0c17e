/*
 * drop: the clips in a drop folder, kept up to date by watching its tree.
 *
 * Some files have a clip's name but can never be a clip: links, devices, names with
 * control bytes, hard links to somebody else's file, and names without a time stamp if
 * the order asks for one. They are reported once and counted. Prints its own messages.
 */
#ifndef STREAMHUB_DROP_H
#define STREAMHUB_DROP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "clip/clips.h"
#include "clip/cursor.h"
#include "watch.h"

#define DROP_CLIPS_MAX 1000000

struct drop {
	const char *dir, *glob; /* glob NULL: the usual suffixes */
	bool archives; /* they count as clips, too */
	enum order_by order;
	const struct cursor *cursor; /* NULL: none */
	bool doubted; /* the cursor is of the future */
	char last[PATH_MAX]; /* the last clip put out: all up to it is past; empty: none
			      */
	int64_t last_key;
	int64_t stalled; /* when, by clock.h, the head began to hold back others; or 0 */
	bool begun; /* all files that were there at the start have been seen */
	struct watch watch;
	struct clips clips;
	struct clips_clock now; /* the caller sets it before each call */
	uint64_t skipped; /* files that can never be clips */
	int64_t arrival; /* when, by clock.h, the last clip came */
	bool full; /* there was no room for a file */
	uint32_t reading;
};

/* Starts to watch. The caller has set dir, glob, archives and order. Returns 0, or -1
 * with errno. */
int drop_open(struct drop *drop);

/*
 * Takes in at most `most` files that have come. True: there are more; the clips are put
 * in order and queued when all have been taken in.
 */
bool drop_catch_up(struct drop *drop, int most);

/* Updates a clip from stat. event: an event has told of it. */
void drop_take(struct drop *drop, struct clip *clip, const struct stat *st, bool event);

/* Queues the clips again that are parked or were of the future. */
void drop_requeue(struct drop *drop);

/* The safety scan: looks for changes that the watch may have missed, and requeues. */
void drop_scan(struct drop *drop);

/*
 * Begins behind the cursor: clips at or before it are past. The clip that it stands in is
 * left to rtmppush, which goes on with it. False: the order asks for a time stamp, and
 * the cursor's path has none.
 */
bool drop_from(struct drop *drop, const struct cursor *cursor);

/*
 * Call it after each look at the clock. If the last clip or the cursor turns out to be of
 * the future, the clock was set back, and it says nothing about clips that come now.
 */
void drop_mind_clock(struct drop *drop);

/* <= 0 if the clip is at or before the last one in the order, > 0 if it comes later. */
int drop_compare_last(const struct drop *drop, const struct clip *clip);

enum drop_past {
	DROP_TO_COME,
	DROP_PAST,
	DROP_UNKNOWN, /* it was there at the start, and the cursor is of the future */
};

enum drop_past drop_past(const struct drop *drop, const struct clip *clip);

/*
 * True if the head of the queue, which has to wait, may still hold back the clips behind
 * it. The limit, patience in milliseconds, covers all heads together. It starts anew when
 * a clip has gone out, or when no clip is held back.
 */
bool drop_is_patient(struct drop *drop, int64_t patience);

/* The clip has gone out: from now on all clips before it are past. */
void drop_set_last(struct drop *drop, const struct clip *clip);

/*
 * True if a time of the clip is still ahead: the clip waits until then. A time in a name
 * may be ahead by as much as local time can be ahead of UTC.
 */
bool drop_of_the_future(const struct drop *drop, const struct clip *clip);

/* Milliseconds that the latest time of the clip is ahead. */
int64_t drop_ahead(const struct drop *drop, const struct clip *clip);

/*
 * Milliseconds that the clip is behind the newest clip that waits here and came before it
 * or with it. Clips that came later do not count: meanwhile the clip was held back here,
 * as the newest, for its age, or behind another.
 */
int64_t drop_behind(struct drop *drop, const struct clip *clip);

/* The last clip in order that waits or is parked, or NULL. Moves clips of the future into
 * their own set. */
struct clip *drop_newest(struct drop *drop);

#endif
