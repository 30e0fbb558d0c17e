/*
 * pulse: the fact that a long-running tool keeps: renewed within a second when something
 * has changed, and every 30 seconds in any case. That it cannot be written is said once.
 */
#ifndef STREAMHUB_PULSE_H
#define STREAMHUB_PULSE_H

#include <stdbool.h>
#include <stdint.h>

#include "fact.h"

struct pulse {
	int folder; /* -1: no fact is kept */
	const char *name;
	bool changed; /* set by the tool */
	bool failed;
	int64_t started, written;
	int64_t busy; /* since when there is something to do; 0: nothing; -1: always */
	struct fact_writer fact;
};

/*
 * Starts with the folder at path, and clears what killed ones left of this fact there;
 * NULL: no fact is kept. Returns 0; or says what is wrong and returns the exit code for
 * it.
 */
int pulse_open(struct pulse *pulse, const char *path, const char *name);

/* When the fact is to be written, as a deadline of tick.h. */
int64_t pulse_due(const struct pulse *pulse);

struct pulse_number {
	const char *key;
	int64_t value;
};

/*
 * Begins the fact, with started after the common keys; add numbers, and to pulse->fact,
 * then end.
 */
void pulse_begin(struct pulse *pulse);
void pulse_numbers(struct pulse *pulse, const struct pulse_number *numbers, size_t count);
/*
 * Adds since when, seen from fact to fact, there has been something to do after there was
 * nothing; empty if there is nothing, or was something as soon as the tool had started.
 */
void pulse_busy(struct pulse *pulse, bool busy);
void pulse_end(struct pulse *pulse);

#endif
