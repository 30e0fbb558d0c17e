/*
 * mount: a mount point that can be used again whatever happened to who used it last.
 *
 * When we are root a child stays behind, with nothing but the right to unmount, and does
 * so when we end, however that is. What goes wrong is said here; functions return 0 or an
 * exit code.
 */
#ifndef STREAMHUB_MOUNT_H
#define STREAMHUB_MOUNT_H

#include <pwd.h>
#include <sys/types.h>

#include "fuse_api.h"

struct mount {
	char *point; /* its whole path */
	int lock; /* the folder below the mount; it is ours while this is open */
	int guard; /* the child unmounts when this is closed; -1: there is no child */
	pid_t child;
};

/* Removes dead mounts, and refuses a place that is not an empty folder or is in use. */
int mount_prepare(struct mount *mount, const char *point);

/* Mounts the session. */
int mount_session(struct mount *mount, struct fuse_session *session);

/*
 * Gives up every right but to read files, becomes the user, and looks away from what was
 * mounted: settings that lead back into it would have us wait for ourselves. As root.
 */
int mount_drop(const struct mount *mount, const struct passwd *user);

/* Ends the session, if it was mounted, and unmounts it, whoever has files open there. */
int mount_end(struct mount *mount, struct fuse_session *session);

#endif
