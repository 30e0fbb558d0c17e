/*
 * mount: mounts the view at a mount point, even if the last streamhubfs there was killed.
 *
 * If we are root, a child with nothing but the right to unmount stays, and unmounts when
 * we end, however that happens. Functions report errors and return 0 or an exit code.
 */
#ifndef STREAMHUB_MOUNT_H
#define STREAMHUB_MOUNT_H

#include <pwd.h>
#include <sys/types.h>

#include "fuse_api.h"

struct mount {
	char *point; /* the whole path of the mount point */
	int lock; /* the folder below the mount; we hold it while this is open */
	int guard; /* the child unmounts when this is closed; -1: there is no child */
	pid_t child;
	int bond; /* the connection to a mounter; -1: there is none */
};

/* Removes dead mounts. Refuses a mount point that is no empty folder or is in use. */
int mount_prepare(struct mount *mount, const char *point);

/* Mounts the session. */
int mount_session(struct mount *mount, struct fuse_session *session);

/* Instead of the two above: has the mounter at this socket mount. */
int mount_ask(struct mount *mount, struct fuse_session *session, const char *mounter);

/* Unmounts the mount whose root this descriptor is, and no other. 0, or -1 with errno. */
int mount_remove(int root);

/* Drops all capabilities but this one. 0, or -1 with errno. */
int mount_keep_right(int capability);

/*
 * As root: gives up every right except to read files, and becomes the user. Also leaves
 * the mount out of our own sight, because settings that lead into it would make us wait
 * for ourselves.
 */
int mount_drop(const struct mount *mount, const struct passwd *user);

/* Ends the session if it was mounted, and unmounts it even if files in it are open. */
int mount_end(struct mount *mount, struct fuse_session *session);

#endif
