/*
 * verdict: judges from facts and the time if a station is well. No I/O.
 *
 * A heartbeat alone is judged by its age. A station is judged by its heartbeat and the
 * facts of its tools:
 *     stale   a tool's pulse is missing, or clips have waited for too long without a beat
 *           while the player did not move; a restart may help
 *   silent  no clip waits, and the camera has sent none for too long; a restart cannot
 * help error   no clip of the camera reaches the player: the drop folder is gone, the
 * disk is full, or all clips are refused, late or of the future; a restart cannot help
 *   missing there is no heartbeat, and no tool runs that could be about to write one
 *   future  a fact has a time that has not come yet in this boot
 *   corrupt a fact is malformed or half written, or lacks a number that it must have
 */
#ifndef STREAMHUB_VERDICT_H
#define STREAMHUB_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "station/stage.h"

#define VERDICT_REASON 256

/* Clips refused, late or of the future in a row that make an error. */
#define VERDICT_REFUSED 3

/* Restarts without a played clip that make an error: they did not help. */
#define VERDICT_RESTARTS 5
#define VERDICT_AGAIN (60 * CLOCK_SECOND) /* between further restarts after that */

enum verdict_kind {
	VERDICT_OK,
	VERDICT_STALE,
	VERDICT_SILENT,
	VERDICT_MISSING,
	VERDICT_FUTURE,
	VERDICT_CORRUPT,
	VERDICT_ERROR,
	VERDICT_KINDS,
};

struct verdict {
	enum verdict_kind kind;
	int64_t age; /* milliseconds: how old it is or has waited; -1: not known */
	int64_t limit; /* milliseconds: the age that is allowed */
	char reason[VERDICT_REASON]; /* in words, safe to show */
	int64_t restarts; /* by orchestrate, since a clip was played */
	bool unreachable; /* stale because the server cannot be reached: do not restart */
};

/* Three missed pulses: a tool rewrites its fact at least every 30 s. */
#define VERDICT_PULSE (90 * CLOCK_SECOND)

/* A session younger than this has not proved yet that the server accepts the stream. */
#define VERDICT_SESSION (10 * CLOCK_SECOND)

const char *verdict_name(enum verdict_kind kind);

/*
 * The age of a fact in milliseconds; -1 if it is no good fact, of an earlier boot, or of
 * the future.
 */
int64_t verdict_age(const struct fact *fact, const struct clock_stamp *now);

struct verdict verdict_heartbeat(
	const struct fact *heartbeat, const struct clock_stamp *now, int64_t stale_after);

struct verdict verdict_station(const struct stage_facts *facts,
	const struct clock_stamp *now, int64_t stale_after, int64_t silent_after);

/* The same, but without regard to restarts: it tells if another restart is due. */
struct verdict verdict_tools(const struct stage_facts *facts,
	const struct clock_stamp *now, int64_t stale_after, int64_t silent_after);

#endif
