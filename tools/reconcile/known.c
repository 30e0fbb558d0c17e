#include "known.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "station/settings.h"

static char *address(const struct conf *conf, enum settings_key key)
{
	return settings_has(conf, key) ? strdup(settings_get(conf, key)) : NULL;
}

static void look_at(struct known_station *station, const int places[STATION_PLACES],
	const struct backend *backend, const char *id)
{
	struct conf conf;
	pid_t pid = 0;

	snprintf(station->id, sizeof station->id, "%.64s", id);
	if (station_desired(places[STATION_STATE], id, &station->desired) < 0)
		station->unreadable = true;
	station->by = station_desired_by(places[STATION_STATE], id);
	station->runs = backend->find(id, &pid) > 0;
	if (station_hidden(places[STATION_SETTINGS]) ||
		station_conf(&conf, places[STATION_SETTINGS], id) < 0) {
		station->unreadable = true;
		return;
	}
	station->has_settings = conf.len > 0;
	station->active = settings_yes(&conf, SETTINGS_ACTIVE);
	station->addresses[0] = address(&conf, SETTINGS_RTMP_URL);
	station->addresses[1] = address(&conf, SETTINGS_SOURCE_URL);
	conf_free(&conf);
}

static int compare(const void *a, const void *b)
{
	const struct known_station *one = a, *other = b;

	return strcmp(one->id, other->id);
}

int known_read(struct known *known, const int places[STATION_PLACES],
	const struct backend *backend)
{
	struct station_list list;

	*known = (struct known){NULL, 0};
	if (station_list(&list, places) < 0)
		return -1;
	known->stations = calloc(list.count + 1, sizeof *known->stations);
	for (size_t i = 0; known->stations && i < list.count; i++)
		look_at(&known->stations[known->count++], places, backend,
			list.entries[i]->d_name);
	station_list_free(&list);
	if (!known->stations)
		return -1;
	qsort(known->stations, known->count, sizeof *known->stations, compare);
	return 0;
}

bool known_has_unreadable(const struct known *known)
{
	for (size_t i = 0; i < known->count; i++)
		if (known->stations[i].unreadable)
			return true;
	return false;
}

struct known_station *known_find(const struct known *known, const char *id)
{
	struct known_station key = {.runs = false};

	if (snprintf(key.id, sizeof key.id, "%s", id) >= (int)sizeof key.id)
		return NULL;
	return bsearch(&key, known->stations, known->count, sizeof key, compare);
}

bool known_has_address(const struct known_station *station, const char *url)
{
	for (size_t i = 0; i < 2; i++)
		if (station->addresses[i] && strcmp(station->addresses[i], url) == 0)
			return true;
	return false;
}

struct known_station *known_with(const struct known *known, const char *url, size_t *at)
{
	while (*at < known->count) {
		struct known_station *station = &known->stations[(*at)++];
		if (known_has_address(station, url))
			return station;
	}
	return NULL;
}

void known_free(struct known *known)
{
	for (size_t i = 0; i < known->count; i++)
		for (size_t a = 0; a < 2; a++)
			free(known->stations[i].addresses[a]);
	free(known->stations);
	*known = (struct known){NULL, 0};
}
