/*
 * verbs: what stationctl can do with a station: a row and a function for each verb.
 */
#ifndef STREAMHUB_VERBS_H
#define STREAMHUB_VERBS_H

#include <stdbool.h>

#include "clean.h"
#include "service/backend.h"
#include "station/station.h"

/* The stations that a verb is for when none is named; or what must be named. */
enum verb_whom {
	VERB_ALL,
	VERB_ACTIVE,
	VERB_NAMED,
	VERB_ONE,
	VERB_NEW, /* one that there is not yet */
};

/* Some verbs have options of their own, or a kind of files before the IDs. */
enum verb_has {
	VERB_FOLLOW = 1,
	VERB_JSON = 2,
	VERB_PAUSE = 4,
	VERB_YES = 8,
	VERB_KIND = 16,
	VERB_WORDS = 32, /* of its own, behind the ID */
};

/* The options, and the places of stations. */
struct verb_context {
	const struct backend *backend;
	int places[STATION_PLACES];
	bool json, follow, yes;
	enum clean_kind kind;
	char **words; /* behind the ID, with NULL after the last */
};

struct verb {
	const char *name;
	enum verb_whom whom;
	unsigned has; /* of enum verb_has */
	/* Does it with one station. Returns a code of sysexits.h. */
	int (*each)(const struct verb_context *with, const char *id);
	const char *help;
};

extern const struct verb verbs[]; /* the last one has no name */

/* The verb of this name, or NULL. */
const struct verb *verb_find(const char *name);

#endif
