/*
 * verdict: is a station well? Facts and the time go in, a verdict comes out; no I/O.
 *
 * A heartbeat alone is judged by its age. A station is judged by its heartbeat and the
 * facts of its tools:
 *   stale   a tool's pulse is missing, or something has waited to be played for too long
 *           without a beat; a restart may help
 *   silent  nothing waits, and the camera has sent nothing for too long; a restart cannot
 *   missing there is no heartbeat, and no tool that could be about to write one
 *   future  a fact claims an instant that has not come yet in this boot
 *   corrupt a fact is not a fact, or half of one, or a number in it is none; camwatch's
 *           must have "waiting", rtmppush's "queue"
 */
#ifndef STREAMHUB_VERDICT_H
#define STREAMHUB_VERDICT_H

#include <stdint.h>

#include "fact.h"
#include "tick.h"

enum verdict_kind {
	VERDICT_OK,
	VERDICT_STALE,
	VERDICT_SILENT,
	VERDICT_MISSING,
	VERDICT_FUTURE,
	VERDICT_CORRUPT,
	VERDICT_KINDS,
};

struct verdict {
	enum verdict_kind kind;
	int64_t age; /* milliseconds of what was judged, -1 if it has none */
	int64_t limit; /* milliseconds it was judged against */
	const char *reason; /* in words, static */
};

/* Three missed pulses: a tool rewrites its fact at least every 30 s. */
#define VERDICT_PULSE (90 * TICK_SECOND)

/* The facts of a station; those that are not there are FACT_ABSENT. */
struct verdict_facts {
	struct fact heartbeat, camwatch, segcheck, rtmppush;
	struct fact stationrun; /* not judged: a station may be run by something else */
	struct fact segunpack, segpack; /* that few stations have */
};

void verdict_facts_free(struct verdict_facts *facts);

const char *verdict_name(enum verdict_kind kind);

/*
 * How old a fact is, in milliseconds; -1 if that cannot be told, as it is none, of an
 * earlier boot, or of the future.
 */
int64_t verdict_age(const struct fact *fact, const struct tick_stamp *now);

struct verdict verdict_heartbeat(
	const struct fact *heartbeat, const struct tick_stamp *now, int64_t stale_after);

struct verdict verdict_station(const struct verdict_facts *facts,
	const struct tick_stamp *now, int64_t stale_after, int64_t silent_after);

#endif
