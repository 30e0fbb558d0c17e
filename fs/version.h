/*
 * version: the texts that the kernel knows. Each version of a text is a node of its own.
 * It never changes, so the kernel may cache all of it, and a name always leads to the
 * current version. A text that follows (tree.h) grows for readers that still have it open
 * after a second.
 *
 * A version lives until the kernel forgets it. This module also wakes processes that wait
 * with poll(2) for a text to change.
 */
#ifndef STREAMHUB_VERSION_H
#define STREAMHUB_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tree.h"

struct fuse_pollhandle;

struct version {
	struct version *newer, *older; /* in the same list; of one node too */
	struct tree_node node;
	uint64_t lookups; /* lookups that the kernel has not forgotten yet */
	char *text; /* NULL: it cannot be shown, and reading it is an error */
	size_t len, last; /* last: where the newest value starts, if it follows */
	int64_t time; /* when the newest of its parts was written, in ns */
	int64_t born; /* by clock.h */
};

/*
 * Gives the node its current version, a new one if the text has changed, and counts a
 * lookup. Returns 0 or negative errno.
 */
int version_look(struct tree_node *node, struct version **version);

/* The version of a node as it was read last; NULL: there is none. */
struct version *version_find(const struct tree_node *node);

/* The same, brought up to date if it follows. */
struct version *version_of(const struct tree_node *node);

/* The kernel forgets this number of lookups. */
void version_forget(const struct tree_node *node, uint64_t lookups);

/* True if the text has changed since this version. */
bool version_is_old(const struct version *version);

/*
 * Keeps the waiter until version_is_old, or for a minute. False: there is no room now,
 * and the caller keeps the waiter.
 */
bool version_wait(struct version *version, struct fuse_pollhandle *waiter);

/* When to call version_wake next, as a deadline of clock.h. */
int64_t version_due(void);

/* Wakes the waiters whose text has changed. */
void version_wake(void);

#endif
