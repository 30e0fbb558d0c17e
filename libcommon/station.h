/*
 * station: where stations keep what they keep, and the settings that tools ask for.
 *
 * STREAMHUB_ROOT, if set, is put in front of the system paths. Errors are -1 with errno.
 */
#ifndef STREAMHUB_STATION_H
#define STREAMHUB_STATION_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "verdict.h"

enum station_place {
	STATION_SETTINGS, /* /etc/streamhub/stations: ID.conf */
	STATION_STATE, /* /var/lib/streamhub: ID/desired, ID/cursor */
	STATION_LIVE, /* /run/streamhub.d: ID/heartbeat and a fact a tool */
	STATION_PLACES,
	STATION_VIEW = STATION_PLACES, /* /run/streamhub: the view; no tool reads it */
};

/* The path of a place; static. NULL with errno when there is no memory for it. */
const char *station_path(enum station_place place);

/* Opens the folder of a place; the descriptor is the caller's. ENOENT: not there. */
int station_open(enum station_place place);

/* The same; it is made if need be, with all above it. */
int station_make_place(enum station_place place);

/* Opens the folder of a station below a place. Both are made if need be. */
int station_make(enum station_place place, const char *id);

/* Whether id is 1 to 64 of A-Z a-z 0-9 . _ - and starts with neither dot nor dash. */
bool station_id_ok(const char *id);

/* Opens all of them. Instead of one that cannot be opened there is its negative errno. */
void station_open_all(int places[STATION_PLACES]);

/* Whether such a place is there, or may be, and could not be opened. */
bool station_hidden(int place);

enum station_wish { STATION_UNDECIDED, STATION_UP, STATION_DOWN };

/*
 * What the file ID/desired below the folder state (or -1) says; UNDECIDED if there is
 * none. Returns 0; or -1 with UNDECIDED and errno if it cannot be read, or is not one
 * line "up" or "down" (EINVAL).
 */
int station_wish(int state, const char *id, enum station_wish *wish);

/* Puts it there, so that it survives a power cut. Returns 0 or -1. */
int station_wish_set(const char *id, enum station_wish wish);

/* Whether there is a trace of a station id in one of the places; those below 0 have none.
 */
bool station_known(const int places[STATION_PLACES], const char *id);

struct station_settings {
	bool active;
	int64_t stale_after; /* milliseconds */
	int64_t silent_after; /* milliseconds */
};

/*
 * Reads ID.conf below the folder settings (or -1); none there: an empty one. Returns 0,
 * or -1 with errno and nothing to free.
 */
int station_conf(struct conf *conf, int settings, const char *id);

/* What the tools ask of them; returns as station_settings. */
int station_settings_of(
	const struct conf *conf, struct station_settings *out, const char **key);

/*
 * The settings of a station, defaults where the file or the key is missing or the value
 * is bad. settings is the folder, or -1. Returns 0; or -1 with errno and *key naming the
 * first key whose value is bad (EINVAL), or "the file" that cannot be read.
 */
int station_settings(
	int settings, const char *id, struct station_settings *out, const char **key);

/*
 * Reads the facts of station id below the folder of live facts (or -1); none there: all
 * absent.
 * One that cannot be read is FACT_ERROR in its place, and -1 with errno is returned.
 */
int station_facts(struct verdict_facts *facts, int live, const char *id);

struct station_list {
	struct dirent **entries; /* the IDs are the names */
	size_t count;
};

/*
 * The IDs, each once and in natural order, of what is in the live folder, folder or not,
 * of the settings, and of the folders of state that are wished up, or whose wish cannot
 * be told. Places below 0 are passed over. Returns 0 or -1.
 */
int station_list(struct station_list *list, const int places[STATION_PLACES]);

void station_list_free(struct station_list *list);

#endif
