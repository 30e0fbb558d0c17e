/*
 * station: the folders of stations, their desired state, and the settings that tools
 * need.
 *
 * STREAMHUB_ROOT, if set, is put in front of the system paths. Errors are -1 with errno.
 */
#ifndef STREAMHUB_STATION_H
#define STREAMHUB_STATION_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "station/verdict.h"

enum station_place {
	STATION_SETTINGS, /* /etc/streamhub/stations: ID.conf */
	STATION_STATE, /* /var/lib/streamhub: ID/desired, ID/player/cursor */
	STATION_LIVE, /* /run/streamhub.d: ID/heartbeat and one fact per tool */
	STATION_PLACES,
	STATION_VIEW = STATION_PLACES, /* /run/streamhub: the view; no tool reads it */
};

/* The path of a place; static. NULL with errno when there is no memory for it. */
const char *station_path(enum station_place place);

/* Opens the folder of a place; the caller closes it. ENOENT: it does not exist. */
int station_open(enum station_place place);

/* The same; makes it if need be, with all folders above it. */
int station_make_place(enum station_place place);

/* Opens the folder of a station below a place. Makes both if need be. */
int station_make(enum station_place place, const char *id);

/* The folder in a station's state that only rtmppush writes to. */
#define STATION_PLAYER "player"
#define STATION_CURSOR STATION_PLAYER "/cursor"

/* The folder that only playlist writes to. */
#define STATION_LIST "list"
#define STATION_PLACE STATION_LIST "/place"

/* Opens such a folder of a station. Makes it if need be, with all above it. */
int station_make_own(const char *id, const char *folder);

/*
 * Moves a cursor from its former place, ID/cursor, to STATION_CURSOR, unless there is one
 * already. Without a cursor it makes nothing. No link is followed.
 */
int station_settle(const char *id);

/* True if id is 1 to 64 of A-Z a-z 0-9 . _ - and starts with neither dot nor dash. */
bool station_id_ok(const char *id);

/* Opens all places. A place that cannot be opened gets its negative errno. */
void station_open_all(int places[STATION_PLACES]);

/* True if this result of station_open_all means that the place exists, or may exist, but
 * could not be opened. */
bool station_hidden(int place);

enum station_desired { STATION_UNDECIDED, STATION_UP, STATION_DOWN };

/*
 * Reads the desired state from ID/desired below the folder state (or -1); UNDECIDED if
 * there is no such file. Returns 0; or -1 with UNDECIDED and errno if it cannot be read,
 * or is not one line "up" or "down" (EINVAL).
 */
int station_desired(int state, const char *id, enum station_desired *desired);

/* Takes the lock of a folder of state, which only its owner can. Returns its descriptor;
 * or -1 with errno, EWOULDBLOCK: it was held for so long, in milliseconds. */
int station_lock(int folder, int64_t patience);

/* Who desires it. What nobody has noted is a person's. */
enum station_by { STATION_BY_PERSON, STATION_BY_SERVER };
enum station_by station_desired_by(int state, const char *id);

/* Writes what a person desires, so that it survives a power cut. Returns 0 or -1. */
int station_desire(const char *id, enum station_desired desired);

/* Writes what a server desires. Unless over, a station that a person has stopped stays
 * so, and 1 is returned. */
int station_desire_for_server(const char *id, enum station_desired desired, bool over);

/* True if one of the places has a file or folder of station id. Places below 0 are
 * skipped.
 */
bool station_known(const int places[STATION_PLACES], const char *id);

/* The name of its file of settings, "ID.conf"; static. */
const char *station_conf_name(const char *id);

struct station_settings {
	bool active;
	int64_t stale_after; /* milliseconds */
	int64_t silent_after; /* milliseconds */
};

/*
 * Reads ID.conf below the folder settings (or -1); conf is empty if there is no such
 * file. Returns 0, or -1 with errno and nothing to free.
 */
int station_conf(struct conf *conf, int settings, const char *id);

/* Fills in out from settings that were read; returns as station_settings. */
int station_settings_of(
	const struct conf *conf, struct station_settings *out, const char **key);

/*
 * The settings of a station; the default if the file or the key is missing or the value
 * is bad. settings is the folder, or -1. Returns 0; or -1 with errno, and *key is the
 * first key with a bad value (EINVAL), or "the file" if that cannot be read.
 */
int station_settings(
	int settings, const char *id, struct station_settings *out, const char **key);

/*
 * Reads the facts of station id below the folder live (or -1). A missing fact is
 * FACT_ABSENT. A fact that cannot be read is FACT_ERROR, and then -1 with errno is
 * returned.
 */
int station_facts(struct stage_facts *facts, int live, const char *id);

/*
 * True if the station no longer exists: it was stopped, its settings were removed, and of
 * its facts at most the heartbeat is left.
 */
bool station_removed(const int places[STATION_PLACES], const char *id);

struct station_list {
	struct dirent **entries; /* the IDs are the names */
	size_t count;
};

/*
 * Lists the IDs of all stations, each once and in natural order: those that have a file
 * or folder in the live place and were not removed, those that have settings, and those
 * whose desired state is up or cannot be read. Places below 0 are skipped. Returns 0 or
 * -1.
 */
int station_list(struct station_list *list, const int places[STATION_PLACES]);

void station_list_free(struct station_list *list);

#endif
