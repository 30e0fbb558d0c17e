#include "worklist.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "proc/process.h"

void worklist_follow(struct work *work, pid_t pid)
{
	struct process process;

	path_close(work->fd);
	work->fd =
		pid == 0 || process_of(&process, pid) < 0 ? -1 : process_open(&process);
}

/* Keeps a station that no longer exists, if a child is at work on it. */
static size_t keep_busy(struct work *next, struct work *work)
{
	if (work->child == 0) {
		worklist_follow(work, 0);
		return 0;
	}
	*next = *work;
	return 1;
}

int worklist_update(struct worklist *worklist, const int places[STATION_PLACES])
{
	struct work *works = worklist->works;
	struct station_list all;
	size_t n = 0, old = 0, count = worklist->count;

	if (station_list(&all, places) < 0)
		return -1;
	struct work *next = calloc(all.count + count + 1, sizeof *next);
	if (!next) {
		station_list_free(&all);
		errno = ENOMEM;
		return -1;
	}
	for (size_t i = 0; i < all.count; i++) {
		const char *id = all.entries[i]->d_name;
		if (!station_id_ok(id))
			continue;
		for (; old < count && strverscmp(works[old].id, id) < 0; old++)
			n += keep_busy(&next[n], &works[old]);
		if (old < count && strcmp(works[old].id, id) == 0) {
			next[n] = works[old++];
		} else {
			next[n] = (struct work){.fd = -1};
			snprintf(next[n].id, sizeof next[n].id, "%.64s", id);
		}
		n++;
	}
	for (; old < count; old++)
		n += keep_busy(&next[n], &works[old]);
	station_list_free(&all);
	free(works);
	*worklist = (struct worklist){next, n};
	return 0;
}
