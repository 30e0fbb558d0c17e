#include "plan.h"

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

int plan_hold(struct plan_doubt *doubt, const struct known *known, struct expected *list,
	struct plan_rule rule, int64_t now)
{
	struct expected before = doubt->held;
	bool seen = before.count > 0 && now - doubt->since >= PLAN_TWICE;
	size_t up = 0, stops = 0;
	const char *why;
	int code = 0;

	for (size_t i = 0; i < known->count; i++) {
		const struct known_station *station = &known->stations[i];
		up += is_up(station);
		stops += plan_of(station, expected_of(list, station->id), rule, &why) ==
			PLAN_STOP;
	}
	doubt->held = (struct expected){.whole = false};
	bool doubtful = stops > 0 && (list->count == 0 || 2 * stops > up);
	for (size_t i = 0; doubtful && code == 0 && i < known->count; i++) {
		const char *id = known->stations[i].id;
		if (plan_of(&known->stations[i], expected_of(list, id), rule, &why) !=
				PLAN_STOP ||
			(seen && expected_of(&before, id) == EXPECTED_UP))
			continue;
		code = expected_set(&doubt->held, id, EXPECTED_UP);
	}
	for (size_t i = 0; code == 0 && i < doubt->held.count; i++)
		code = expected_set(list, doubt->held.items[i].id, EXPECTED_KEEP);
	if (before.count == 0 || seen)
		doubt->since = now;
	expected_free(&before);
	return code < 0 ? -1 : (int)doubt->held.count;
}
