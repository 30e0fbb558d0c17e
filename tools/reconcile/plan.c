#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

const char *const plan_names[] = {
	[PLAN_KEEP] = "keep", [PLAN_START] = "start", [PLAN_STOP] = "stop"};

static enum plan_todo plan_start(
	const struct known_station *station, struct plan_rule rule, const char **why)
{
	if (station->desired == STATION_UP) {
		*why = "it is desired up already";
		return PLAN_KEEP;
	}
	if (!station->active) {
		*why = "it is not active in its settings";
		return PLAN_KEEP;
	}
	if (station->desired == STATION_DOWN && station->by == STATION_BY_PERSON &&
		!rule.over) {
		*why = "a person has stopped it";
		return PLAN_KEEP;
	}
	*why = "the server expects it";
	return PLAN_START;
}

static enum plan_todo plan_stop(
	const struct known_station *station, struct plan_rule rule, const char **why)
{
	if (station->desired == STATION_DOWN) {
		*why = "it is desired down already";
		return PLAN_KEEP;
	}
	if (station->desired == STATION_UNDECIDED && !station->runs) {
		*why = "it does not run";
		return PLAN_KEEP;
	}
	if (station->by == STATION_BY_PERSON && !rule.spoken && !rule.over) {
		*why = "a person has started it since";
		return PLAN_KEEP;
	}
	*why = "the server does not expect it";
	return PLAN_STOP;
}

enum plan_todo plan_of(const struct known_station *station, enum expected_word word,
	struct plan_rule rule, const char **why)
{
	if (station->unreadable) {
		*why = "its settings or its desired state cannot be read";
		return PLAN_KEEP;
	}
	if (word == EXPECTED_UP && !station->has_settings) {
		*why = "it has no settings here";
		return PLAN_KEEP;
	}
	if (word == EXPECTED_UP)
		return plan_start(station, rule, why);
	if (word == EXPECTED_DOWN)
		return plan_stop(station, rule, why);
	*why = word == EXPECTED_KEEP ? "it is left as it is"
				     : "the server says nothing about it";
	return PLAN_KEEP;
}

static bool is_up(const struct known_station *station)
{
	return station->has_settings && station->active && station->desired == STATION_UP;
}

static int compare(const void *a, const void *b)
{
	const struct plan_held *one = a, *other = b;

	return strcmp(one->id, other->id);
}

/* Since when the station is held; -1: it is not. */
static int64_t held_since(const struct plan_doubt *doubt, const char *id)
{
	struct plan_held key = {.since = 0};

	snprintf(key.id, sizeof key.id, "%s", id);
	const struct plan_held *found = doubt->count == 0
		? NULL
		: bsearch(&key, doubt->held, doubt->count, sizeof key, compare);
	return found ? found->since : -1;
}

int plan_hold(struct plan_doubt *doubt, const struct known *known, struct expected *list,
	struct plan_rule rule, int64_t now)
{
	struct plan_doubt next = {calloc(known->count + 1, sizeof *next.held), 0};
	size_t up = 0, stops = 0;
	const char *why;

	for (size_t i = 0; i < known->count; i++) {
		const struct known_station *station = &known->stations[i];
		up += is_up(station);
		stops += plan_of(station, expected_of(list, station->id), rule, &why) ==
			PLAN_STOP;
	}
	const bool doubtful = stops > 0 && (list->count == 0 || 2 * stops > up);
	for (size_t i = 0; next.held && doubtful && i < known->count; i++) {
		const struct known_station *station = &known->stations[i];
		const int64_t since = held_since(doubt, station->id);
		if (plan_of(station, expected_of(list, station->id), rule, &why) !=
				PLAN_STOP ||
			(since >= 0 && now - since >= PLAN_TWICE))
			continue;
		struct plan_held *held = &next.held[next.count++];
		snprintf(held->id, sizeof held->id, "%s", station->id);
		held->since = since >= 0 ? since : now;
	}
	plan_doubt_free(doubt);
	*doubt = next;
	for (size_t i = 0; i < next.count; i++)
		if (expected_set(list, next.held[i].id, EXPECTED_KEEP) < 0)
			return -1;
	return next.held ? (int)next.count : -1;
}

void plan_doubt_free(struct plan_doubt *doubt)
{
	free(doubt->held);
	*doubt = (struct plan_doubt){NULL, 0};
}
