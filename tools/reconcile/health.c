#include "health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "station/registry.h"

/* What was seen last. */
static struct seen {
	char id[65], state[16];
	pid_t pid;
	bool now; /* also this time */
} * seen;
static size_t count;

/* All of them, to be freed. */
static struct snapshot **read_all(const int places[STATION_PLACES], size_t *found)
{
	struct station_list ids;

	*found = 0;
	if (station_list(&ids, places) < 0)
		return NULL;
	struct snapshot **list = calloc(ids.count + 1, sizeof(struct snapshot *));
	for (size_t i = 0; list && i < ids.count; i++) {
		list[*found] = snapshot_read(places, ids.entries[i]->d_name);
		*found += list[*found] != NULL;
	}
	station_list_free(&ids);
	return list;
}

static void free_all(struct snapshot **list, size_t found)
{
	for (size_t i = 0; i < found; i++)
		snapshot_free(list[i]);
	free(list);
}

static struct seen *find(const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(seen[i].id, id) == 0)
			return &seen[i];
	struct seen *more = reallocarray(seen, count + 1, sizeof *seen);
	if (!more)
		return NULL;
	seen = more;
	seen[count] = (struct seen){.pid = 0};
	snprintf(seen[count].id, sizeof seen[count].id, "%s", id);
	return &seen[count++];
}

static void compare(const struct registry_row *row)
{
	struct seen *before = find(row->stream);

	if (!before)
		return;
	if (row->pid != before->pid && row->pid > 0)
		log_info(PID, "stream '%s': process %d, since %s", row->stream,
			(int)row->pid, row->since);
	else if (row->pid != before->pid)
		log_info(PID, "stream '%s': no process any more", row->stream);
	if (strcmp(row->health, before->state) != 0)
		log_info(HEALTH, "stream '%s': %s%s%s", row->stream, row->health,
			*before->state ? ", after " : "", before->state);
	before->pid = row->pid;
	snprintf(before->state, sizeof before->state, "%s", row->health);
	before->now = true;
}

int health_look(const int places[STATION_PLACES], const struct expected *expected)
{
	struct registry_row row;
	size_t found, kept = 0;
	struct snapshot **list = read_all(places, &found);

	if (!list)
		return -1;
	for (size_t i = 0; i < count; i++)
		seen[i].now = false;
	for (size_t i = 0; i < found; i++) {
		registry_of(&row, list[i], expected);
		if (expected_of(expected, row.stream) == EXPECTED_UP)
			compare(&row);
	}
	free_all(list, found);
	for (size_t i = 0; i < count; i++)
		if (seen[i].now)
			seen[kept++] = seen[i];
	count = kept;
	return 0;
}

int health_print(const int places[STATION_PLACES], const struct expected *expected)
{
	size_t found;
	struct snapshot **list = read_all(places, &found);

	if (!list)
		return -1;
	registry_print_json(
		stdout, (const struct snapshot *const *)list, found, expected);
	free_all(list, found);
	return 0;
}

void health_free(void)
{
	free(seen);
	seen = NULL;
	count = 0;
}
