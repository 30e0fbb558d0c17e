/*
 * view: the contents of the nodes of the tree: texts, attributes, logs, files of
 * quarantines. All is read again from the places of station.h. No FUSE here.
 *
 * Errors are negative errno; -ENOENT: the station or the node does not exist any more.
 */
#ifndef STREAMHUB_VIEW_H
#define STREAMHUB_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "tree.h"

#define VIEW_LINK "../stations/" /* and the ID: what links lead to */

/* Sets the time of nodes that are no files anywhere, such as folders: now. */
void view_init(void);

/*
 * Renders a node of kind TREE_TEXT into *text, which the caller frees. *time gets the
 * time at which the newest of its parts was written, in ns. -EIO: a part is unreadable.
 */
int view_render(const struct tree_node *node, char **text, size_t *len, int64_t *time);

/* Fills in the attributes of a node, except its number and the size of a text. */
int view_stat(const struct tree_node *node, struct stat *st);

/* True if the station in a slot belongs into a folder of this kind (healthy, attention).
 */
bool view_belongs(uint32_t slot, enum tree_kind kind);

/*
 * Opens the log, the quarantine, or a file in it, and fills in its stat. Returns the
 * descriptor.
 */
int view_open(const struct tree_node *node, struct stat *st);

#endif
