/*
 * sandbox: takes from this process everything that a parser of hostile bytes does not
 * need. It can still compute, get memory up to a limit, read the descriptors that it has
 * or is sent, and answer on its socket.
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
 * Locks the process down for good: no new privileges, no file access (Landlock), only
 * listed system calls (seccomp kills the process at any other), no writes that make a
 * file grow, no core file, and at most memory bytes of address space, or less if the
 * process already has a lower limit. Returns how much of that this kernel can do.
 * SANDBOX_NONE with errno: seccomp failed, and the process must not go on.
 */
enum sandbox_state sandbox_enter(size_t memory);

/*
 * For a process that speaks to the network, and so cannot do without most calls: it can
 * write, make and remove files only below these folders, -1 being none, and read none but
 * those of the system (/etc, /usr and the like) and below them. It can start no other
 * program, trace no process and change no mounts. What it can still do is use the
 * network. Returns as above.
 */
enum sandbox_state sandbox_network(const int *folders, size_t count);

/* "full" and so on, for facts. */
const char *sandbox_name(enum sandbox_state state);

#endif
