/*
 * runner: finds the stationrun of a station by its fact, and by the lock that it and all
 * its tools hold for as long as one of them lives.
 *
 * folder is the live folder of the station. Errors are -1 with errno.
 */
#ifndef STREAMHUB_RUNNER_H
#define STREAMHUB_RUNNER_H

#include "base/fact.h"
#include "proc/process.h"

/* The process that wrote the fact, alive or not. EINVAL: the fact names none. */
int runner_of(const struct fact *fact, struct process *process);

/*
 * Opens the process that the fact in the folder names, for process.h. EINVAL: it names
 * none, or there is no such fact; ESRCH: the process has ended, or another one has its
 * number.
 */
int runner_open(int folder);

/* Takes the lock. Returns its descriptor; or -1 with EWOULDBLOCK if it is held. */
int runner_lock(int folder);

/*
 * 1 if the lock of station id is free, 0 if it is held, or -1. Makes nothing, does not
 * wait and follows no link. Only a regular file counts as a lock.
 */
int runner_free(const char *id);

/* runner_lock for a station; makes its live folder if need be. */
int runner_hold(const char *id);

/*
 * Removes the facts that stationrun and its tools have left, but keeps the heartbeat. The
 * caller holds the lock. Returns how many.
 */
int runner_sweep(int folder);

#endif
