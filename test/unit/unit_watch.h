/* unit_watch: a watched tree for a test, and what is expected to be told of it. */
#ifndef STREAMHUB_UNIT_WATCH_H
#define STREAMHUB_UNIT_WATCH_H

#include "unit.h"

#include <time.h>

#include "base/msg.h"
#include "watch.h"

static struct watch watch;
static char root[512];

static inline int enter(void **state)
{
	if (unit_enter(state) < 0 || fchmod(unit_folder, 0755) < 0)
		return -1;
	snprintf(root, sizeof root, "%s/root", unit_path);
	return mkdirat(unit_folder, "root", 0755) | mkdirat(unit_folder, "out", 0755);
}

static inline int leave(void **state)
{
	watch_close(&watch);
	return unit_leave(state);
}

#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static inline void make(const char *rel)
{
	assert_int_equal(mkdirat(unit_folder, rel, 0755), 0);
}

static inline void put(const char *rel)
{
	unit_put_text(rel, "clip");
}

static inline void move(const char *from, const char *to)
{
	assert_int_equal(renameat(unit_folder, from, unit_folder, to), 0);
}

static inline void away(const char *rel, int flags)
{
	assert_int_equal(unlinkat(unit_folder, rel, flags), 0);
}

/* As a word: "file:a/b" or, with an event, "event:a/b"; "read:a", "gone:a". */
static inline void name_item(const struct watch_item *item, char *word, size_t size)
{
	static const char *const kinds[] = {"file", "read", "gone"};

	snprintf(word, size, " %s:%s ", item->event ? "event" : kinds[item->kind],
		item->path);
	if (item->kind != WATCH_FILE)
		return;
	/* The file can be reached by what is given. */
	struct stat by_name = {0}, by_path = {0};
	char path[1024];
	snprintf(path, sizeof path, "%s/%s", root, item->path);
	int there = fstatat(item->at, item->name, &by_name, AT_SYMLINK_NOFOLLOW);
	assert_int_equal(there, lstat(path, &by_path));
	assert_true(by_name.st_ino == by_path.st_ino);
}

/*
 * Takes items until all the expected words have come, each with blanks around it, and on
 * until there is nothing; told twice is fine, but not anything else.
 */
static inline void check(const char *expected)
{
	char got[4096] = "", word[1024];
	struct watch_item item;

	for (;;) {
		while (watch_next(&watch, &item)) {
			name_item(&item, word, sizeof word);
			if (!strstr(expected, word))
				fail_msg("'%s' is not in '%s'", word, expected);
			if (!strstr(got, word))
				strcat(got, word);
		}
		size_t missing = 0;
		for (const char *at = expected; *at == ' ' && at[1];
			at = strchr(at + 1, ' ')) {
			snprintf(word, sizeof word, "%.*s ",
				(int)(strcspn(at + 1, " ") + 1), at);
			missing += !strstr(got, word);
		}
		if (!missing)
			return;
		struct pollfd one = {watch.inotify, POLLIN, 0};
		if (poll(&one, 1, UNIT_SECONDS * 1000) != 1)
			fail_msg("'%s' is all of '%s'", got, expected);
	}
}

static inline void begin(const char *expected)
{
	assert_int_equal(watch_open(&watch, root), 0);
	check(expected);
}

/* Loses what the kernel has told so far. */
static inline void lose_events(void)
{
	char events[16384];

	while (read(watch.inotify, events, sizeof events) > 0)
		;
}

/* So old that a time stamp cannot be given out again, and that it says it is yesterday's.
 */
static inline void make_old(const char *rel, time_t seconds)
{
	struct timespec times[2];

	clock_gettime(CLOCK_REALTIME, times);
	times[0].tv_sec -= seconds;
	times[1] = times[0];
	assert_int_equal(utimensat(unit_folder, rel, times, 0), 0);
}

#endif
