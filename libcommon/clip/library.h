/*
 * library: the list or folder that the user named, as it is by now. A list that changes
 * while it plays is believed when it is whole: when nobody has it open for writing and
 * its last line has an end, or when it has not changed for a second. Who has it open for
 * ten seconds and writes nothing has written whole lines. Prints its own messages.
 */
#ifndef STREAMHUB_LIBRARY_H
#define STREAMHUB_LIBRARY_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/path.h"
#include "clip/list.h"

struct library {
	const char *path;
	char folder[PATH_MAX]; /* that entries are relative to */
	struct list list; /* what was read last */
	bool known; /* it was read at least once */
	bool looks; /* a list is taken as it stands, and nothing is said about it */
	bool for_all; /* EACCES for what not everybody may read; no link is followed */
	struct library_file {
		struct path_id id;
		int64_t ctime_ns;
	} read, seen; /* of the list: when it was read, and when it was looked at */
	int64_t seen_at; /* since when it looks like seen, by clock.h */
};

void library_init(struct library *library, const char *path);

enum library_answer {
	LIBRARY_READY, /* list is what stands there */
	LIBRARY_CHANGING, /* it is being written, so list is what stood there before */
	LIBRARY_GONE, /* it cannot be read; errno says why */
};

/* Reads it if it has changed. */
enum library_answer library_read(struct library *library);

#endif
