/*
 * pulse: the fact of a long-running tool. It is written within a second after a change,
 * and every 30 seconds in any case. A failure to write it is reported once.
 */
#ifndef STREAMHUB_PULSE_H
#define STREAMHUB_PULSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fact.h"

struct pulse {
	int folder; /* -1: no fact is kept */
	const char *name;
	bool changed; /* set by the tool */
	bool failed;
	int64_t started, written;
	int64_t busy; /* when work came, by the clock of facts; 0: none; -1: at the start
		       */
	struct fact_writer fact;
};

/*
 * Opens the live folder at path and removes temporaries that killed writers of this fact
 * left there. With NULL no fact is kept. Returns 0; or reports what is wrong and returns
 * the exit code for it.
 */
int pulse_open(struct pulse *pulse, const char *path, const char *name);

/* When to write the fact next, as a deadline of clock.h. */
int64_t pulse_due(const struct pulse *pulse);

struct pulse_number {
	const char *key;
	int64_t value;
};

/*
 * pulse_begin starts the fact with the common keys and "started". Then add numbers, or
 * other keys to pulse->fact. pulse_end writes it.
 */
void pulse_begin(struct pulse *pulse);
void pulse_numbers(struct pulse *pulse, const struct pulse_number *numbers, size_t count);

/* Adds milliseconds as seconds with a fraction; an empty value if they are 0. */
void pulse_seconds(struct pulse *pulse, const char *key, int64_t milliseconds);

/*
 * Adds "busy": the time of the first fact with something to do after one with nothing to
 * do. Empty while there is nothing to do, and for work that came within 30 seconds of the
 * tool's start.
 */
void pulse_busy(struct pulse *pulse, bool busy);
void pulse_end(struct pulse *pulse);

#endif
