/*
 * known: what is: the stations that there are here, whether they run, and whose word
 * counts for each.
 */
#ifndef STREAMHUB_KNOWN_H
#define STREAMHUB_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "service/backend.h"
#include "station/expected.h"
#include "station/station.h"

struct known_station {
	char id[65];
	bool has_settings;
	bool active;
	enum station_desired desired;
	enum station_by by;
	bool unreadable; /* its desired state is damaged, or may not be read */
	bool runs;
	char *addresses[2]; /* RTMP_URL and SOURCE_URL, or NULL */
};

struct known {
	struct known_station *stations; /* by ID */
	size_t count;
};

/* Looks at all stations. Returns 0, or -1 with errno. */
int known_read(struct known *known, const int places[STATION_PLACES],
	const struct backend *backend);

bool known_has_unreadable(const struct known *known);

/* The station of this ID, or NULL. */
struct known_station *known_find(const struct known *known, const char *id);

/* The next station, from *at on, with the address, byte for byte; NULL: no further one.
 */
struct known_station *known_with(const struct known *known, const char *url, size_t *at);

bool known_has_address(const struct known_station *station, const char *url);

void known_free(struct known *known);

#endif
