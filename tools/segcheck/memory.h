/*
 * memory: verdicts about files that come again, as those of a list do. A file is the same
 * as long as its device, inode, size and both times are. It holds a bounded number of
 * them; a newer one takes the place of an older one.
 */
#ifndef STREAMHUB_MEMORY_H
#define STREAMHUB_MEMORY_H

#include <stdint.h>
#include <sys/stat.h>

#include "base/path.h"
#include "media/report.h"

struct memory_row {
	struct path_id id;
	int64_t ctime_ns;
	enum report_code code;
	char *why; /* NULL: the file is good */
	uint64_t refused; /* the caller's */
};

/* Starts as zeros. */
struct memory {
	struct memory_row *rows;
};

/* The row of the file; NULL: it is not known, or has changed. */
struct memory_row *memory_find(const struct memory *memory, const struct stat *st);

/* Remembers the file, if there is memory for it. */
void memory_note(struct memory *memory, const struct stat *st, enum report_code code,
	const char *why, uint64_t refused);

#endif
