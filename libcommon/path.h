/*
 * path: folders opened once, and names below them that cannot lead elsewhere.
 *
 * Descriptors belong to the caller and are close-on-exec. Errors are -1 with errno.
 */
#ifndef STREAMHUB_PATH_H
#define STREAMHUB_PATH_H

#include <stddef.h>
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

#endif
