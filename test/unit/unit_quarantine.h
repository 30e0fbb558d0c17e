/* unit_quarantine: a quarantine "q" in a test's folder, and clips beside it. */
#ifndef STREAMHUB_UNIT_QUARANTINE_H
#define STREAMHUB_UNIT_QUARANTINE_H

#include "unit.h"

#include <dirent.h>
#include <limits.h>

#include "base/msg.h"
#include "clip/quarantine.h"

#define CODE "no-video"
#define REASON "there is no video in it"

static struct quarantine quarantine;
static struct quarantine_entry entry;

/* The path of rel in the test's folder, until the next call but one. */
static inline const char *at(const char *rel)
{
	static char paths[2][sizeof unit_path + PATH_MAX];
	static int last;

	last = !last;
	snprintf(paths[last], sizeof paths[last], "%s/%s", unit_path, rel);
	return paths[last];
}

static inline int enter(void **state)
{
	if (unit_enter(state) < 0)
		return -1;
	return quarantine_open(&quarantine, NULL, at("q"), true);
}

static inline int leave(void **state)
{
	quarantine_close(&quarantine);
	return unit_leave(state);
}

#define QUARANTINED(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static inline struct path_id id_of(const char *rel)
{
	struct stat st;

	if (fstatat(unit_folder, rel, &st, AT_SYMLINK_NOFOLLOW) < 0)
		fail_msg("no '%s'", rel);
	return path_id(&st);
}

/* Puts in the file path. */
static inline int put_path(struct quarantine *to, const char *path, struct path_id id,
	const char *reason, int64_t tries, char *name)
{
	const char *own;
	int from = path_open_parent(path, &own);
	int code = from < 0
		? -1
		: quarantine_put(to, from, own, id, CODE, reason, tries, name);

	path_close(from);
	return code;
}

/* Puts it in as it is now. */
static inline int put_in(const char *rel, char *name)
{
	return put_path(&quarantine, at(rel), id_of(rel), REASON, 3, name);
}

/* How many names there are in the folder, hidden ones too. */
static inline size_t count_in(const char *rel)
{
	return unit_count(at(rel));
}

#endif
