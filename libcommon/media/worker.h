/*
 * worker: a sandboxed process that looks into files for us, one descriptor at a time, so
 * that a file which breaks its parser harms nothing else.
 *
 * The process is kept from file to file. If it dies or takes too long, that becomes the
 * report, and the next file gets a new process. Errors are -1 with errno.
 */
#ifndef STREAMHUB_WORKER_H
#define STREAMHUB_WORKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "media/report.h"
#include "proc/sandboxed.h"

#ifndef WORKER_SECONDS
#define WORKER_SECONDS 30 /* for one file */
#define WORKER_CPU_SECONDS 10 /* of processor time for one file */
#endif

#define WORKER_MEMORY ((size_t)1 << 30)

typedef void worker_parse(int fd, struct report *report);

struct worker {
	struct sandboxed child; /* poll its socket for input while it is busy */
	int64_t deadline; /* for the current file; CLOCK_NEVER when idle */
	worker_parse *parse;
	bool open; /* without a sandbox, for debugging */
};

/* Starts the process. The caller has set parse and open. */
int worker_start(struct worker *worker);

/* Gives it an open file to look into. Starts a new process if none runs. */
int worker_give(struct worker *worker, int fd);

/*
 * Takes the report. Call it when the socket is readable or the deadline has passed.
 * Returns 1, or 0 if there is no report yet.
 */
int worker_take(struct worker *worker, struct report *report);

void worker_stop(struct worker *worker);

#endif
