#include "verdict.h"

#include <stdbool.h>
#include <string.h>

/* What hbwrite writes last: a heartbeat without it is half a heartbeat. */
#define LAST_KEY "last"

static const char *const names[VERDICT_KINDS] = {
	[VERDICT_OK] = "ok",
	[VERDICT_STALE] = "stale",
	[VERDICT_SILENT] = "silent",
	[VERDICT_MISSING] = "missing",
	[VERDICT_FUTURE] = "future",
	[VERDICT_CORRUPT] = "corrupt",
};

void verdict_facts_free(struct verdict_facts *facts)
{
	fact_free(&facts->heartbeat);
	fact_free(&facts->camwatch);
	fact_free(&facts->segcheck);
	fact_free(&facts->rtmppush);
	fact_free(&facts->stationrun);
	fact_free(&facts->segunpack);
	fact_free(&facts->segpack);
}

const char *verdict_name(enum verdict_kind kind)
{
	return names[kind];
}

enum age { AGE_KNOWN, AGE_EARLIER_BOOT, AGE_FUTURE, AGE_UNREADABLE };

/* How old a good fact is. */
static enum age age_of(
	const struct fact *fact, const struct tick_stamp *now, int64_t *age)
{
	struct tick_stamp stamp;

	*age = -1;
	if (fact_stamp(fact, &stamp) < 0)
		return AGE_UNREADABLE;
	if (strcmp(stamp.boot, now->boot) != 0)
		return AGE_EARLIER_BOOT;
	if (stamp.mono > now->mono)
		return AGE_FUTURE;
	*age = now->mono - stamp.mono;
	return AGE_KNOWN;
}

int64_t verdict_age(const struct fact *fact, const struct tick_stamp *now)
{
	int64_t age = -1;

	if (fact->state == FACT_GOOD)
		age_of(fact, now, &age);
	return age;
}

static struct verdict judge_age(enum age known, int64_t age, int64_t limit)
{
	switch (known) {
	case AGE_UNREADABLE:
		return (struct verdict){VERDICT_CORRUPT, -1, limit, "no boot and mono"};
	case AGE_EARLIER_BOOT:
		return (struct verdict){VERDICT_STALE, -1, limit, "of an earlier boot"};
	case AGE_FUTURE:
		return (struct verdict){VERDICT_FUTURE, -1, limit, "of the future"};
	case AGE_KNOWN:
		break;
	}
	if (age > limit)
		return (struct verdict){VERDICT_STALE, age, limit, "heartbeat too old"};
	return (struct verdict){VERDICT_OK, age, limit, "heartbeat"};
}

struct verdict verdict_heartbeat(
	const struct fact *heartbeat, const struct tick_stamp *now, int64_t stale_after)
{
	int64_t age;

	if (heartbeat->state == FACT_ABSENT)
		return (struct verdict){VERDICT_MISSING, -1, stale_after, "no heartbeat"};
	if (heartbeat->state != FACT_GOOD || !fact_get(heartbeat, LAST_KEY))
		return (struct verdict){
			VERDICT_CORRUPT, -1, stale_after, "not a whole heartbeat"};
	enum age known = age_of(heartbeat, now, &age);
	return judge_age(known, age, stale_after);
}

/* Whether the tool's fact is there and in order; if it is there and not, says so in v. */
static bool has_pulse(const struct fact *tool, const struct tick_stamp *now, int64_t *age,
	struct verdict *v)
{
	if (tool->state == FACT_ABSENT)
		return false;
	enum age known = AGE_UNREADABLE;
	if (tool->state == FACT_GOOD)
		known = age_of(tool, now, age);
	if (known == AGE_KNOWN && *age <= VERDICT_PULSE)
		return true;
	*v = judge_age(known, *age, VERDICT_PULSE);
	return false;
}

/* Reads the seconds under key, which may be missing. False: they are there, and no
 * number.
 */
static bool seconds_ok(const struct fact *fact, const char *key, int64_t *out)
{
	return fact_seconds(fact, key, out) == 0 || !fact_get(fact, key);
}

struct verdict verdict_station(const struct verdict_facts *facts,
	const struct tick_stamp *now, int64_t stale_after, int64_t silent_after)
{
	int64_t age, up = -1, waiting = 0, queue = 0, quiet = -1, busy = -1;
	const struct {
		const struct fact *fact;
		const char *corrupt, *pulse;
		const char *key; /* of a number that it must have */
		int64_t *number;
	} tools[] = {
		{&facts->camwatch, "fact of camwatch", "no pulse of camwatch", "waiting",
			&waiting},
		{&facts->segcheck, "fact of segcheck", "no pulse of segcheck", NULL,
			NULL},
		{&facts->rtmppush, "fact of rtmppush", "no pulse of rtmppush", "queue",
			&queue},
		{&facts->segunpack, "fact of segunpack", "no pulse of segunpack", NULL,
			NULL},
		{&facts->segpack, "fact of segpack", "no pulse of segpack", NULL, NULL},
	};
	struct verdict beat = verdict_heartbeat(&facts->heartbeat, now, stale_after);
	bool tool = false;

	if (beat.kind == VERDICT_CORRUPT || beat.kind == VERDICT_FUTURE)
		return beat;
	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
		const struct fact *fact = tools[i].fact;
		struct verdict bad = {.kind = VERDICT_OK};
		int64_t started = INT64_MAX, since = INT64_MAX;

		age = -1;
		if (!has_pulse(fact, now, &age, &bad)) {
			if (bad.kind == VERDICT_OK)
				continue;
			bad.reason = bad.kind == VERDICT_STALE ? tools[i].pulse
							       : tools[i].corrupt;
			return bad;
		}
		tool = true;
		bool camera = fact == &facts->camwatch;
		if (!seconds_ok(fact, "started", &started) ||
			(camera && !seconds_ok(fact, "quiet", &quiet)) ||
			(tools[i].key &&
				fact_number(fact, tools[i].key, tools[i].number) < 0))
			return (struct verdict){
				VERDICT_CORRUPT, -1, VERDICT_PULSE, tools[i].corrupt};
		if (started <= now->mono && now->mono - started > up)
			up = now->mono - started;
		if (!tools[i].number || *tools[i].number <= 0)
			since = INT64_MAX;
		else if (fact_seconds(fact, "busy", &since) < 0)
			since = 0;
		if (since <= now->mono && now->mono - since > busy)
			busy = now->mono - since;
		if (camera && quiet >= 0)
			quiet += age; /* since the fact was written */
	}
	if (!tool)
		return beat;

	/* No beat in this boot yet: what counts is how long there could have been one. */
	if (beat.age < 0 && up >= 0)
		beat = judge_age(AGE_KNOWN, up, stale_after);
	/* After a quiet time the heartbeat is old: the next one is due from now on. */
	if (busy >= 0 && busy < beat.age)
		beat = judge_age(AGE_KNOWN, busy, stale_after);
	if (waiting > 0 || queue > 0)
		return beat;
	if (quiet > silent_after)
		return (struct verdict){
			VERDICT_SILENT, quiet, silent_after, "the camera sends nothing"};
	if (quiet < 0)
		return beat;
	return (struct verdict){VERDICT_OK, beat.age, stale_after, "nothing to play"};
}
