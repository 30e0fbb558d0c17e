/*
 * path: folders opened once, and names below them that cannot lead elsewhere.
 *
 * Descriptors belong to the caller and are close-on-exec. Errors are -1 with errno.
 */
#ifndef STREAMHUB_PATH_H
#define STREAMHUB_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Opens a folder that the configuration or the user named. A link in any component is
 * followed if it belongs to root or to this process's user. ELOOP if it belongs to
 * somebody else: a camera that owns a folder on the way could make a link to another
 * camera's folder.
 */
int path_open_folder(const char *path);

/*
 * For a folder that is opened again by its name while the tool runs. path_open_named
 * opens it as above and sets *link if its last component is a link. path_open_again
 * refuses a last component that has become a link since then, whoever made it, with
 * ELOOP.
 */
int path_open_named(const char *path, bool *link);
int path_open_again(const char *path, bool link);

/*
 * Opens the folder that holds path and points *name into path at its last component.
 * A path that ends in '/', "." or ".." names no file: EISDIR. An empty one: ENOENT.
 */
int path_open_parent(const char *path, const char **name);

/* Opens the folder rel ("" for itself) below the folder at, never by way of a link. */
int path_open_below(int at, const char *rel);

/* The same for a file rel below the folder at; no link is followed on the way. */
int path_open_parent_below(int at, const char *rel, const char **name);

/*
 * Opens the regular file rel below the folder at for reading. Follows no link in any
 * component and never leaves the folder. Fails with ELOOP for a link, EISDIR for a folder
 * and EINVAL for anything else that is no regular file. Does not block on a FIFO. *st is
 * filled in when st is not NULL.
 */
int path_open_file(int at, const char *rel, struct stat *st);

/*
 * Reads the whole regular file rel, opened as above. Returns its length, or -1: EFBIG
 * when it holds more than size bytes.
 */
ssize_t path_read(int at, const char *rel, char *buf, size_t size);

/* Writes all of it, in as many parts as the kernel takes. */
int path_write_all(int fd, const void *data, size_t len);

/* Closes fd unless it is -1. Keeps errno. */
void path_close(int fd);

/* If these four are the same, a path still has the same contents. */
struct path_id {
	dev_t device; /* may change with a reboot, so do not store it */
	ino_t inode;
	off_t size;
	int64_t mtime_ns;
};

int64_t path_nanoseconds(struct timespec time);

struct path_id path_id(const struct stat *st);

bool path_same(struct path_id a, struct path_id b);

/* True if name in the folder still leads to the open file fd. */
bool path_is_named(int folder, const char *name, int fd);

/*
 * True if somebody has the regular file open for writing: found out with a read lease.
 * False too where the kernel grants no lease: on a file of another user, or on this file
 * system. The caller must ignore SIGIO, which arrives if a writer opens the file at that
 * moment.
 */
bool path_has_writer(int fd);

/* True if it is on a network or FUSE file system: there other machines can write without
 * an inotify event here. */
bool path_is_remote(int fd);

#endif
