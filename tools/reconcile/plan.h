/*
 * plan: what is to be started, stopped and kept, from what is and what should be. Pure
 * functions, but for the memory.
 */
#ifndef STREAMHUB_PLAN_H
#define STREAMHUB_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "known.h"
#include "station/expected.h"

enum plan_todo { PLAN_KEEP, PLAN_START, PLAN_STOP };

extern const char *const plan_names[]; /* of these */

/* Where a person and the server say different things. */
struct plan_rule {
	bool over; /* the server's word counts, whatever a person has said */
	bool spoken; /* the server has spoken after the person: it may stop a station
			that the person has started */
};

/* What is to be done with a station of which the server expects this, and why. */
enum plan_todo plan_of(const struct known_station *station, enum expected_word word,
	struct plan_rule rule, const char **why);

/*
 * A list that stops all, or more than half of what is desired up, may be a mistake. What
 * it would stop is held until it was to be stopped by another list PLAN_TWICE later.
 */
#define PLAN_TWICE (30 * CLOCK_SECOND)

struct plan_doubt {
	struct plan_held {
		char id[65];
		int64_t since; /* by clock.h */
	} * held; /* by ID */
	size_t count;
};

/*
 * Looks at a list that the server has said, at the time now, and marks in it what is held
 * as EXPECTED_KEEP. Returns how many that are, or -1 with errno ENOMEM.
 */
int plan_hold(struct plan_doubt *doubt, const struct known *known, struct expected *list,
	struct plan_rule rule, int64_t now);

void plan_doubt_free(struct plan_doubt *doubt);

#endif
