/*
 * health: says when a stream that is expected has another process, or is in another
 * state, than when it was looked at last.
 */
#ifndef STREAMHUB_HEALTH_H
#define STREAMHUB_HEALTH_H

#include "station/expected.h"
#include "station/station.h"

/* Looks at all stations. Returns 0, or -1 with errno. */
int health_look(const int places[STATION_PLACES], const struct expected *expected);

/* Writes the registry to standard output as JSON. Returns 0, or -1 with errno. */
int health_print(const int places[STATION_PLACES], const struct expected *expected);

void health_free(void);

#endif
