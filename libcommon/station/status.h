/*
 * status: the state of a station for people: the keys of the file status, in its order,
 * from one snapshot. No I/O.
 */
#ifndef STREAMHUB_STATUS_H
#define STREAMHUB_STATUS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "station/snapshot.h"

#define STATUS_VALUE_MAX (4 * PATH_MAX) /* a path, every byte of it escaped */
#define STATUS_NONE (-1) /* a number that is not known */
#define STATUS_DASH "-" /* shown for a value that is not known */

struct status {
	/* NULL: not known. Values of facts are escaped as in the fact; name is not. */
	const char *station, *name, *desired, *state, *stream, *heartbeat, *now, *error;
	const char *picture, *sound; /* what is sent, as the player's fact says it */
	int64_t age, lag; /* seconds */
	int64_t position; /* milliseconds */
	int64_t queue, failed, played, reconnects, held;
	int64_t filler; /* seconds of it since the player started */
	const char *source; /* whether a live source is connected */
	const char *clip; /* that is being recorded */
	int64_t recorded; /* milliseconds of it */
	int64_t clips, lost; /* recorded clips, and seconds without one */
	int64_t entry, entries, round; /* of a list: the one that plays, of so many */
	int64_t missing; /* entries left out before the last one that was named */
	const char *next; /* the entry after the one that plays */
	const char *desired_by; /* whose desired state it is */
	enum verdict_kind verdict;
	int64_t restarts; /* by orchestrate, since a clip was played */
	bool unreachable; /* stale because the server cannot be reached */
	bool hidden; /* its settings may not be read, so the defaults count */
	bool first; /* it waits for its very first clip */
	bool desired_up;
	bool healthy; /* desired up, known, and neither stale, silent nor in error */
	char why[2 * VERDICT_REASON];
};

/* Points into the snapshot and into itself. */
void status_of(struct status *status, const struct snapshot *snapshot);

enum status_kind { STATUS_TEXT, STATUS_NUMBER, STATUS_MILLISECONDS };

/* The keys in their order. */
struct status_field {
	const char *key;
	enum status_kind kind;
	size_t offset; /* of the value in struct status */
};

extern const struct status_field status_fields[];
extern const size_t status_field_count;

/*
 * Puts the value as one safe line into out, of size bytes; "-" if it is not known. A
 * value that does not fit is cut and marked (text.h).
 */
void status_show(char *out, size_t size, const struct status *status,
	const struct status_field *field);

/* The field with this key. */
const struct status_field *status_find(const char *key);

/* The text, or NULL. */
const char *status_text(const struct status *status, const struct status_field *field);

/* The value of a number, or STATUS_NONE. */
int64_t status_number(const struct status *status, const struct status_field *field);

#endif
