/*
 * catalogue: DIR/catalogue.tsv, a line a clip: when it began and ended, milliseconds,
 * bytes, codecs, size of the picture, keyframes, why it ended, and its path below the
 * folder. What is not known is "-". Errors are -1 with errno.
 */
#ifndef STREAMHUB_CATALOGUE_H
#define STREAMHUB_CATALOGUE_H

#include <stdint.h>
#include <sys/types.h>

#include "cut.h"
#include "shelf.h"

struct catalogue_line {
	int64_t ms; /* how long it is */
	off_t bytes;
	const char *codecs;
	int width, height;
	int64_t keyframes; /* -1: not known */
	enum cut_reason reason;
	const char *name;
};

/* Appends a line, in one write. */
int catalogue_add(const struct shelf *shelf, const struct catalogue_line *line);

/*
 * Adds the clips that it lacks, as they lie in the folder, and leaves out those that are
 * gone. Looks into files in a sandbox. all: looks into each clip anew. Returns how many
 * lines were made, or -1. Prints messages about clips that cannot be read.
 */
int64_t catalogue_mend(const struct shelf *shelf, bool all);

#endif
