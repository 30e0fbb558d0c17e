/*
 * outcome: handles a clip of which no more will be played. The cursor passes it, its path
 * is printed if all of it was played, and it is kept, deleted, moved or put into the
 * quarantine. One line of the log says how much was on the air, and what was done with
 * it.
 */
#ifndef STREAMHUB_OUTCOME_H
#define STREAMHUB_OUTCOME_H

#include "base/paths.h"
#include "clip/afterplay.h"
#include "clip/triage.h"
#include "player.h"
#include "queue.h"

struct outcome {
	struct queue *queue;
	const struct paths *paths; /* says what follows each path */
	struct lines_out *out;
	struct afterplay after;
	struct triage triage; /* for clips that last too long or cannot be played */
	bool quarantines; /* triage has an open quarantine */
	uint64_t played;
	uint64_t refused; /* clips that could not be played since the last that was */
	char refused_why[400]; /* the reason of the last of them */
};

/* Opens the quarantine. Returns 0, or an exit code. */
int outcome_quarantine(struct outcome *outcome, const char *path);

/* Handles the first clip of the queue; mark is that of its end. 0, or an exit code. */
int outcome_of(struct outcome *outcome, const struct player_mark *mark);

/* Handles the nth clip, which cannot be played. It stays or goes into the quarantine.
 * Returns an exit code. */
int outcome_unplayable(struct outcome *outcome, size_t n, const char *reason);

#endif
