/*
 * supervise: keeps the pipeline of a station running: starts it, stops all of it when one
 * tool ends, and starts it again, after a pause that grows. Messages are said here.
 */
#ifndef STREAMHUB_SUPERVISE_H
#define STREAMHUB_SUPERVISE_H

#include <stdint.h>

#include "base/backoff.h"
#include "base/pulse.h"
#include "commands.h"
#include "pipeline.h"
#include "proc/process.h"

struct supervise {
	/* Set before. */
	struct commands commands;
	struct pulse pulse;
	struct process self;
	int lock; /* open in the tools, too */

	struct pipeline pipeline; /* its count is 0 while nothing runs */
	struct backoff backoff;
	uint64_t restarts;
	char error[512]; /* why nothing runs */
};

/* While nothing runs: starts the pipeline if it is time, or if the settings changed. */
void supervise_start(struct supervise *supervise);

/* While it runs: whether a tool has ended, and then all of it. */
void supervise_look_after(struct supervise *supervise);

/* When to start it, as a deadline of clock.h. */
int64_t supervise_due(const struct supervise *supervise);

void supervise_write_fact(struct supervise *supervise);

/* Stops the pipeline. */
void supervise_stop(struct supervise *supervise);

#endif
