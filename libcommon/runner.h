/*
 * runner: the stationrun of a station as others find it: by its fact, and by the lock
 * that it and all its tools hold for as long as one of them lives.
 *
 * folder is the one of live facts of the station. Errors are -1 with errno.
 */
#ifndef STREAMHUB_RUNNER_H
#define STREAMHUB_RUNNER_H

#include "fact.h"
#include "process.h"

#define RUNNER "stationrun" /* the tool and its fact */

/* The process that wrote the fact, whether it still lives or not. EINVAL: it names none.
 */
int runner_of(const struct fact *fact, struct process *process);

/*
 * Opens the process that the fact in the folder names, for process.h. EINVAL: it names
 * none, or there is no such fact; ESRCH: the process has ended, or the number is
 * somebody else's by now.
 */
int runner_open(int folder);

/* Takes the lock. Returns its descriptor; or -1, EWOULDBLOCK: somebody has it. */
int runner_lock(int folder);

/* The same for a station, whose folder is made if need be. */
int runner_hold(const char *id);

/*
 * Removes the facts that stationrun and its tools have left, but not the heartbeat; the
 * caller holds the lock. Returns how many.
 */
int runner_sweep(int folder);

#endif
