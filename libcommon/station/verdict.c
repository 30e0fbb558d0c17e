/*
 * verdict_tools adds up the facts of all stages in struct tools: what waits, what moved
 * last, who is missing. The first reason found is the verdict: a fact that cannot be
 * read, a missing pulse, an error, then the age of the heartbeat.
 */
#include "station/verdict.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The last key that hbwrite writes: without it a heartbeat was cut off. */
#define LAST_KEY "last"

static const char *const names[VERDICT_KINDS] = {
	[VERDICT_OK] = "ok",
	[VERDICT_STALE] = "stale",
	[VERDICT_SILENT] = "silent",
	[VERDICT_MISSING] = "missing",
	[VERDICT_FUTURE] = "future",
	[VERDICT_CORRUPT] = "corrupt",
	[VERDICT_ERROR] = "error",
};

const char *verdict_name(enum verdict_kind kind)
{
	return names[kind];
}

enum age { AGE_KNOWN, AGE_EARLIER_BOOT, AGE_FUTURE, AGE_UNREADABLE };

/* How old a good fact is. */
static enum age age_of(
	const struct fact *fact, const struct clock_stamp *now, int64_t *age)
{
	struct clock_stamp stamp;

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

int64_t verdict_age(const struct fact *fact, const struct clock_stamp *now)
{
	int64_t age = -1;

	if (fact->state == FACT_GOOD)
		age_of(fact, now, &age);
	return age;
}

static struct verdict say(
	enum verdict_kind kind, int64_t age, int64_t limit, const char *reason)
{
	struct verdict v = {.kind = kind, .age = age, .limit = limit};

	snprintf(v.reason, sizeof v.reason, "%s", reason);
	return v;
}

static struct verdict inspect_age(enum age known, int64_t age, int64_t limit)
{
	switch (known) {
	case AGE_UNREADABLE:
		return say(VERDICT_CORRUPT, -1, limit, "no boot and mono");
	case AGE_EARLIER_BOOT:
		return say(VERDICT_STALE, -1, limit, "of an earlier boot");
	case AGE_FUTURE:
		return say(VERDICT_FUTURE, -1, limit, "of the future");
	case AGE_KNOWN:
		break;
	}
	if (age > limit)
		return say(VERDICT_STALE, age, limit, "heartbeat too old");
	return say(VERDICT_OK, age, limit, "heartbeat");
}

struct verdict verdict_heartbeat(
	const struct fact *heartbeat, const struct clock_stamp *now, int64_t stale_after)
{
	int64_t age;

	if (heartbeat->state == FACT_ABSENT)
		return say(VERDICT_MISSING, -1, stale_after, "no heartbeat");
	if (heartbeat->state != FACT_GOOD || !fact_get(heartbeat, LAST_KEY))
		return say(VERDICT_CORRUPT, -1, stale_after, "not a whole heartbeat");
	enum age known = age_of(heartbeat, now, &age);
	return inspect_age(known, age, stale_after);
}

/* True if the tool's fact is there and in order; if it is there and not, says so in v. */
static bool has_pulse(const struct fact *tool, const struct clock_stamp *now,
	int64_t *age, struct verdict *v)
{
	if (tool->state == FACT_ABSENT)
		return false;
	enum age known = AGE_UNREADABLE;
	if (tool->state == FACT_GOOD)
		known = age_of(tool, now, age);
	if (known == AGE_KNOWN && *age <= VERDICT_PULSE)
		return true;
	*v = inspect_age(known, *age, VERDICT_PULSE);
	return false;
}

/* Reads the seconds under key, which may be missing. False: they are there, and no
 * number.
 */
static bool seconds_ok(const struct fact *fact, const char *key, int64_t *out)
{
	return fact_seconds(fact, key, out) == 0 || !fact_get(fact, key);
}

/* Makes the value of a fact safe again: its writer may be one that does not escape. */
static void make_safe(char *out, size_t size, const char *value)
{
	char raw[FACT_VALUE_MAX];

	if (text_decode(raw, sizeof raw, value) == 0)
		value = raw;
	text_escape(out, size, value, strlen(value));
}

/* True if the tool cannot do its work; if so, says why in v. */
static bool is_hindered(const struct fact *tool, struct verdict *v)
{
	const char *error = fact_get(tool, "error");

	if (!error || !*error)
		return false;
	v->kind = VERDICT_ERROR;
	v->age = -1;
	make_safe(v->reason, sizeof v->reason, error);
	return true;
}

/*
 * True if segcheck, or the player, has refused all clips for a while; if so, says so in
 * v. accepted: the key of those that it did not refuse.
 */
static bool all_refused(const struct fact *fact, const char *accepted, struct verdict *v)
{
	const char *value = fact_get(fact, "refused_why");
	int64_t refused, good;
	char why[VERDICT_REASON / 2] = "";

	if (fact_number(fact, "refused", &refused) < 0 || refused < VERDICT_REFUSED)
		return false;
	if (value)
		make_safe(why, sizeof why, value);
	v->kind = VERDICT_ERROR;
	v->age = -1;
	if (fact_number(fact, accepted, &good) == 0 && good == 0)
		snprintf(v->reason, sizeof v->reason,
			"%" PRId64 " of %" PRId64 " clips refused: %s", refused, refused,
			why);
	else
		snprintf(v->reason, sizeof v->reason,
			"the last %" PRId64 " clips refused: %s", refused, why);
	return true;
}

/* True if camwatch has found no clip in time for a while; if so, says so in v. */
static bool all_mistimed(const struct fact *camwatch, struct verdict *v)
{
	const char *why = fact_get(camwatch, "mistimed_why");
	int64_t mistimed;

	if (fact_number(camwatch, "mistimed", &mistimed) < 0 ||
		mistimed < VERDICT_REFUSED || !why || !*why)
		return false;
	v->kind = VERDICT_ERROR;
	v->age = -1;
	make_safe(v->reason, sizeof v->reason, why);
	return true;
}

/*
 * True if the player tries to reach its server, or has only just done so: it plays then
 * as soon as it can.
 */
static bool is_unreachable(const struct fact *rtmppush, const struct clock_stamp *now)
{
	const char *state = fact_get(rtmppush, "state");
	const char *stream = fact_get(rtmppush, "stream");
	int64_t since;

	if (state &&
		(strcmp(state, "reconnecting") == 0 || strcmp(state, "starting") == 0))
		return true;
	return stream && strcmp(stream, "connected") == 0 &&
		fact_seconds(rtmppush, "since", &since) == 0 &&
		since + verdict_age(rtmppush, now) < VERDICT_SESSION;
}

/* The facts of all tools taken together; times are in milliseconds, -1 if unknown. */
struct tools {
	bool any; /* has a pulse */
	int64_t up; /* how long the first of them has run */
	int64_t waiting[STAGES]; /* clips to be played */
	int64_t busy; /* how long one of them has had such a clip */
	int64_t quiet; /* how long the camera or source has sent nothing */
	const char *sender; /* says so */
};

static struct verdict say_of(
	enum verdict_kind kind, int64_t age, const char *what, const char *tool)
{
	char reason[VERDICT_REASON];

	snprintf(reason, sizeof reason, "%s of %s", what, tool);
	return say(kind, age, VERDICT_PULSE, reason);
}

/* Adds what the fact of a stage says. False: it is a reason for the verdict *bad. */
static bool add_tool(struct tools *tools, const struct stage_facts *facts, size_t stage,
	const struct clock_stamp *now, struct verdict *bad)
{
	const struct stage_row *row = &stage_rows[stage];
	const struct fact *fact = &facts->of[stage];
	int64_t age = -1, started = INT64_MAX, busy = 0, quiet = -1, waiting = 0;

	*bad = (struct verdict){.kind = VERDICT_OK};
	if (!has_pulse(fact, now, &age, bad)) {
		if (bad->kind != VERDICT_OK)
			*bad = say_of(bad->kind, bad->age,
				bad->kind == VERDICT_STALE ? "no pulse" : "fact",
				row->name);
		return bad->kind == VERDICT_OK;
	}
	if (!seconds_ok(fact, "started", &started) ||
		(row->quiet && !seconds_ok(fact, "quiet", &quiet)) ||
		(row->waiting && fact_number(fact, row->waiting, &waiting) < 0)) {
		*bad = say_of(VERDICT_CORRUPT, -1, "fact", row->name);
		return false;
	}
	tools->any = true;
	tools->waiting[stage] = waiting;
	if (started <= now->mono && now->mono - started > tools->up)
		tools->up = now->mono - started;
	if (waiting > 0 && fact_seconds(fact, "busy", &busy) < 0)
		busy = 0;
	if (waiting > 0 && busy <= now->mono && now->mono - busy > tools->busy)
		tools->busy = now->mono - busy;
	if (quiet >= 0) {
		tools->quiet = quiet + age; /* since the fact was written */
		tools->sender = row->quiet;
	}
	return true;
}

/*
 * The verdict on the heartbeat, where it is younger than what there is to be played, or
 * than the player's last move: the next beat is due from then on.
 */
static struct verdict inspect_beat(const struct verdict *heartbeat,
	const struct tools *tools, const struct fact *player,
	const struct clock_stamp *now, int64_t stale_after)
{
	struct verdict beat = *heartbeat;
	int64_t moved;

	/* No beat in this boot yet: what counts is how long there could have been one. */
	if (beat.age < 0 && tools->up >= 0)
		beat = inspect_age(AGE_KNOWN, tools->up, stale_after);
	/* After a quiet time the heartbeat is old: the next one is due from now on. */
	if (tools->busy >= 0 && tools->busy < beat.age)
		beat = inspect_age(AGE_KNOWN, tools->busy, stale_after);
	/* A long clip plays on between two beats. */
	if (fact_seconds(player, "moved", &moved) == 0 && moved <= now->mono &&
		now->mono - moved < beat.age) {
		beat = inspect_age(AGE_KNOWN, now->mono - moved, stale_after);
		if (beat.kind == VERDICT_OK)
			strcpy(beat.reason, "the player moves");
	}
	beat.unreachable = beat.kind == VERDICT_STALE && is_unreachable(player, now);
	return beat;
}

/* True if nothing that the camera sends can be played; if so, says why in v. */
static bool is_in_error(const struct stage_facts *facts, struct verdict *v)
{
	for (size_t i = STAGES; i-- > 0;) /* the nearest to the player first */
		if (stage_rows[i].hinders && is_hindered(&facts->of[i], v))
			return true;
	for (size_t i = 0; i < STAGES; i++)
		if (stage_rows[i].accepted &&
			all_refused(&facts->of[i], stage_rows[i].accepted, v))
			return true;
	return all_mistimed(&facts->of[STAGE_CAMWATCH], v);
}

struct verdict verdict_tools(const struct stage_facts *facts,
	const struct clock_stamp *now, int64_t stale_after, int64_t silent_after)
{
	struct verdict heartbeat =
		verdict_heartbeat(&facts->of[STAGE_HBWRITE], now, stale_after);
	struct tools tools = {.up = -1, .busy = -1, .quiet = -1};
	struct verdict bad, error = {.limit = stale_after};
	bool waits = false;

	if (heartbeat.kind == VERDICT_CORRUPT || heartbeat.kind == VERDICT_FUTURE)
		return heartbeat;
	for (size_t i = 0; i < STAGES; i++) {
		if (stage_rows[i].has_pulse && !add_tool(&tools, facts, i, now, &bad))
			return bad;
		waits = waits || tools.waiting[i] > 0;
	}
	if (!tools.any)
		return heartbeat;
	struct verdict beat = inspect_beat(
		&heartbeat, &tools, &facts->of[STAGE_RTMPPUSH], now, stale_after);
	/* A player that has something and does not play it comes first. */
	if ((tools.waiting[STAGE_RTMPPUSH] == 0 || beat.kind == VERDICT_OK) &&
		is_in_error(facts, &error))
		return error;
	if (waits)
		return beat;
	if (tools.quiet > silent_after)
		return say(VERDICT_SILENT, tools.quiet, silent_after, tools.sender);
	if (tools.quiet < 0)
		return beat;
	return say(VERDICT_OK, beat.age, stale_after, "nothing to play");
}

/* The number of restarts since a clip was played. Each played clip makes a beat, so a
 * beat after the last restart means 0. */
static int64_t count_restarts(
	const struct stage_facts *facts, const struct clock_stamp *now)
{
	int64_t last = verdict_age(&facts->of[STAGE_ORCHESTRATE], now), count;
	int64_t beat = verdict_age(&facts->of[STAGE_HBWRITE], now);

	if (last < 0 || (beat >= 0 && beat < last) ||
		fact_number(&facts->of[STAGE_ORCHESTRATE], "restarts", &count) < 0)
		return 0;
	return count;
}

struct verdict verdict_station(const struct stage_facts *facts,
	const struct clock_stamp *now, int64_t stale_after, int64_t silent_after)
{
	struct verdict v = verdict_tools(facts, now, stale_after, silent_after);
	const char *reason;
	char why[VERDICT_REASON / 2] = "";

	v.restarts = count_restarts(facts, now);
	if (v.restarts < VERDICT_RESTARTS)
		return v;
	reason = fact_get(&facts->of[STAGE_ORCHESTRATE], "reason");
	if (reason)
		make_safe(why, sizeof why, reason);
	v.kind = VERDICT_ERROR;
	v.age = -1;
	snprintf(v.reason, sizeof v.reason,
		"restarted %" PRId64 " times without a clip played, the last as %s",
		v.restarts, why);
	return v;
}
