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

/* Which of two words counts, where a person and the server say different things. */
struct plan_rule {
	bool over; /* the server's, also where a person has stopped the station */
	bool spoken; /* the server has just said all that should run: its word is newer
			than that of a person who has started the station */
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
	struct expected held; /* its items: stations that are held, as EXPECTED_UP */
	int64_t since; /* by clock.h */
};

/*
 * Looks at a list that the server has said, at the time now, and marks in it what is held
 * as EXPECTED_KEEP. Returns how many that are, or -1 with errno ENOMEM.
 */
int plan_hold(struct plan_doubt *doubt, const struct known *known, struct expected *list,
	struct plan_rule rule, int64_t now);

#endif
