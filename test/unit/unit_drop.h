/* unit_drop: a drop folder for a test. */
#ifndef STREAMHUB_UNIT_DROP_H
#define STREAMHUB_UNIT_DROP_H

#include "unit.h"

#include <time.h>

#include "base/msg.h"
#include "drop.h"

#define SECOND_NS INT64_C(1000000000)
#define HOUR 3600

static struct drop drop;
static time_t wall; /* ahead of what the kernel's clock says while the test runs */

static inline int enter(void **state)
{
	drop = (struct drop){.dir = unit_path};
	wall = time(NULL) + HOUR;
	drop.now = (struct clips_clock){1000000, wall * SECOND_NS};
	return unit_enter(state);
}

static inline int leave(void **state)
{
	clips_drop_below(&drop.clips, "");
	watch_close(&drop.watch);
	return unit_leave(state);
}

#define IN_DROP(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static inline void set_mtime(const char *rel, time_t mtime)
{
	struct timespec times[] = {{mtime, 0}, {mtime, 0}};

	assert_int_equal(utimensat(unit_folder, rel, times, AT_SYMLINK_NOFOLLOW), 0);
}

static inline void put(const char *rel, time_t mtime)
{
	unit_put_text(rel, "clip");
	set_mtime(rel, mtime);
}

/* All is in: what a call of ours does the kernel has told of when it returns. */
static inline void catch_up(void)
{
	while (drop_catch_up(&drop, 3))
		;
}

static inline struct clip *find(const char *path)
{
	struct clip *clip = clips_find(&drop.clips, path);

	if (!clip)
		fail_msg("no '%s'", path);
	return clip;
}

/* How many wait, are parked, of the future, and done. */
static inline void check_counts(size_t queue, size_t parked, size_t future, size_t done)
{
	const size_t *counts = drop.clips.counts;

	if (counts[CLIPS_QUEUE] != queue || counts[CLIPS_PARKED] != parked ||
		counts[CLIPS_FUTURE] != future || counts[CLIPS_DONE] != done)
		fail_msg("%zu waiting, %zu parked, %zu of the future, %zu done",
			counts[CLIPS_QUEUE], counts[CLIPS_PARKED], counts[CLIPS_FUTURE],
			counts[CLIPS_DONE]);
}

#endif
