/*
 * wanted: what is to be done with a station, by what is and what should be.
 *
 * What should be is what its settings and its wish say; another source of that has its
 * place here.
 */
#ifndef STREAMHUB_WANTED_H
#define STREAMHUB_WANTED_H

#include <stdbool.h>
#include <stdint.h>

#include "backend.h"
#include "station.h"

enum wanted_todo { WANTED_KEEP, WANTED_START, WANTED_STOP, WANTED_RESTART };

extern const char *const wanted_names[]; /* of these */

struct wanted {
	enum wanted_todo todo;
	char why[256];
	bool healthy;
	int64_t due; /* ms until it may be stale if it shows no life, or TICK_NEVER */
	pid_t pid; /* of what runs it, or 0 */
	int64_t seen; /* since when, as seconds since boot in ms, this one is known */
	uint64_t settings; /* a hash of them; 0: there are none */
};

/*
 * Looks at the station; wanted holds what was seen before, or zeros. What its settings
 * were when what runs it was first seen is kept in its live folder, unless dry. No
 * memory: ends with 71.
 */
void wanted_decide(struct wanted *wanted, const int places[STATION_PLACES],
	const char *id, const struct backend *backend, bool dry);

#endif
