/*
 * plan: decides what to do with a station, from its actual state and its desired state.
 *
 * The desired state comes from its settings and its file "desired". Another source of it
 * would be read here.
 */
#ifndef STREAMHUB_PLAN_H
#define STREAMHUB_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "service/backend.h"
#include "station/station.h"

enum plan_todo { PLAN_KEEP, PLAN_START, PLAN_STOP, PLAN_RESTART };

extern const char *const plan_names[]; /* of these */

struct plan {
	enum plan_todo todo;
	char why[256];
	bool healthy;
	bool ill; /* it is to be restarted because its verdict is bad */
	int64_t restarts; /* of that kind, since a clip was played */
	int64_t due; /* ms until it may be stale if nothing happens, or CLOCK_NEVER */
	pid_t pid; /* the process that runs it, or 0 */
	int64_t seen; /* when this process was first seen, ms since boot */
	uint64_t settings; /* a hash of the settings; 0: there are none */
};

/*
 * Looks at the station and fills in plan, which holds the result of the last look, or
 * zeros. Unless dry, notes in the live folder which settings the station had when the
 * process that runs it was first seen. Without memory it ends the program with 71.
 */
void plan_decide(struct plan *plan, const int places[STATION_PLACES], const char *id,
	const struct backend *backend, bool dry);

/* Adds this restart to the fact "orchestrate". Returns 0, or -1 with errno. */
int plan_note(const struct plan *plan, int live, const char *id);

#endif
