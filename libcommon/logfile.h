/*
 * logfile: text appended to a file that is bounded: when it has grown to its size, it
 * becomes NAME.1, in the place of the one before, and a new one is begun.
 *
 * Errors are -1 with errno.
 */
#ifndef STREAMHUB_LOGFILE_H
#define STREAMHUB_LOGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct logfile {
	int folder; /* the caller's, and outlives it */
	const char *name;
	off_t most, size;
	int fd;
	bool in_line; /* the last line has no end yet */
};

/* Opens it, or begins it. */
int logfile_open(struct logfile *log, int folder, const char *name, off_t most);

/*
 * Appends; a new file begins with a whole line, so a file may be larger by the end of
 * its last one, but not twice as large. What cannot be written is lost.
 */
int logfile_put(struct logfile *log, const char *text, size_t len);

void logfile_close(struct logfile *log);

#endif
