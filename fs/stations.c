#include "stations.h"

#include <errno.h>
#include <search.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"

static struct hsearch_data slots;
static uint32_t used;
static struct {
	char *id;
	struct snapshot *last;
} stations[STATIONS_MAX];

int stations_init(void)
{
	return hcreate_r(STATIONS_MAX + STATIONS_MAX / 4, &slots) ? 0 : -1;
}

const int *stations_places(void)
{
	static int places[STATION_PLACES] = {-1, -1, -1};
	static int64_t opened = -2 * CLOCK_SECOND;

	if (clock_now() - opened <= CLOCK_SECOND)
		return places;
	for (size_t i = 0; i < STATION_PLACES; i++)
		path_close(places[i]);
	station_open_all(places);
	opened = clock_now();
	return places;
}

bool stations_exist(const char *id)
{
	const int *places = stations_places();
	const int traces[STATION_PLACES] = {[STATION_SETTINGS] = places[STATION_SETTINGS],
		[STATION_STATE] = -1,
		[STATION_LIVE] = places[STATION_LIVE]};
	enum station_desired desired;

	if (!station_id_ok(id) || station_removed(places, id))
		return false;
	return station_known(traces, id) ||
		station_desired(places[STATION_STATE], id, &desired) < 0 ||
		desired == STATION_UP;
}

uint32_t stations_slot(const char *id)
{
	static bool said;
	ENTRY wanted = {.key = (char *)(uintptr_t)id}, *found;

	if (hsearch_r(wanted, FIND, &found, &slots))
		return (uint32_t)(uintptr_t)found->data;
	if (used < STATIONS_MAX && (wanted.key = strdup(id))) {
		wanted.data = (void *)(uintptr_t)(used + 1);
		hsearch_r(wanted, ENTER, &found, &slots);
		stations[used++].id = wanted.key;
		return used;
	}
	if (!said)
		msg_warn("station '%s' and others: not shown, after %u: start again", id,
			used);
	said = true;
	return 0;
}

const char *stations_id(uint32_t slot)
{
	return slot > 0 && slot <= used ? stations[slot - 1].id : NULL;
}

/* True if what was read leaves no doubt that the station is there. */
static bool has_files(const struct snapshot *snapshot)
{
	if (snapshot->files[PART_SETTINGS].there)
		return true;
	if (snapshot->desired == STATION_DOWN) /* the heartbeat of one that was removed */
		return false;
	for (size_t part = 0; part < STAGE_FACTS; part++)
		if (snapshot->files[part].there)
			return true;
	return false;
}

const struct snapshot *stations_look(uint32_t slot)
{
	const int *places = stations_places();
	const char *id = stations_id(slot);

	errno = ENOENT;
	if (!id)
		return NULL;
	struct snapshot **last = &stations[slot - 1].last;
	if (*last && snapshot_holds(*last, places)) {
		clock_stamp(&(*last)->now);
	} else {
		snapshot_free(*last);
		*last = snapshot_read(places, id);
	}
	if (*last && !has_files(*last) && !stations_exist(id)) {
		snapshot_free(*last);
		*last = NULL;
		errno = ENOENT;
	}
	return *last;
}
