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

/* Opens a folder that the configuration or the user named; links on the way are theirs.
 */
int path_open_folder(const char *path);

/*
 * Opens the folder that holds path and points *name into path at its last component.
 * A path that ends in '/', "." or ".." names no file: EISDIR. An empty one: ENOENT.
 */
int path_open_parent(const char *path, const char **name);

/* Opens the folder rel ("" for itself) below the folder at, never by way of a link. */
int path_open_below(int at, const char *rel);

/*
 * Opens the regular file rel below the folder at for reading, following no link in any
 * component and never leaving the folder. Refusals are ELOOP for a link,
 * EISDIR for a folder and EINVAL for any other thing that is no regular file. Does not
 * block on a FIFO. *st is filled in when st is not NULL.
 */
int path_open_file(int at, const char *rel, struct stat *st);

/*
 * Reads the whole regular file rel, opened as above. Returns its length, or -1: EFBIG
 * when it holds more than size bytes.
 */
ssize_t path_read(int at, const char *rel, char *buf, size_t size);

/* Closes what is open, -1 being nothing; errno stays. */
void path_close(int fd);

/* What makes the contents of a path the same as before. */
struct path_id {
	ino_t inode;
	off_t size;
	int64_t mtime_ns;
};

int64_t path_nanoseconds(struct timespec time);

struct path_id path_id(const struct stat *st);

bool path_same(struct path_id a, struct path_id b);

/* Whether it is still what is called so in the folder. */
bool path_is_named(int folder, const char *name, int fd);

/*
 * Whether somebody has the regular file open for writing, by a read lease. False too
 * where the kernel cannot tell: not our file, no leases on this file system. The caller
 * ignores SIGIO, which comes if a writer opens the file at just that moment.
 */
bool path_has_writer(int fd);

/* Whether it is on a network or FUSE file system, where others write without an event. */
bool path_is_remote(int fd);

/*
 * Removes the regular file rel below the folder at if, by its descriptor, it still is the
 * one with this id. Returns 0, or -1: ESTALE when it is another one by now.
 */
int path_remove_same(int at, const char *rel, struct path_id id);

#endif
