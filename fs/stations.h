/*
 * stations: the stations that there are, by what lies in the places of station.h, and a
 * number for each, its slot, which it keeps for as long as we run. What was read of each
 * last is kept, and looked at again before it is used again.
 */
#ifndef STREAMHUB_STATIONS_H
#define STREAMHUB_STATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "snapshot.h"
#include "station.h"

#define STATIONS_MAX 65536 /* IDs ever seen; more are not shown */

/* Prepares the slots. Returns 0, or -1 with errno. */
int stations_init(void);

/* The folders, opened anew if that was more than a second ago: they come and go. */
const int *stations_places(void);

/* Whether there is such a station now. */
bool stations_exist(const char *id);

/* The slot of an ID, from 1; 0 when there is no room for another. */
uint32_t stations_slot(const char *id);

/*
 * All that is known of the station in a slot at this moment. It is read anew if anything
 * has changed, and lives until the next call for this station. NULL with errno: ENOENT
 * when there is no such station any more.
 */
const struct snapshot *stations_look(uint32_t slot);

/* The ID of a slot that was given, or NULL. */
const char *stations_id(uint32_t slot);

#endif
