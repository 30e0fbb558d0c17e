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
	bool asked; /* a restart by a change of its settings */
	bool healthy;
	int64_t settings_ns; /* when its settings were changed; 0: there are none */
	int64_t due; /* ms until it is stale if it shows no life; it may look so before */
	pid_t pid; /* of what runs it, or 0 */
};

/* Looks at the station. No memory: ends with 71. */
void wanted_decide(struct wanted *wanted, const int places[STATION_PLACES],
	const char *id, const struct backend *backend);

#endif
