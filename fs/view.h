/*
 * view: what the nodes of the tree hold now: texts, attributes, logs, files of
 * quarantines. All is read from the places of station.h anew. No FUSE here.
 *
 * Errors are negative errno; -ENOENT: the station, or what it is, is not there any more.
 */
#ifndef STREAMHUB_VIEW_H
#define STREAMHUB_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "tree.h"

#define VIEW_LINK "../stations/" /* and the ID: what links lead to */

/* Says what time nodes have that nobody wrote: now. */
void view_init(void);

/*
 * Renders a node of kind TREE_TEXT into *text, which is to be freed. *time gets
 * when the newest of what it shows was written, in ns. -EIO: some of that is
 * unreadable.
 */
int view_render(const struct tree_node *node, char **text, size_t *len, int64_t *time);

/* Fills in the attributes of a node but its number; those of a text without its size. */
int view_stat(const struct tree_node *node, struct stat *st);

/* Whether the station in a slot is to be linked to in a folder of this kind. */
bool view_belongs(uint32_t slot, enum tree_kind kind);

/*
 * Opens the log, the quarantine, or a file in it, and fills in st as found there. Returns
 * the descriptor.
 */
int view_open(const struct tree_node *node, struct stat *st);

#endif
