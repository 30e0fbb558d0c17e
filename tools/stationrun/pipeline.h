/*
 * pipeline: programs joined by pipes, in one process group, that live and die together.
 * If this process dies, however that happens, they get SIGTERM.
 *
 * Errors are -1 with errno.
 */
#ifndef STREAMHUB_PIPELINE_H
#define STREAMHUB_PIPELINE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PIPELINE_MAX 8

struct pipeline_link {
	const char *const *argv; /* argv[0] is looked up in PATH */
	const char *variable, *value; /* only in this program's environment; or NULL */
};

struct pipeline {
	size_t count; /* 0: nothing runs */
	struct {
		pid_t pid;
		int fd; /* readable when it has ended */
	} links[PIPELINE_MAX];
};

/*
 * Starts the programs: the first without input, the last without output, all with the
 * descriptor errors as standard error. All keep the descriptor held (or -1) open. If one
 * cannot be started, the others are ended too, and *failed is its index.
 */
int pipeline_start(struct pipeline *pipeline, const struct pipeline_link *links,
	size_t count, int errors, int held, size_t *failed);

/*
 * Returns -1 if none has ended. Else returns the index of the program that ended first,
 * as far as the exit codes tell, for which it may wait a second; and how says how it
 * ended, for a message to put behind its name.
 */
int pipeline_ended(const struct pipeline *pipeline, char *how, size_t size);

/*
 * Ends them all with SIGTERM. Then SIGKILL ends whatever is left in the group, as soon as
 * all programs have ended, or grace milliseconds later.
 */
void pipeline_stop(struct pipeline *pipeline, int64_t grace);

#endif
