/*
 * decide: what becomes of the clips that the pool looks into. A good one is printed, a
 * bad one is looked into again while it may grow, then put into the quarantine; what
 * lies there is looked into again, too. Keeps the fact. Messages are said here.
 */
#ifndef STREAMHUB_DECIDE_H
#define STREAMHUB_DECIDE_H

#include <limits.h>

#include "base/backoff.h"
#include "base/paths.h"
#include "base/pulse.h"
#include "base/root.h"
#include "clip/triage.h"
#include "media/pool.h"
#include "memory.h"
#include "recheck.h"
#include "tries.h"

struct decide {
	/* Set before, and opened. */
	struct root root; /* the drop folder */
	struct triage triage;
	struct recheck recheck;
	const struct report_profile *profile;
	int64_t max_clip; /* milliseconds; 0: no limit */
	bool given; /* clips come in the order of a list, and come again */
	bool json; /* prints a line about each, not the paths of the good ones */
	struct paths *paths;
	struct lines_out *out;
	struct pool pool;
	struct pulse pulse;

	struct tries before; /* what an earlier segcheck had tried */
	struct quarantine_entry again; /* what is looked into again */
	struct memory memory; /* in the order given */
	struct backoff rest; /* after a whole round of a list without a good clip */
	uint64_t stretch; /* counts good clips, and such rounds */
	uint64_t checked, good, bad, retried, quarantined;
	char last_bad[PATH_MAX];
	const char *last_reason;
	uint64_t refused; /* since the last good one, in an earlier segcheck too */
	char refused_why[sizeof((struct report *)0)->detail];
};

/* With a quarantine: reads what an earlier segcheck has tried and refused. */
void decide_begin(struct decide *decide);

/* True if a path may be taken in. In the order given only one is in hand, from here to
 * the reader of standard output. */
bool decide_has_room(const struct decide *decide);

/* Takes paths into the pool while there is room. True: something came. */
bool decide_take_paths(struct decide *decide);

/*
 * Lets go of the first clips of the pool that are decided, while there is room in the
 * output. True: there were some.
 */
bool decide_settle(struct decide *decide);

/* Takes in the second look at a clip of the quarantine, and begins with the next one. */
void decide_look_again(struct decide *decide);

void decide_write_fact(struct decide *decide);

#endif
