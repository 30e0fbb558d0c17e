/*
 * handle: the open files: of a text the snapshot that each open took, of a file of a
 * quarantine its descriptor. Whoever waits for a text to change by poll(2) is woken here.
 *
 * Errors are negative errno.
 */
#ifndef STREAMHUB_HANDLE_H
#define STREAMHUB_HANDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tree.h"

struct fuse_pollhandle;

struct handle {
	struct handle *newer, *older; /* of those with the same remainder */
	struct tree_node node;
	char *text;
	size_t len, last; /* last: where the newest value starts */
	off_t seen; /* of a log: its size when it was read to its end */
	int64_t time; /* when the newest of what a text shows was written, in ns */
	bool ended; /* it was read to its end */
	int fd; /* of a file, else -1 */
	struct fuse_pollhandle *waiter;
};

/* Opens a node; a text is rendered. */
int handle_open(struct handle **handle, const struct tree_node *node);

/*
 * Makes ready for a read at this place. Where a text was read to its end, one from its
 * start gets it rendered anew; and one at the end of a text that follows gets its new
 * value added.
 */
int handle_prepare(struct handle *handle, off_t offset);

/* The newest handle of a node, up to date if it follows; NULL if it is not open. */
struct handle *handle_newest(const struct tree_node *node);

/* Whether what the handle was opened for is another text by now. */
bool handle_changed(const struct handle *handle);

/* Keeps the waiter, in the place of an earlier one, until its text changes. */
void handle_wait(struct handle *handle, struct fuse_pollhandle *waiter);

/* When the waiters are to be looked at, as a deadline of tick.h. */
int64_t handle_due(void);

/* Looks at them. */
void handle_wake(void);

void handle_close(struct handle *handle);

#endif
