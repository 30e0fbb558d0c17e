/*
 * version: the texts that the kernel knows of. Each is a node of its own: it never
 * changes, so that the kernel may keep all of it, and a name leads to the version of now.
 * One that follows (tree.h) grows for those who still have it open after a second.
 *
 * A version lives until the kernel forgets it. Who waits for a text to become another by
 * poll(2) is woken here.
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
	uint64_t lookups; /* how often the kernel was told of it */
	char *text; /* NULL: it cannot be shown, and reading it is an error */
	size_t len, last; /* last: where the newest value of one that follows starts */
	int64_t time; /* when the newest of what it shows was written, in ns */
	int64_t born; /* by tick.h */
};

/*
 * Gives the node its version of now, a new one if the text is another by now, and counts
 * a lookup. Returns 0 or negative errno.
 */
int version_look(struct tree_node *node, struct version **version);

/* The version that a node is, up to date if it follows; NULL: there is none. */
struct version *version_of(const struct tree_node *node);

/* The kernel forgets so many lookups. */
void version_forget(const struct tree_node *node, uint64_t lookups);

/* Whether the text is another by now. */
bool version_is_old(const struct version *version);

/*
 * Keeps the waiter until it is, or for a minute. False: there is no room now, and it
 * stays the caller's.
 */
bool version_wait(struct version *version, struct fuse_pollhandle *waiter);

/* When the waiters are to be looked at, as a deadline of tick.h. */
int64_t version_due(void);

/* Wakes those whose text is another. */
void version_wake(void);

#endif
