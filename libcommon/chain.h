/*
 * chain: programs joined by pipes, in one process group, that live and die together: they
 * get SIGTERM when we die, whatever we die of.
 *
 * Errors are -1 with errno.
 */
#ifndef STREAMHUB_CHAIN_H
#define STREAMHUB_CHAIN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CHAIN_MAX 8

struct chain_link {
	const char *const *argv; /* argv[0] is looked up in PATH */
	const char *variable, *value; /* in its environment alone, or NULL */
};

struct chain {
	size_t count; /* 0: nothing runs */
	struct {
		pid_t pid;
		int fd; /* gets readable when it has ended */
	} links[CHAIN_MAX];
};

/*
 * Starts them, the first with no input, the last with no output, all with the descriptor
 * errors as standard error. All keep the descriptor held (or -1) open. When one cannot be
 * started, none is, and *failed is its index.
 */
int chain_start(struct chain *chain, const struct chain_link *links, size_t count,
	int errors, int held, size_t *failed);

/*
 * Looks whether one has ended. Returns the index of the one that was the first, as far as
 * exit codes tell, which may take a second; and how says in words what it did, to be put
 * behind its name. Or -1.
 */
int chain_ended(const struct chain *chain, char *how, size_t size);

/*
 * Ends them all: SIGTERM, then, when all have ended or grace milliseconds later, SIGKILL,
 * also for what they have started.
 */
void chain_stop(struct chain *chain, int64_t grace);

#endif
