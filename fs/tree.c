#include "tree.h"

#include <string.h>

#include "failed.h"

enum { ROOT, STATION = 0, TOOLS };

#define HAS(part) (1U << PART_##part)
#define STATUS \
	(HAS(HEARTBEAT) | HAS(CAMWATCH) | HAS(SEGCHECK) | HAS(RTMPPUSH) | \
		HAS(STATIONRUN) | HAS(SEGUNPACK) | HAS(SEGPACK) | HAS(SETTINGS) | \
		HAS(WISH) | HAS(FAILED))

const struct tree_row tree_root[] = {
	[ROOT] = {"", TREE_FOLDER, .in = -1U},
	{"version", TREE_TEXT, ROOT, .render = render_version},
	{"summary", TREE_TEXT, ROOT, STATUS, .render = render_summary},
	{"metrics", TREE_TEXT, ROOT, STATUS, .render = render_metrics},
	{"healthy", TREE_HEALTHY, .in = ROOT},
	{"attention", TREE_ATTENTION, .in = ROOT},
	{"stations", TREE_STATIONS, .in = ROOT},
};

#define JUDGED .judged = true
#define FOLLOWS .follows = true
#define OPTIONAL .optional = true

const struct tree_row tree_station[] = {
	[STATION] = {"", TREE_FOLDER, .in = -1U},
	[TOOLS] = {"tools", TREE_FOLDER, .in = STATION},
	{"failed", TREE_FAILED, .in = STATION},
	{"status", TREE_TEXT, STATION, STATUS, JUDGED, .render = render_status},
	{"status.json", TREE_TEXT, STATION, STATUS, JUDGED, .render = render_json},
	{"state", TREE_TEXT, STATION, STATUS, JUDGED, .render = render_state},
	{"heartbeat", TREE_TEXT, STATION, HAS(HEARTBEAT), .render = render_heartbeat},
	{"age", TREE_TEXT, STATION, HAS(HEARTBEAT), .render = render_age},
	{"now", TREE_TEXT, STATION, HAS(RTMPPUSH), FOLLOWS, .render = render_now},
	{"queue", TREE_TEXT, STATION, HAS(CAMWATCH) | HAS(RTMPPUSH),
		.render = render_queue},
	{"cursor", TREE_TEXT, STATION, HAS(CURSOR), .render = render_cursor},
	{"desired", TREE_TEXT, STATION, HAS(WISH), .render = render_desired},
	{"config", TREE_TEXT, STATION, HAS(SETTINGS), .render = render_config},
	{"log", TREE_LOG, .in = STATION},
	{"camwatch", TREE_TEXT, TOOLS, HAS(CAMWATCH), OPTIONAL,
		.render = render_camwatch},
	{"segcheck", TREE_TEXT, TOOLS, HAS(SEGCHECK), OPTIONAL,
		.render = render_segcheck},
	{"rtmppush", TREE_TEXT, TOOLS, HAS(RTMPPUSH), OPTIONAL,
		.render = render_rtmppush},
	{"stationrun", TREE_TEXT, TOOLS, HAS(STATIONRUN), OPTIONAL,
		.render = render_stationrun},
	{"segunpack", TREE_TEXT, TOOLS, HAS(SEGUNPACK), OPTIONAL,
		.render = render_segunpack},
	{"segpack", TREE_TEXT, TOOLS, HAS(SEGPACK), OPTIONAL, .render = render_segpack},
};

const size_t tree_root_count = sizeof tree_root / sizeof *tree_root;
const size_t tree_station_count = sizeof tree_station / sizeof *tree_station;

const struct tree_row tree_link = {"", TREE_LINK, .in = -1U};
const struct tree_row tree_file = {"", TREE_FILE, .in = -1U};

/*
 * From the top: 20 bits of the station; a bit that says whether the rest is the number of
 * a file of the quarantine, and that; or a version, and in the last byte, from 1, a row,
 * and after the rows the link.
 */
#define SHIFT (FAILED_BITS + 1)
#define IS_FILE (UINT64_C(1) << FAILED_BITS)
#define ROW_BITS 8

uint64_t tree_number(const struct tree_node *node)
{
	uint64_t station = (uint64_t)node->station << SHIFT;

	if (node->row == &tree_file)
		return station | IS_FILE | node->file;
	if (node->row == &tree_link)
		return station | (tree_station_count + 1);
	const struct tree_row *table = node->station ? tree_station : tree_root;
	uint64_t version = (node->version << ROW_BITS) & (IS_FILE - 1);
	return station | version | (uint64_t)(node->row - table + 1);
}

bool tree_node(struct tree_node *node, uint64_t number)
{
	uint64_t rest = number & (IS_FILE - 1), row = rest & ((1 << ROW_BITS) - 1);

	*node = (struct tree_node){.station = (uint32_t)(number >> SHIFT)};
	if (number & IS_FILE) {
		node->row = &tree_file;
		node->file = rest;
		return node->station > 0;
	}
	node->version = rest >> ROW_BITS;
	if (node->station > 0 && row == tree_station_count + 1) {
		node->row = &tree_link;
		return true;
	}
	if (row == 0 || row > (node->station ? tree_station_count : tree_root_count))
		return false;
	node->row = (node->station ? tree_station : tree_root) + row - 1;
	return true;
}

const struct tree_row *tree_table(
	const struct tree_node *folder, size_t *count, unsigned *index)
{
	const struct tree_row *table = folder->station ? tree_station : tree_root;

	*count = folder->station ? tree_station_count : tree_root_count;
	*index = (unsigned)(folder->row - table);
	return table;
}

const struct tree_row *tree_find(const struct tree_node *folder, const char *name)
{
	unsigned index;
	size_t count;
	const struct tree_row *table = tree_table(folder, &count, &index);

	for (size_t i = 0; i < count; i++)
		if (table[i].in == index && strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}
