#include "station/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "clip/cursor.h"
#include "station/runner.h"
#include "station/station_quarantine.h"

#define PART_NAME (64 + sizeof "/" STATION_CURSOR) /* no ID is longer than 64 */
/* Two changes of a file that are not so far apart may show the same times. */
#define CLOCK_NS INT64_C(50000000)

/* The name of a part's file below its place, which is returned. */
static enum station_place name_of(char name[PART_NAME], const char *id, size_t part)
{
	switch (part) {
	case PART_SETTINGS:
		snprintf(name, PART_NAME, "%s", station_conf_name(id));
		return STATION_SETTINGS;
	case PART_DESIRED:
		snprintf(name, PART_NAME, "%s/desired", id);
		return STATION_STATE;
	case PART_CURSOR:
		snprintf(name, PART_NAME, "%s/" STATION_CURSOR, id);
		return STATION_STATE;
	default:
		snprintf(name, PART_NAME, "%s/%s", id, stage_rows[part].fact);
		return STATION_LIVE;
	}
}

/* The identity of the file that is in the place of a part now. */
static struct snapshot_file look(
	const struct snapshot *snapshot, const int places[STATION_PLACES], size_t part)
{
	const char *path = snapshot->station_quarantine_path;
	char name[PART_NAME];
	int folder = AT_FDCWD;
	struct stat st;

	if (part != PART_FAILED) {
		folder = places[name_of(name, snapshot->id, part)];
		path = name;
	}
	if (!path || (folder < 0 && folder != AT_FDCWD) ||
		fstatat(folder, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return (struct snapshot_file){.there = false};
	return (struct snapshot_file){true, path_id(&st), path_nanoseconds(st.st_ctim)};
}

static void read_facts(struct snapshot *snapshot, int live)
{
	station_facts(&snapshot->facts, live, snapshot->id);
	if (station_hidden(live))
		snapshot->facts.of[STAGE_HBWRITE].state = FACT_ERROR;
	for (size_t i = 0; i < STAGE_FACTS; i++)
		if (snapshot->facts.of[i].state == FACT_ERROR)
			snapshot->errors[i] = EIO;
}

static void read_cursor(struct snapshot *snapshot, int state)
{
	struct cursor cursor;
	char name[PART_NAME];

	name_of(name, snapshot->id, PART_CURSOR);
	if (state < 0)
		return;
	if (cursor_read_at(&cursor, state, name) < 0)
		snapshot->errors[PART_CURSOR] = errno == ENOENT ? 0 : errno;
	else if (asprintf(&snapshot->cursor, "%" PRId64 "\t%s\t%" PRId64 "\n",
			 cursor.mtime_ns, cursor.path, cursor.position) < 0)
		snapshot->cursor = NULL;
}

static void read_kept(struct snapshot *snapshot, int state)
{
	if (station_hidden(state))
		snapshot->errors[PART_DESIRED] = snapshot->errors[PART_CURSOR] = -state;
	else if (station_desired(state, snapshot->id, &snapshot->desired) < 0)
		snapshot->errors[PART_DESIRED] = errno;
	snapshot->by = station_desired_by(state, snapshot->id);
	read_cursor(snapshot, state);
}

static void read_settings(struct snapshot *snapshot, int settings)
{
	if (station_hidden(settings))
		snapshot->errors[PART_SETTINGS] = -settings;
	else if (station_conf(&snapshot->conf, settings, snapshot->id) < 0)
		snapshot->errors[PART_SETTINGS] = errno;
	snapshot->station_quarantine_path = station_quarantine_path(&snapshot->conf);
}

struct snapshot *snapshot_read(const int places[STATION_PLACES], const char *id)
{
	struct snapshot *snapshot = calloc(1, sizeof *snapshot);
	struct timespec now;

	if (!snapshot)
		return NULL;
	snapshot->id = strdup(id);
	if (!snapshot->id) {
		free(snapshot);
		return NULL;
	}
	/* Before they are read: a later change is seen as one. */
	clock_gettime(CLOCK_REALTIME, &now);
	snapshot->read_ns = path_nanoseconds(now);
	for (size_t part = 0; part < PART_FAILED; part++)
		snapshot->files[part] = look(snapshot, places, part);
	read_settings(snapshot, places[STATION_SETTINGS]);
	snapshot->files[PART_FAILED] = look(snapshot, places, PART_FAILED);
	snapshot->failed = snapshot->station_quarantine_path
		? station_quarantine_count(snapshot->station_quarantine_path)
		: -1;
	if (snapshot->station_quarantine_path && snapshot->failed < 0)
		snapshot->errors[PART_FAILED] = errno;
	read_kept(snapshot, places[STATION_STATE]);
	read_facts(snapshot, places[STATION_LIVE]);
	clock_stamp(&snapshot->now); /* no fact can be younger */
	return snapshot;
}

/* True if it was old when the clock showed now. */
static bool is_settled(const struct snapshot_file *file, int64_t now)
{
	return file->ctime_ns < now - CLOCK_NS && file->id.mtime_ns < now - CLOCK_NS;
}

bool snapshot_holds(const struct snapshot *snapshot, const int places[STATION_PLACES])
{
	for (size_t part = 0; part < SNAPSHOT_PARTS; part++) {
		const struct snapshot_file *was = &snapshot->files[part];
		struct snapshot_file is = look(snapshot, places, part);

		if (snapshot->errors[part] || is.there != was->there)
			return false;
		if (is.there &&
			(!path_same(is.id, was->id) || is.ctime_ns != was->ctime_ns ||
				!is_settled(was, snapshot->read_ns)))
			return false;
	}
	return true;
}

bool snapshot_is_hidden(const struct snapshot *snapshot)
{
	int error = snapshot->errors[PART_SETTINGS];

	return error == EACCES || error == EPERM;
}

int64_t snapshot_time(const struct snapshot *snapshot, unsigned parts)
{
	int64_t newest = 0;

	for (size_t part = 0; part < SNAPSHOT_PARTS; part++) {
		const struct snapshot_file *file = &snapshot->files[part];

		if (parts >> part & 1 && file->there && file->id.mtime_ns > newest)
			newest = file->id.mtime_ns;
	}
	return newest;
}

void snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	stage_facts_free(&snapshot->facts);
	conf_free(&snapshot->conf);
	free(snapshot->cursor);
	free(snapshot->station_quarantine_path);
	free(snapshot->id);
	free(snapshot);
}
