/*
 * Each clip hangs in one tree by path, and in a second tree by order while it is in one
 * of the ordered sets. Paths compare by bytes, so all clips below a folder are neighbours
 * in the first tree: dropping a folder is a walk from "folder/" on.
 */
#include "clip/clips.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "clip/order.h"

static int by_path(const struct clip *a, const struct clip *b)
{
	return strcmp(a->path, b->path);
}

static int by_order(const struct clip *a, const struct clip *b)
{
	return clips_compare(a, b->key, b->path);
}

RB_GENERATE_INTERNAL(
	clips_by_path, clip, by_path, by_path, static __attribute__((unused)))
RB_GENERATE_INTERNAL(
	clips_by_order, clip, by_order, by_order, static __attribute__((unused)))

void clips_init(struct clips *clips)
{
	*clips = (struct clips){0};
}

int clips_compare(const struct clip *clip, int64_t key, const char *path)
{
	if (clip->key != key)
		return clip->key < key ? -1 : 1;
	return order_natural(clip->path, path);
}

struct clip *clips_find(struct clips *clips, const char *path)
{
	struct clip probe = {.path = path};

	return RB_FIND(clips_by_path, &clips->paths, &probe);
}

struct clip *clips_add(struct clips *clips, const char *path)
{
	size_t size = strlen(path) + 1;
	struct clip *clip = calloc(1, sizeof *clip + size);

	if (!clip)
		return NULL;
	clip->path = memcpy(clip + 1, path, size);
	clip->set = CLIPS_DONE;
	RB_INSERT(clips_by_path, &clips->paths, clip);
	clips->count++;
	clips->counts[CLIPS_DONE]++;
	return clip;
}

static int64_t latest(const struct clip *clip)
{
	return clip->id.mtime_ns > clip->ctime_ns ? clip->id.mtime_ns : clip->ctime_ns;
}

enum clips_change clips_update(struct clip *clip, const struct stat *st,
	const struct clips_clock *now, bool event)
{
	int64_t ctime_ns = path_nanoseconds(st->st_ctim);
	struct path_id id = path_id(st);
	bool fresh = clip->looked == 0, same = !fresh && path_same(clip->id, id);
	bool touched = ctime_ns != clip->touched_ns;

	int64_t least = !fresh ? clip->looked : event ? now->mono : INT64_MIN;
	clip->looked = now->mono;
	clip->touched_ns = ctime_ns;
	if (same)
		return touched ? CLIPS_TOUCHED : CLIPS_SAME;
	clip->id = id;
	clip->ctime_ns = ctime_ns;
	int64_t age = (now->wall_ns - latest(clip)) / CLOCK_MS_NS;
	clip->since = age > 0 ? now->mono - age : now->mono;
	if (clip->since < least)
		clip->since = least;
	return CLIPS_CHANGED;
}

int64_t clips_settles(const struct clip *clip, const struct clips_clock *now, int64_t age)
{
	int64_t by_wall = now->mono + age - (now->wall_ns - latest(clip)) / CLOCK_MS_NS;
	int64_t by_tick = clip->since + age;

	return by_wall > by_tick ? by_wall : by_tick;
}

int64_t clips_ahead(const struct clip *clip, const struct clips_clock *now)
{
	return (latest(clip) - now->wall_ns) / CLOCK_MS_NS;
}

bool clips_of_the_future(const struct clip *clip, const struct clips_clock *now)
{
	/* The clock has gone on since now was read, so allow a second. */
	return latest(clip) - now->wall_ns > 1000 * CLOCK_MS_NS;
}

void clips_put(struct clips *clips, struct clip *clip, enum clips_set set)
{
	if (clip->set == set)
		return;
	if (clip->set == CLIPS_COMING)
		LIST_REMOVE(clip, coming);
	else if (clip->set != CLIPS_DONE)
		RB_REMOVE(clips_by_order, &clips->sets[clip->set], clip);
	clips->counts[clip->set]--;
	clip->set = (uint8_t)set;
	clips->counts[set]++;
	if (set == CLIPS_COMING)
		LIST_INSERT_HEAD(&clips->coming, clip, coming);
	else if (set != CLIPS_DONE)
		RB_INSERT(clips_by_order, &clips->sets[set], clip);
}

struct clip *clips_first(struct clips *clips, enum clips_set set)
{
	return RB_MIN(clips_by_order, &clips->sets[set]);
}

struct clip *clips_last(struct clips *clips, enum clips_set set)
{
	return RB_MAX(clips_by_order, &clips->sets[set]);
}

void clips_requeue(struct clips *clips, enum clips_set set)
{
	struct clip *clip;

	while ((clip = clips_first(clips, set)))
		clips_put(clips, clip, CLIPS_QUEUE);
}

void clips_drop(struct clips *clips, struct clip *clip)
{
	clips_put(clips, clip, CLIPS_DONE);
	RB_REMOVE(clips_by_path, &clips->paths, clip);
	clips->counts[CLIPS_DONE]--;
	clips->count--;
	free(clip);
}

/* The first clip whose path is equal to or after start followed by the character more. */
static struct clip *first_from(
	struct clips *clips, const char *start, size_t len, char more)
{
	char path[PATH_MAX + 2];
	struct clip probe = {.path = path};

	if (len >= PATH_MAX)
		return NULL;
	memcpy(path, start, len);
	path[len] = more;
	path[len + 1] = '\0';
	return RB_NFIND(clips_by_path, &clips->paths, &probe);
}

static struct clip *first_below(struct clips *clips, const char *folder)
{
	return *folder ? first_from(clips, folder, strlen(folder), '/')
		       : RB_MIN(clips_by_path, &clips->paths);
}

/* True if the clip lies below the folder; *prefix gets the length of "folder/". */
static bool lies_below(const struct clip *clip, const char *folder, size_t *prefix)
{
	size_t len = strlen(folder);

	*prefix = len ? len + 1 : 0;
	return len == 0 ||
		(strncmp(clip->path, folder, len) == 0 && clip->path[len] == '/');
}

void clips_drop_below(struct clips *clips, const char *folder)
{
	struct clip *clip = first_below(clips, folder), *next;
	size_t prefix;

	for (; clip && lies_below(clip, folder, &prefix); clip = next) {
		next = RB_NEXT(clips_by_path, &clips->paths, clip);
		clips_drop(clips, clip);
	}
}

void clips_drop_unseen(struct clips *clips, const char *folder, uint32_t seen)
{
	struct clip *clip = first_below(clips, folder), *next;
	size_t prefix;

	for (; clip && lies_below(clip, folder, &prefix); clip = next) {
		const char *slash = strchr(clip->path + prefix, '/');

		if (slash) { /* skip this sub-folder: '0' is the byte after '/' */
			next = first_from(
				clips, clip->path, (size_t)(slash - clip->path), '0');
			continue;
		}
		next = RB_NEXT(clips_by_path, &clips->paths, clip);
		if (clip->seen != seen)
			clips_drop(clips, clip);
	}
}
