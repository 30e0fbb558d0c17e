/*
 * sandboxed: a child process in a sandbox (sandbox.h), reached only by a socket of
 * messages. It dies with us. It ignores signals that are sent to our whole group, as
 * Ctrl-C sends them: we end it.
 *
 * Errors are -1 with errno.
 */
#ifndef STREAMHUB_SANDBOXED_H
#define STREAMHUB_SANDBOXED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "proc/sandbox.h"

struct sandboxed {
	pid_t pid; /* 0: none runs */
	int socket; /* -1: none */
	enum sandbox_state sandbox;
};

/* How to start it; filled in by the caller. */
struct sandboxed_plan {
	void (*main)(int socket, void *data);
	void *data;
	size_t memory; /* most bytes of address space */
	bool open; /* without a sandbox, for debugging */
};

/*
 * Starts the process, which calls main with its end of the socket and data, and then
 * ends. EPERM: this kernel allows no sandbox.
 */
int sandboxed_start(struct sandboxed *child, const struct sandboxed_plan *plan);

/* Sends one whole message, with sendmsg(2): the only call for it that the sandbox allows.
 */
int sandboxed_send(int socket, const void *data, size_t size);

/* Send a descriptor, and receive one, which the caller closes. */
int sandboxed_give(int socket, int fd);
int sandboxed_receive(int socket);

/* Kills it if it still runs. Returns its status as of wait(2). */
int sandboxed_end(struct sandboxed *child);

#endif
