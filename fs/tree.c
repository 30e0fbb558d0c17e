#include "tree.h"

#include <string.h>

#include "station/station_quarantine.h"

enum { ROOT, STATION = 0, TOOLS };

#define HAS(part) (1U << (part))
#define STATUS \
	(SNAPSHOT_ALL_FACTS | HAS(PART_SETTINGS) | HAS(PART_DESIRED) | HAS(PART_FAILED))

const struct tree_row tree_root[] = {
	[ROOT] = {"", TREE_FOLDER, .in = -1U},
	{"version", TREE_TEXT, ROOT, .render = render_version},
	{"summary", TREE_TEXT, ROOT, STATUS, .render = render_summary},
	{"metrics", TREE_TEXT, ROOT, STATUS, .render = render_metrics},
	{"control", TREE_TEXT, ROOT, STATUS, .render = render_control},
	{"healthy", TREE_HEALTHY, .in = ROOT},
	{"attention", TREE_ATTENTION, .in = ROOT},
	{"stations", TREE_STATIONS, .in = ROOT},
};

const size_t tree_root_count = sizeof tree_root / sizeof *tree_root;

#define JUDGED .judged = true
#define FOLLOWS .follows = true
#define OPTIONAL .optional = true

/* Of a station; a row for each stage that is shown follows these. */
static const struct tree_row fixed[] = {
	[STATION] = {"", TREE_FOLDER, .in = -1U},
	[TOOLS] = {"tools", TREE_FOLDER, .in = STATION},
	{"failed", TREE_FAILED, .in = STATION},
	{"status", TREE_TEXT, STATION, STATUS, JUDGED, .render = render_status},
	{"status.json", TREE_TEXT, STATION, STATUS, JUDGED, .render = render_json},
	{"state", TREE_TEXT, STATION, STATUS, JUDGED, .render = render_key},
	{"heartbeat", TREE_TEXT, STATION, HAS(STAGE_HBWRITE), .render = render_fact},
	{"age", TREE_TEXT, STATION, HAS(STAGE_HBWRITE), .render = render_key},
	{"now", TREE_TEXT, STATION, HAS(STAGE_RTMPPUSH), FOLLOWS, .render = render_key},
	{"next", TREE_TEXT, STATION, HAS(STAGE_PLAYLIST), OPTIONAL, .render = render_key},
	{"playlist", TREE_TEXT, STATION, HAS(STAGE_PLAYLIST), OPTIONAL,
		.render = render_playlist},
	{"queue", TREE_TEXT, STATION, HAS(STAGE_CAMWATCH) | HAS(STAGE_RTMPPUSH),
		.render = render_key},
	{"cursor", TREE_TEXT, STATION, HAS(PART_CURSOR), .render = render_cursor},
	{"desired", TREE_TEXT, STATION, HAS(PART_DESIRED), .render = render_key},
	{"config", TREE_TEXT, STATION, HAS(PART_SETTINGS), .render = render_config},
	{"log", TREE_LOG, .in = STATION},
};

static struct tree_row station_rows[sizeof fixed / sizeof *fixed + STAGE_FACTS];
const struct tree_row *const tree_station = station_rows;
size_t tree_station_count;

void tree_begin(void)
{
	memcpy(station_rows, fixed, sizeof fixed);
	tree_station_count = sizeof fixed / sizeof *fixed;
	for (enum stage stage = 0; stage < STAGE_FACTS; stage++)
		if (stage_rows[stage].is_shown)
			station_rows[tree_station_count++] = (struct tree_row){
				stage_rows[stage].fact, TREE_TEXT, TOOLS, HAS(stage),
				OPTIONAL, .render = render_fact};
}

const struct tree_row tree_link = {"", TREE_LINK, .in = -1U};
const struct tree_row tree_file = {"", TREE_FILE, .in = -1U};

/*
 * From the top: 20 bits of the station; a bit that says whether the rest is the number of
 * a file of the quarantine, and that; or a version, and in the last byte, from 1, a row,
 * and after the rows the link.
 */
#define SHIFT (STATION_QUARANTINE_BITS + 1)
#define IS_FILE (UINT64_C(1) << STATION_QUARANTINE_BITS)
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
