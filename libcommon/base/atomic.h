/*
 * atomic: replaces a file so that readers see the old or the new one, never a part.
 *
 *     struct atomic file;
 *     if (atomic_begin(&file, folder, "heartbeat", 0644) < 0) ...
 *     write to file.fd, then atomic_sync(&file) if it must survive a power cut
 *     if (error || atomic_commit(&file) < 0)
 *             atomic_abort(&file);
 *
 * The temporary is ".NAME.PID.tmp" in the same folder. Its writer holds a flock on it
 * while it lives, so a temporary without a lock was left by a killed writer, and
 * atomic_sweep removes it. A sweep may also hit a temporary that was just made and is not
 * locked yet: its writer notices that and makes another. Errors are -1 with errno.
 */
#ifndef STREAMHUB_ATOMIC_H
#define STREAMHUB_ATOMIC_H

#include <stdbool.h>
#include <sys/types.h>

#define ATOMIC_NAME_MAX 238 /* leaves room for the temporary's name in 255 bytes */

struct atomic {
	int folder; /* the caller's, stays open */
	int fd; /* write here; -1 when nothing is under way */
	bool synced;
	char name[ATOMIC_NAME_MAX + 1];
	char temporary[256];
};

/*
 * Makes the temporary. If name exists it must be a regular file: ELOOP for a link, EISDIR
 * for a folder, EINVAL for anything else; ENAMETOOLONG for a long name. EEXIST: the
 * temporary's name is taken by something that is no temporary, or is another user's.
 */
int atomic_begin(struct atomic *file, int folder, const char *name, mode_t mode);

/* Syncs the contents to the disk; atomic_commit then syncs the folder too. */
int atomic_sync(struct atomic *file);

/* Closes and renames into place. After an error only atomic_abort may follow. */
int atomic_commit(struct atomic *file);

/* Removes the temporary if it is still there. Safe twice, and after a commit. */
void atomic_abort(struct atomic *file);

/* Does it all in one call: begin, write data, commit or abort. */
int atomic_put(int folder, const char *name, mode_t mode, const void *data, size_t len);

/* The same, and it survives a power cut. */
int atomic_keep(int folder, const char *name, mode_t mode, const void *data, size_t len);

/* Like atomic_keep, but fails with EEXIST if name is taken already. */
int atomic_put_new(
	int folder, const char *name, mode_t mode, const void *data, size_t len);

/*
 * Removes the temporaries that killed writers of name left in the folder. Those that it
 * may not remove stay. Returns how many it removed, or -1 if the folder cannot be read.
 */
int atomic_sweep(int folder, const char *name);

#endif
