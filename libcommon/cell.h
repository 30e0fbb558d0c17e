/*
 * cell: a process of ours in a sandbox (sandbox.h), with a socket of messages to it and
 * nothing else. It dies with us, and heeds no signal that is meant for our whole group.
 *
 * Errors are -1 with errno.
 */
#ifndef STREAMHUB_CELL_H
#define STREAMHUB_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "sandbox.h"

struct cell {
	pid_t pid; /* 0: none runs */
	int socket; /* -1: none */
	enum sandbox_state sandbox;
};

/* What it is to be: set by the caller. */
struct cell_plan {
	void (*main)(int socket, void *data);
	void *data;
	size_t memory; /* bytes it may have */
	bool open; /* without a sandbox, for debugging */
};

/*
 * Starts the process, which runs main with its end of the socket and data, and ends.
 * EPERM: no sandbox can be had here.
 */
int cell_start(struct cell *cell, const struct cell_plan *plan);

/* Sends one whole message, with sendmsg(2) alone: the sandbox knows no other call. */
int cell_send(int socket, const void *data, size_t size);

/* Sends a descriptor, and takes one; it is the caller's. */
int cell_give(int socket, int fd);
int cell_receive(int socket);

/* Ends it, if it has not ended by itself. Returns its status of wait(2). */
int cell_end(struct cell *cell);

#endif
