/*
 * registry: the streams that a server controls: for each station its process, since when
 * it runs, how it is, and what is expected of it.
 */
#ifndef STREAMHUB_REGISTRY_H
#define STREAMHUB_REGISTRY_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "station/expected.h"
#include "station/snapshot.h"

struct registry_row {
	const char *stream; /* the station's ID */
	const char *expected; /* "up", "down", "keep"; NULL: nothing */
	const char *desired; /* "up", "down"; NULL: nothing */
	const char *by; /* "person", "server"; NULL: nobody */
	const char *health; /* its state */
	pid_t pid; /* that runs it, by boot id and start time; 0: none */
	char since[32]; /* when that started; "": none does */
};

/* The row of a station. Points into the snapshot. */
void registry_of(struct registry_row *row, const struct snapshot *snapshot,
	const struct expected *expected);

/*
 * Writes the rows of the stations, and of those that are expected and have no settings
 * here: as a table below what is known of the list, or each as a JSON object.
 */
void registry_print(FILE *out, const struct snapshot *const *list, size_t count,
	const struct expected *expected);
void registry_print_json(FILE *out, const struct snapshot *const *list, size_t count,
	const struct expected *expected);

#endif
