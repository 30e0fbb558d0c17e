/*
 * tree: the files and folders of the view, as two tables, and the numbers of its nodes.
 *
 * The number of a node contains the station and the row of the table, or the file of the
 * station's quarantine, so no path is ever parsed. A new file is a row of tree.c and its
 * renderer.
 */
#ifndef STREAMHUB_TREE_H
#define STREAMHUB_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "render.h"

enum tree_kind {
	TREE_FOLDER, /* of rows */
	TREE_STATIONS, /* of folders of stations */
	TREE_HEALTHY, /* of links to them */
	TREE_ATTENTION,
	TREE_FAILED, /* the quarantine */
	TREE_TEXT, /* rendered */
	TREE_LOG,
	TREE_LINK, /* to a station; in no table */
	TREE_FILE, /* of the quarantine; in no table */
};

struct tree_row {
	const char *name;
	enum tree_kind kind;
	unsigned in; /* the folder that it is in: a row of the same table */
	unsigned parts; /* the parts of a snapshot that it shows (snapshot.h) */
	bool judged; /* it reports a corrupt part; else reading it fails with EIO */
	bool follows; /* a reader at its end gets each new value, on a new line */
	bool optional; /* exists only while its fact exists */
	render_file *render;
};

/* The first row of each table is the folder itself. */
extern const struct tree_row tree_root[], *const tree_station;
extern const size_t tree_root_count;
extern size_t tree_station_count;

/* Adds a row to tree_station for each stage that is shown. Call it once, first. */
void tree_begin(void);

/* A link in healthy/ and attention/, and a file of a quarantine. */
extern const struct tree_row tree_link, tree_file;

struct tree_node {
	uint32_t station; /* its slot; 0: it belongs to no station */
	const struct tree_row *row;
	uint64_t file; /* of the quarantine */
	uint64_t version; /* of a text; 0: any */
};

/* The number of a node. The root's is 1, as FUSE requires. */
uint64_t tree_number(const struct tree_node *node);

/* True if this is the number of a node; fills in node. */
bool tree_node(struct tree_node *node, uint64_t number);

/* The table with the rows of a folder, and the folder's own index in it. */
const struct tree_row *tree_table(
	const struct tree_node *folder, size_t *count, unsigned *index);

/* The row with this name in a folder of rows, or NULL. */
const struct tree_row *tree_find(const struct tree_node *folder, const char *name);

#endif
