/*
 * expected: which stations a server expects to run, as it has said last, and the id of
 * the event in which it did. The file is in the folder of its own below that of stations'
 * state: lines "key: value", first the id, then time, boot and whole, then "up: ID",
 * "down: ID" or "keep: ID" for each station that was named.
 */
#ifndef STREAMHUB_EXPECTED_H
#define STREAMHUB_EXPECTED_H

#include <stdbool.h>
#include <stddef.h>

#define EXPECTED_PLACE ".control" /* no ID of a station begins with a dot */
#define EXPECTED_FILE "expected"
#define EXPECTED_ID_MAX 4096
#define EXPECTED_MAX 100000 /* stations; more have no room */

enum expected_word {
	EXPECTED_NOTHING, /* the server does not say */
	EXPECTED_UP,
	EXPECTED_DOWN,
	EXPECTED_KEEP, /* left as it is */
};

struct expected_item {
	char id[65];
	enum expected_word word;
};

struct expected {
	char event[EXPECTED_ID_MAX + 1]; /* its id; "": none */
	char time[32]; /* when it was written; "": never */
	char boot[37];
	bool whole; /* the server has said all: down is what it has not named */
	struct expected_item *items; /* by ID */
	size_t count;
};

/*
 * Reads the file below the folder of stations' state (or -1). Without one the list is
 * empty. Returns 0, or -1 with errno; EBADMSG: it is damaged. The list is empty then.
 */
int expected_read(struct expected *expected, int state);

/* The same for the text of a file, which is changed. */
int expected_parse(struct expected *expected, char *text, size_t len);

/* Writes it into the folder, so that it survives a power cut. Returns 0, or -1. */
int expected_write(struct expected *expected, int folder);

/* Notes what is expected of the station. Returns 0, or -1 with errno: ENOMEM, E2BIG. */
int expected_set(struct expected *expected, const char *id, enum expected_word word);

/* The item of the station; NULL: it was not named. */
const struct expected_item *expected_find(
	const struct expected *expected, const char *id);

/* The word of the station; of one that was not named it depends on whole. */
enum expected_word expected_of(const struct expected *expected, const char *id);

/* Forgets all items. */
void expected_clear(struct expected *expected);

void expected_free(struct expected *expected);

#endif
