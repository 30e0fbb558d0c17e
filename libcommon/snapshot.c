#include "snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cursor.h"
#include "failed.h"
#include "runner.h"

#define ID_MAX 64
/* Two changes of a file that are not so far apart may show the same times. */
#define TICK_NS INT64_C(50000000)

static const struct {
	enum station_place place;
	const char *suffix;
} sources[SNAPSHOT_PARTS] = {
	[PART_HEARTBEAT] = {STATION_LIVE, "/heartbeat"},
	[PART_CAMWATCH] = {STATION_LIVE, "/camwatch"},
	[PART_SEGCHECK] = {STATION_LIVE, "/segcheck"},
	[PART_RTMPPUSH] = {STATION_LIVE, "/rtmppush"},
	[PART_STATIONRUN] = {STATION_LIVE, "/" RUNNER},
	[PART_SEGUNPACK] = {STATION_LIVE, "/segunpack"},
	[PART_SEGPACK] = {STATION_LIVE, "/segpack"},
	[PART_SETTINGS] = {STATION_SETTINGS, ".conf"},
	[PART_WISH] = {STATION_STATE, "/desired"},
	[PART_CURSOR] = {STATION_STATE, "/cursor"},
};

/* The name of a part's file below its place. No ID is longer than ID_MAX. */
static void name_of(char name[ID_MAX + 16], const char *id, enum snapshot_part part)
{
	stpcpy(stpcpy(name, id), sources[part].suffix);
}

/* What is in the place of a part now. */
static struct snapshot_file look(const struct snapshot *snapshot,
	const int places[STATION_PLACES], enum snapshot_part part)
{
	const char *path = snapshot->failed_path;
	char name[ID_MAX + 16];
	int folder = AT_FDCWD;
	struct stat st;

	if (part != PART_FAILED) {
		name_of(name, snapshot->id, part);
		path = name;
		folder = places[sources[part].place];
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
		snapshot->facts.heartbeat.state = FACT_ERROR;
	for (enum snapshot_part part = 0; part < SNAPSHOT_FACTS; part++)
		if (snapshot_fact(snapshot, part)->state == FACT_ERROR)
			snapshot->errors[part] = EIO;
}

static void read_cursor(struct snapshot *snapshot, int state)
{
	struct cursor cursor;
	char name[ID_MAX + 16];

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
		snapshot->errors[PART_WISH] = snapshot->errors[PART_CURSOR] = -state;
	else if (station_wish(state, snapshot->id, &snapshot->wish) < 0)
		snapshot->errors[PART_WISH] = errno;
	read_cursor(snapshot, state);
}

static void read_settings(struct snapshot *snapshot, int settings)
{
	if (station_hidden(settings))
		snapshot->errors[PART_SETTINGS] = -settings;
	else if (station_conf(&snapshot->conf, settings, snapshot->id) < 0)
		snapshot->errors[PART_SETTINGS] = errno;
	snapshot->failed_path = failed_path(&snapshot->conf);
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
	for (enum snapshot_part part = 0; part < PART_FAILED; part++)
		snapshot->files[part] = look(snapshot, places, part);
	read_settings(snapshot, places[STATION_SETTINGS]);
	snapshot->files[PART_FAILED] = look(snapshot, places, PART_FAILED);
	snapshot->failed =
		snapshot->failed_path ? failed_count(snapshot->failed_path) : -1;
	if (snapshot->failed_path && snapshot->failed < 0)
		snapshot->errors[PART_FAILED] = errno;
	read_kept(snapshot, places[STATION_STATE]);
	read_facts(snapshot, places[STATION_LIVE]);
	tick_stamp(&snapshot->now); /* no fact can be younger */
	return snapshot;
}

/* Whether it was old when the clock showed now. */
static bool is_settled(const struct snapshot_file *file, int64_t now)
{
	return file->ctime_ns < now - TICK_NS && file->id.mtime_ns < now - TICK_NS;
}

bool snapshot_holds(const struct snapshot *snapshot, const int places[STATION_PLACES])
{
	for (enum snapshot_part part = 0; part < SNAPSHOT_PARTS; part++) {
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

const struct fact *snapshot_fact(const struct snapshot *snapshot, enum snapshot_part part)
{
	const struct verdict_facts *facts = &snapshot->facts;
	const struct fact *const all[] = {
		[PART_HEARTBEAT] = &facts->heartbeat,
		[PART_CAMWATCH] = &facts->camwatch,
		[PART_SEGCHECK] = &facts->segcheck,
		[PART_RTMPPUSH] = &facts->rtmppush,
		[PART_STATIONRUN] = &facts->stationrun,
		[PART_SEGUNPACK] = &facts->segunpack,
		[PART_SEGPACK] = &facts->segpack,
	};

	return all[part];
}

int64_t snapshot_time(const struct snapshot *snapshot, unsigned parts)
{
	int64_t newest = 0;

	for (enum snapshot_part part = 0; part < SNAPSHOT_PARTS; part++) {
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
	verdict_facts_free(&snapshot->facts);
	conf_free(&snapshot->conf);
	free(snapshot->cursor);
	free(snapshot->failed_path);
	free(snapshot->id);
	free(snapshot);
}
