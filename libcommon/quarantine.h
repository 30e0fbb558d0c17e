/*
 * quarantine: a folder for what must not be played, each file with its reason beside it.
 *
 * DIR/NAME is the file and DIR/NAME.reason a fact: time boot mono pid code reason tries
 * size from. A file comes in and goes out by rename only, never over another one; a name
 * that is taken gets a number (qfile.h). While it moves, its reason is DIR/.NAME.moving,
 * so that whoever is killed at any point leaves the file in one of the two places, whole,
 * and no reason without its file once quarantine_tidy has run. All that changes something
 * waits for the lock on the folder, which is held for a few calls only.
 *
 * What is hidden, no regular file, or ends in ".reason" is no file of the quarantine.
 * Errors are -1 with errno.
 */
#ifndef STREAMHUB_QUARANTINE_H
#define STREAMHUB_QUARANTINE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "path.h"

struct quarantine {
	int folder;
	char *path; /* as it was given, for messages */
};

/* One file that lies in it; texts are what somebody wrote, not safe to show. */
struct quarantine_entry {
	char name[NAME_MAX + 1];
	char code[33]; /* empty: there is no readable reason */
	char reason[256];
	char from[PATH_MAX]; /* absolute, its bytes as they are; empty: not known */
	char time[32]; /* of the last try, for eyes */
	int64_t tries;
	int64_t size; /* the file's */
	int64_t tried_ns; /* wall time of the last try: the reason's mtime, if there is
			     one */
	int64_t moved_ns; /* when it came in or was last written to: the file's ctime */
};

/*
 * Opens the folder; make: makes it if its parent is there. EXDEV when it is not on the
 * file system of the folder that it lies in, ELOOP when it is a link itself; links above
 * are the user's own. After an error there is nothing to close.
 */
int quarantine_open(struct quarantine *quarantine, const char *path, bool make);

/*
 * Moves the file path, which by its descriptor must still be the one with this id (else
 * ESTALE), into the quarantine. name, NAME_MAX + 1 bytes, gets the name it has there.
 * EXDEV when it lies on another file system, EINVAL when it lies in the quarantine. After
 * an error it is where it was; but ESTALE when it was replaced twice while it moved: then
 * the one that came between lies in the quarantine with the reason of the other.
 */
int quarantine_put(struct quarantine *quarantine, const char *path, struct path_id id,
	const char *code, const char *reason, int64_t tries, char *name);

/*
 * Says that it was tried once more and why it stays; entry is filled in anew. ESTALE when
 * the file is another one, or was written to, since entry was read.
 */
int quarantine_again(struct quarantine *quarantine, struct quarantine_entry *entry,
	const char *code, const char *reason);

/*
 * Puts it back to where it came from. EEXIST when something is there by now, ENOENT when
 * that folder is gone, ENODATA when it is not known, ESTALE as above. EPERM when that is
 * not below the folder that the quarantine lies in: whoever can write to the quarantine
 * can forge a reason.
 */
int quarantine_release(
	struct quarantine *quarantine, const struct quarantine_entry *entry);

/* Reads what is known of one file. EINVAL for a name that no file of it has. */
int quarantine_look(
	struct quarantine *quarantine, const char *name, struct quarantine_entry *entry);

/*
 * Calls visit for each file, in no order, until it returns something else than 0, which
 * is then returned. It may change the quarantine. -1 when some could not be read: the
 * others were visited all the same.
 */
int quarantine_each(struct quarantine *quarantine,
	int (*visit)(struct quarantine_entry *entry, void *data), void *data);

/* How many files lie in it, or -1. */
ssize_t quarantine_count(struct quarantine *quarantine);

/*
 * Removes the oldest files (by moved_ns), with their reasons and a message each, until
 * keep are left. Returns how many went, or -1 when some could not, with a message each.
 */
int quarantine_bound(struct quarantine *quarantine, size_t keep);

/* Ends what killed ones left half done; at every start. */
int quarantine_tidy(struct quarantine *quarantine);

void quarantine_close(struct quarantine *quarantine);

#endif
