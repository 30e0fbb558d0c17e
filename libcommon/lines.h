/*
 * lines: a stream of lines in, a stream of bytes out, neither ever blocking.
 *
 * A filter polls for input only while no output waits, so it holds no more than one chunk
 * and its writer waits in the pipe. Errors are -1 with errno; EAGAIN: poll first.
 */
#ifndef STREAMHUB_LINES_H
#define STREAMHUB_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define LINES_CHUNK 65536
#define LINES_MAX 8192 /* a longer line is cut to this */

struct lines_in {
	int fd;
	char delimiter;
	bool ended; /* the input is at its end */
	char chunk[LINES_CHUNK];
	size_t at, len; /* what of the chunk is not yet looked at */
	char line[LINES_MAX]; /* the start of a line that goes over a chunk's end */
	size_t total; /* how long that line is so far */
};

struct lines_line {
	const char *text; /* not terminated; lives until the next call */
	size_t len;
	bool cut; /* the line was longer: this is its start */
};

void lines_in(struct lines_in *in, int fd, char delimiter);

/*
 * Reads once, at most LINES_CHUNK bytes; all lines must have been taken before. Returns
 * the number of bytes, which are at in->chunk; 0 at the end.
 */
ssize_t lines_fill(struct lines_in *in);

/* Takes the next whole line, or at the end the unfinished one. False: there is none. */
bool lines_next(struct lines_in *in, struct lines_line *line);

/*
 * Passes over all whole lines of the chunk but the last. Returns how many: for those who
 * only count them.
 */
size_t lines_skip(struct lines_in *in);

struct lines_out {
	int fd;
	size_t piece; /* the most that one write may carry without blocking */
	char buf[LINES_CHUNK];
	size_t at, len; /* what waits: len bytes from at */
};

/*
 * Prepares a descriptor for output. A pipe or terminal gets a non-blocking description of
 * its own (reopen.h); where that cannot be had, single writes are kept so small that they
 * do not block after POLLOUT.
 */
void lines_out(struct lines_out *out, int fd);

/* Adds bytes to what waits: no more than LINES_CHUNK in all. */
void lines_put(struct lines_out *out, const void *data, size_t len);

/* Writes what goes now. Returns 0 if nothing waits any more, 1 if something does. */
int lines_flush(struct lines_out *out);

/*
 * Says that standard output cannot be written to, and why if error, an errno, is not 0.
 * Returns the exit code for it: 75 when the reader is gone (EPIPE), else 74.
 */
int lines_lost(int error);

#endif
