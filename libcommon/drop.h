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
#include "watch.h"

#define DROP_CLIPS_MAX 1000000

enum drop_order { DROP_BY_MTIME, DROP_BY_NAME, DROP_BY_TIME };

struct drop {
	const char *dir, *glob; /* glob NULL: the usual suffixes */
	enum drop_order order;
	const char *other;      /* the path of a clip that is somebody else's by now, */
	int64_t other_mtime_ns; /* with its time; NULL: none */
	struct watch watch;
	struct clips clips;
	struct clips_clock now; /* to be set by the caller before each call */
	uint64_t skipped;       /* files that can never be clips */
	int64_t arrival;        /* when, by tick.h, something came last */
	bool full;              /* there was no room for a file */
	uint32_t reading;
};

/* Starts to watch. dir, glob, order and other are set before. 0, or -1 with errno. */
int drop_open(struct drop *drop);

/* Takes in what has come, at most so many files. True: there is more. */
bool drop_catch_up(struct drop *drop, int most);

/* Takes over what stat says of a clip, after an event or without. */
void drop_take(struct drop *drop, struct clip *clip, const struct stat *st, bool event);

/* Queues again what is parked or was of the future. */
void drop_requeue(struct drop *drop);

/* The safety scan: looks for what the watch may have missed, and queues again. */
void drop_scan(struct drop *drop);

/* The key of a path in this order, into *key. False: it has no time stamp. */
bool drop_key(const struct drop *drop, const char *path, int64_t mtime_ns, int64_t *key);

/*
 * Whether a time of the clip is still to come: it is left alone until then. A name may be
 * ahead by what local time can be ahead of UTC.
 */
bool drop_of_the_future(const struct drop *drop, const struct clip *clip);

/* The last in order of what waits or is parked, or NULL. Sets the future aside. */
struct clip *drop_newest(struct drop *drop);

#endif
