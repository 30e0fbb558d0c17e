/*
 * process: a process known by its number, the instant it started, and the boot. So a
 * number that now belongs to another process, or was noted before a reboot, is never
 * taken for the process that is meant.
 *
 * Errors are -1 with errno; ESRCH: the process has ended.
 */
#ifndef STREAMHUB_PROCESS_H
#define STREAMHUB_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/fact.h"

struct process {
	pid_t pid;
	int64_t started; /* clock ticks after the boot */
	char boot[37]; /* the kernel's boot id */
};

/* The process that has this number now. */
int process_of(struct process *process, pid_t pid);

/* The process that has written the fact, if it lives: that has its number and this name,
 * and started before, in the same boot. ESRCH: it does not, or the fact names none. */
int process_of_fact(struct process *process, const struct fact *fact, const char *name);

/*
 * Opens a descriptor of the process for poll(2) and process_signal; the caller closes
 * it. ESRCH also for a zombie, which has ended though nobody has waited for it yet.
 */
int process_open(const struct process *process);

/* Sends a signal to the process that the descriptor was opened for. */
int process_signal(int fd, int signal);

/*
 * Waits until the process has ended. Returns 0; or -1 with ETIMEDOUT at the deadline of
 * clock.h, or EINTR when the descriptor stop (or -1) becomes readable.
 */
int process_await(int fd, int64_t deadline, int stop);

#endif
