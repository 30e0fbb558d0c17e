/*
 * process: a process known by more than its number: by the instant it started, in which
 * boot. A number that was given to another since, or written down before a reboot, leads
 * to nobody.
 *
 * Errors are -1 with errno; ESRCH: it is not there any more.
 */
#ifndef STREAMHUB_PROCESS_H
#define STREAMHUB_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

struct process {
	pid_t pid;
	int64_t started; /* clock ticks after the boot */
	char boot[37]; /* the kernel's boot id */
};

/* The process that has this number now. */
int process_of(struct process *process, pid_t pid);

/*
 * Opens a descriptor of it for poll(2) and process_signal, the caller's to close. One
 * that has ended is not there any more, even if nobody has waited for it yet.
 */
int process_open(const struct process *process);

/* Sends a signal to whom the descriptor was opened for. */
int process_signal(int fd, int signal);

/*
 * Waits until it has ended. Returns 0; or -1 with ETIMEDOUT at the deadline of tick.h, or
 * EINTR when the descriptor stop (or -1) gets readable.
 */
int process_await(int fd, int64_t deadline, int stop);

#endif
