/*
 * folder: the entries of a folder of the view at the moment it is opened.
 */
#ifndef STREAMHUB_FOLDER_H
#define STREAMHUB_FOLDER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tree.h"

struct folder_entry {
	char *name;
	uint64_t number;
	mode_t type; /* as in st_mode */
};

struct folder {
	struct folder_entry *entries;
	size_t count, room;
};

/* Lists a node of one of the kinds of folder, "." and ".." first. 0 or negative errno. */
int folder_open(struct folder **folder, const struct tree_node *node);

/*
 * The node with this name in a folder of any kind. It need not exist any more when the
 * function returns. Returns 0, -ENOENT or another negative errno.
 */
int folder_find(const struct tree_node *folder, const char *name, struct tree_node *node);

void folder_close(struct folder *folder);

#endif
