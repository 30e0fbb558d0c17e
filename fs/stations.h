/*
 * stations: the stations in the places of station.h, with a number for each, its slot,
 * which it keeps for as long as this process runs. The last snapshot of each is kept, and
 * checked before it is used again.
 */
#ifndef STREAMHUB_STATIONS_H
#define STREAMHUB_STATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "station/snapshot.h"
#include "station/station.h"

#define STATIONS_MAX 65536 /* IDs ever seen; more are not shown */

/* Prepares the slots. Returns 0, or -1 with errno. */
int stations_init(void);

/* The open places. After more than a second they are opened again, as they come and go.
 */
const int *stations_places(void);

/* True if there is such a station now. */
bool stations_exist(const char *id);

/* The slot of an ID, from 1; 0 when there is no room for another. */
uint32_t stations_slot(const char *id);

/*
 * The snapshot of the station in a slot, read again if anything has changed. It lives
 * until the next call for this station. NULL with errno: ENOENT when the station is gone.
 */
const struct snapshot *stations_look(uint32_t slot);

/* The ID of the station in a slot, or NULL. */
const char *stations_id(uint32_t slot);

#endif
