/*
 * logfile: appends text to a file of limited size. When the file is full it is renamed to
 * NAME.1, which replaces an older NAME.1, and a new file is begun.
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

/* Opens the file, or makes it. */
int logfile_open(struct logfile *log, int folder, const char *name, off_t most);

/*
 * Appends text. A new file always begins with a whole line, so a file may exceed its
 * limit by the rest of its last line, but never twice. Text that cannot be written is
 * lost.
 */
int logfile_put(struct logfile *log, const char *text, size_t len);

void logfile_close(struct logfile *log);

#endif
