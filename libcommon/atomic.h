/*
 * atomic: a file that readers see old or new, never in between.
 *
 *     struct atomic file;
 *     if (atomic_begin(&file, folder, "heartbeat", 0644) < 0) ...
 *     write to file.fd, then atomic_sync(&file) if it must survive a power cut
 *     if (error || atomic_commit(&file) < 0)
 *             atomic_abort(&file);
 *
 * The temporary is ".NAME.PID.tmp" in the same folder and is locked with flock while its
 * writer lives. One that a killed writer left behind is unlocked: atomic_sweep removes
 * such, and no others. Between its making and its locking a living writer's may be swept
 * too: the writer sees that and makes another. Errors are -1 with errno.
 */
#ifndef STREAMHUB_ATOMIC_H
#define STREAMHUB_ATOMIC_H

#include <sys/types.h>

#define ATOMIC_NAME_MAX 238 /* leaves room for the temporary's name in 255 bytes */

struct atomic {
	int folder; /* the caller's, stays open */
	int fd; /* write here; -1 when nothing is under way */
	char name[ATOMIC_NAME_MAX + 1];
	char temporary[256];
};

/*
 * Makes the temporary. What stands at name must be absent or a regular file: ELOOP for a
 * link, EISDIR for a folder, EINVAL for anything else; ENAMETOOLONG for a long name.
 * EEXIST: what stands at the temporary's name is no such file, or another user's.
 */
int atomic_begin(struct atomic *file, int folder, const char *name, mode_t mode);

/* Puts what was written on the disk. */
int atomic_sync(struct atomic *file);

/* Closes and renames into place. After an error only atomic_abort may follow. */
int atomic_commit(struct atomic *file);

/* Removes the temporary if there still is one. Safe twice, and after a commit. */
void atomic_abort(struct atomic *file);

/* Begin, write data, commit or abort, in one. */
int atomic_put(int folder, const char *name, mode_t mode, const void *data, size_t len);

/* The same, but EEXIST if there is anything of that name already. */
int atomic_put_new(
	int folder, const char *name, mode_t mode, const void *data, size_t len);

/*
 * Removes what killed writers of name left in the folder, as far as it may. Returns how
 * many, or -1 if the folder cannot be read.
 */
int atomic_sweep(int folder, const char *name);

#endif
