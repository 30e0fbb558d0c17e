/*
 * root: the drop folder that a tool holds open, and the files below it.
 *
 * A camera may replace any folder below the drop folder by a link. So a path is cut in
 * two: the text of the drop folder, and the rest, which is opened below the drop folder's
 * descriptor without following links (path.h). Errors are -1 with errno.
 */
#ifndef STREAMHUB_ROOT_H
#define STREAMHUB_ROOT_H

#include <stdbool.h>
#include <stddef.h>

/* A root of zeros, or NULL instead of a root, holds no folder: then each path is one that
 * the user named, and links on it are followed as path_open_folder does. */
struct root {
	const char *dir; /* how paths begin; the caller's. NULL: no folder is held */
	size_t len; /* of dir, without a '/' at its end */
	int folder;
	bool link; /* the last component of dir is a link */
	bool said; /* reported: dir has become a link, which is not followed */
};

/*
 * Opens and holds the folder of option --dir, if dir is not NULL. Returns 0; or reports
 * what is wrong with it and returns an exit code.
 */
int root_open(struct root *root, const char *dir);

/* The part of path below the root; NULL if its text does not lead below the root. */
const char *root_relative(const struct root *root, const char *path);

/* True if path lies below the root, or no root is held. Else reports it. */
bool root_accepts(const struct root *root, const char *path);

/*
 * Opens the folder that holds the file path, like path_open_parent, but below the root.
 * EPERM: its text does not lead below the root. If dir names another folder by now, as
 * after a remount, that one is opened and held from then on; but if a link has taken its
 * place (path_open_again), the old folder is kept.
 */
int root_open_parent(struct root *root, const char *path, const char **name);

/* Opens a folder that the user named: below the root if it lies there. */
int root_open_folder(struct root *root, const char *path);

#endif
