/*
 * lines: reads a stream of lines and writes a stream of bytes, without blocking.
 *
 * A filter polls for input only while no output waits. So it holds at most one chunk, and
 * the writer of its input waits in the pipe. Errors are -1 with errno; EAGAIN: poll
 * first.
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
	size_t at, len; /* the part of the chunk that was not returned yet */
	char line[LINES_MAX]; /* the start of a line that goes on in the next chunk */
	size_t total; /* length of that line so far */
};

struct lines_line {
	const char *text; /* not terminated; lives until the next call */
	size_t len;
	bool cut; /* the line was longer; text is its start */
};

void lines_in(struct lines_in *in, int fd, char delimiter);

/*
 * Reads once, at most LINES_CHUNK bytes; all lines must have been taken before. Returns
 * the number of bytes, which are at in->chunk; 0 at the end.
 */
ssize_t lines_fill(struct lines_in *in);

/* Takes the next whole line; at the end also an unfinished one. False: there is none. */
bool lines_next(struct lines_in *in, struct lines_line *line);

/*
 * Skips all whole lines of the chunk but the last. Returns how many, for a caller that
 * only counts lines.
 */
size_t lines_skip(struct lines_in *in);

struct lines_out {
	int fd;
	size_t piece; /* bytes that one write may carry without blocking */
	bool pipe, single; /* by lines_single: it is one, and holds one write at a time */
	char buf[LINES_CHUNK];
	size_t at, len; /* len bytes from at wait to be written */
};

/*
 * Prepares a descriptor for output. A pipe or terminal is opened once more, non-blocking
 * (reopen.h). Where that is impossible, each write is kept so small that it does not
 * block after POLLOUT.
 */
void lines_out(struct lines_out *out, int fd);

/* Adds bytes to the output. At most LINES_CHUNK bytes may wait in all. */
void lines_put(struct lines_out *out, const void *data, size_t len);

/* Writes as much as possible now. Returns 0 if all is written, 1 if bytes still wait. */
int lines_flush(struct lines_out *out);

/*
 * For a filter that must not run ahead of its reader. lines_single makes a pipe hold one
 * write at a time, and sets out->single, if it can: then POLLOUT says that the reader has
 * taken all. lines_drained is true if it has, or if out is no pipe.
 */
void lines_single(struct lines_out *out);
bool lines_drained(const struct lines_out *out);

/*
 * Reports that standard output cannot be written to, and why if error, an errno, is not
 * 0. Returns the exit code for it: 75 when the reader is gone (EPIPE), else 74.
 */
int lines_lost(int error);

#endif
