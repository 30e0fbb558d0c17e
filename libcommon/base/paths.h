/*
 * paths: the paths that a filter works on, its operands or else the lines of standard
 * input, and the worst of the exit codes that came of them.
 *
 * Only a line that can be a path is one: it is shorter than PATH_MAX and holds no NUL.
 * Another one is reported and remembered as EX_NOINPUT, and the rest goes on.
 */
#ifndef STREAMHUB_PATHS_H
#define STREAMHUB_PATHS_H

#include <limits.h>

#include "base/lines.h"

struct paths {
	char **operands; /* those that are left; NULL: the paths come from the input */
	struct lines_in in;
	bool more; /* what was read may hold more paths */
	int worst; /* EX_OK until something else is remembered */
	char path[PATH_MAX];
};

/*
 * operands end with NULL. Without any, paths are read from standard input; null says that
 * they end with NUL there and in paths_put, instead of a new line.
 */
void paths_begin(struct paths *paths, char **operands, bool null);

/* The next path, which lives until the next call. NULL: there is none now. */
const char *paths_next(struct paths *paths);

/*
 * What to poll for reading: -1 while the caller has no room for another path, while
 * paths_next has more, and when the input is at its end.
 */
int paths_fd(const struct paths *paths, bool room);

/* Reads what has come, after poll. Returns 0, or -1 with errno. */
int paths_fill(struct paths *paths);

/* True if paths_next has nothing and will have nothing. */
bool paths_ended(const struct paths *paths);

/* Puts a path into the output, which must have room, with its delimiter. */
void paths_put(const struct paths *paths, struct lines_out *out, const char *path);

/* Keeps the worst of the exit codes. */
void paths_remember(struct paths *paths, int code);

#endif
