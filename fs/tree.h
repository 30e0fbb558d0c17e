/*
 * tree: what there is in the view, as two tables, and the numbers of its nodes.
 *
 * A number says which station and which row of the table, or which file of the station's
 * quarantine; nothing has to parse a path. A new file is a row here and its renderer.
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
	TREE_LINK, /* to a station: not in a folder of rows */
	TREE_FILE, /* of the quarantine: in no table */
};

struct tree_row {
	const char *name;
	enum tree_kind kind;
	unsigned in; /* the folder that it is in: a row of the same table */
	unsigned parts; /* what of a snapshot it shows (snapshot.h) */
	bool judged; /* what is corrupt is shown in its judgement; else it is an error */
	bool follows; /* who reads on at its end gets its new value, on a new line */
	bool optional; /* there only while its fact is */
	render_file *render;
};

/* The first row of each table is the folder itself. */
extern const struct tree_row tree_root[], tree_station[];
extern const size_t tree_root_count, tree_station_count;

/* A link in healthy/ and attention/, and a file of a quarantine. */
extern const struct tree_row tree_link, tree_file;

struct tree_node {
	uint32_t station; /* its slot; 0: it is of no station */
	const struct tree_row *row;
	uint64_t file; /* of the quarantine */
	uint64_t version; /* of a text; 0: whichever */
};

/* The root's is 1, as FUSE wants it. */
uint64_t tree_number(const struct tree_node *node);

/* Whether it is the number of a node; if so, fills it in. */
bool tree_node(struct tree_node *node, uint64_t number);

/* The table that the rows within a folder are of, and the folder's index in it. */
const struct tree_row *tree_table(
	const struct tree_node *folder, size_t *count, unsigned *index);

/* The row of this name in a folder of rows, or NULL. */
const struct tree_row *tree_find(const struct tree_node *folder, const char *name);

#endif
