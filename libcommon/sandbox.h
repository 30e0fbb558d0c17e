/*
 * sandbox: takes from this process everything that a parser of hostile bytes does not
 * need. What it still can: compute, get memory up to a limit, read descriptors that it
 * has or is sent, and answer on its socket.
 */
#ifndef STREAMHUB_SANDBOX_H
#define STREAMHUB_SANDBOX_H

#include <stddef.h>

enum sandbox_state {
	SANDBOX_NONE,
	SANDBOX_SECCOMP, /* this kernel has no Landlock */
	SANDBOX_FULL,
};

/*
 * Locks down for good: no new privileges, no file access (Landlock), a list of allowed
 * system calls (seccomp: any other one kills the process), no file to grow, no core, at
 * most so many bytes of memory, or less where less was given. Returns what works here;
 * SANDBOX_NONE with errno when seccomp does not, and then the process must not go on.
 */
enum sandbox_state sandbox_enter(size_t memory);

/* "full" and so on, for facts. */
const char *sandbox_name(enum sandbox_state state);

#endif
