/*
 * quarantine: a folder for clips that must not be played, each with its reason beside it.
 *
 * DIR/NAME is the file and DIR/NAME.reason a fact: time boot mono pid code reason tries
 * size from. Files move in and out by rename only, and never over another file: if a name
 * is taken, a number is added (quarantine_name.h). While a file moves, its reason is
 * DIR/.NAME.moving. So a tool that is killed at any point leaves the file whole in one of
 * the two places, and after quarantine_tidy no reason is without its file. Every change
 * waits for the lock on the folder, which is held for a few calls only.
 *
 * Hidden files, names that end in ".reason" and anything that is no regular file do not
 * count as files of the quarantine. Errors are -1 with errno.
 */
#ifndef STREAMHUB_QUARANTINE_H
#define STREAMHUB_QUARANTINE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/path.h"
#include "base/root.h"

struct quarantine {
	int folder;
	char *path; /* as it was given, for messages */
};

/* One file in the quarantine. Texts are as they were written: escape them to show them.
 */
struct quarantine_entry {
	char name[NAME_MAX + 1];
	char code[33]; /* empty: there is no readable reason */
	char reason[256];
	char from[PATH_MAX]; /* absolute path, unescaped; empty: not known */
	char time[32]; /* of the last try, for eyes */
	int64_t tries;
	int64_t size; /* the file's */
	int64_t tried_ns; /* wall time of the last try: the mtime of the reason, if any */
	int64_t moved_ns; /* when it came in or was last written to: the file's ctime */
};

/*
 * Opens the folder; with make, it is made if its parent exists. EXDEV when it is not on
 * the file system of its parent, ELOOP when it is a link itself. Links above it are
 * followed, but not below the root. After an error there is nothing to close.
 */
int quarantine_open(
	struct quarantine *quarantine, struct root *root, const char *path, bool make);

/*
 * Moves the file own in the folder from into the quarantine. ESTALE unless it is the one
 * with this id. name, NAME_MAX + 1 bytes, gets the name that it has there. EXDEV when it
 * lies on another file system, EINVAL when it lies in the quarantine already. After an
 * error the file is where it was, with one exception: if it was replaced twice while it
 * moved (ESTALE), the first replacement stays in the quarantine, with the reason of the
 * file that was meant.
 */
int quarantine_put(struct quarantine *quarantine, int from, const char *own,
	struct path_id id, const char *code, const char *reason, int64_t tries,
	char *name);

/*
 * Writes down that the file was tried once more and why it stays; updates entry. ESTALE
 * when the file was replaced or written to since entry was read.
 */
int quarantine_again(struct quarantine *quarantine, struct quarantine_entry *entry,
	const char *code, const char *reason);

/*
 * Moves the file back to where it came from. EEXIST when something is there by now,
 * ENOENT when that folder is gone, ENODATA when the place is not known, ESTALE as above.
 * EPERM when the place is not below the parent of the quarantine: anybody who can write
 * to the quarantine can forge a reason.
 */
int quarantine_release(
	struct quarantine *quarantine, const struct quarantine_entry *entry);

/* Reads what is known of one file. EINVAL for a name that no file of a quarantine has. */
int quarantine_look(
	struct quarantine *quarantine, const char *name, struct quarantine_entry *entry);

/*
 * Calls visit for each file, in no order, until it returns something other than 0, and
 * returns that. visit may change the quarantine. -1 when some could not be read; the
 * others were visited all the same.
 */
int quarantine_each(struct quarantine *quarantine,
	int (*visit)(struct quarantine_entry *entry, void *data), void *data);

/* How many files lie in it, or -1. */
ssize_t quarantine_count(struct quarantine *quarantine);

/*
 * Removes the oldest files (by moved_ns), with their reasons and a message each, until
 * keep are left; at most QUARANTINE_TURN in one call, because others wait for the lock.
 * Returns how many were removed, or -1 when some could not be, with a message each.
 */
#define QUARANTINE_TURN 256
int quarantine_bound(struct quarantine *quarantine, size_t keep);

/* Finishes or undoes moves that killed tools left half done. Call it at every start. */
int quarantine_tidy(struct quarantine *quarantine);

void quarantine_close(struct quarantine *quarantine);

#endif
