/*
 * late: passes over late clips, and explains by how much and by which clock clips are
 * late or of the future. Prints its own messages.
 */
#ifndef STREAMHUB_LATE_H
#define STREAMHUB_LATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drop.h"

#define LATE_ALL 3 /* late clips in a row that make the clock suspect */

struct late {
	bool remove; /* set by the caller: late clips are deleted */
	uint64_t count;
	uint64_t kept; /* since late_say */
	uint64_t in_a_row; /* late clips since the last one in time, all newly arrived */
	int64_t by; /* milliseconds the last of them was late; negative: not measurable */
	const char *clock; /* the clock by which it was late */
	size_t future; /* clips of the future when the last one in time went out */
};

/* Passes over a late clip. Of those that are kept ten are named, the rest counted. */
void late_pass_over(
	struct late *late, struct drop *drop, struct clip *clip, enum drop_past past);

/* Call it when a clip was in time. */
void late_none(struct late *late, const struct drop *drop);

/* How many clips were late, or are of the future, since the last one in time. */
uint64_t late_mistimed(const struct late *late, const struct drop *drop);

/* Reports how many kept clips were only counted. */
void late_say(struct late *late);

/*
 * Puts into out, of size bytes, one line about a clock that seems wrong: three clips in a
 * row were late, or three are of the future by a minute or more. Else an empty text.
 */
void late_words(const struct late *late, struct drop *drop, char *out, size_t size);

#endif
