/*
 * worker: a process that looks into files for us, one descriptor at a time, in a sandbox,
 * so that whatever a file does to its parser stays there.
 *
 * It lives on from file to file; when it dies or takes too long, that is the report, and
 * the next file gets a new one. Errors are -1 with errno.
 */
#ifndef STREAMHUB_WORKER_H
#define STREAMHUB_WORKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cell.h"
#include "report.h"

#ifndef WORKER_SECONDS
#define WORKER_SECONDS 30 /* for one file, by the wall clock */
#define WORKER_CPU_SECONDS 10 /* and of the processor */
#endif

#define WORKER_MEMORY ((size_t)1 << 30)

typedef void worker_parse(int fd, struct report *report);

struct worker {
	struct cell cell; /* poll its socket for input while it is busy */
	int64_t deadline; /* of the file it looks into, TICK_NEVER when idle */
	worker_parse *parse;
	bool open; /* without a sandbox, for debugging */
};

/* Starts the process; parse and open are set before. */
int worker_start(struct worker *worker);

/* Gives it the open file to look into; starts a new process if there is none. */
int worker_give(struct worker *worker, int fd);

/*
 * Takes the report, when the socket is readable or the deadline has passed. Returns 1, or
 * 0 when there is none yet.
 */
int worker_take(struct worker *worker, struct report *report);

void worker_stop(struct worker *worker);

#endif
