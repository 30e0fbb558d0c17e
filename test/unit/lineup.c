/* lineup: which clips are taken in, from where they go on, and what the cursor says. */
#include "unit.h"

#include <sysexits.h>

#include "lineup.h"
#include "tick.h"

static struct lineup lineup;
static char drop[300], cursor_path[300];
static int first_free;

static int enter(void **state)
{
	int code = unit_enter(state);

	snprintf(drop, sizeof drop, "%s/drop", unit_path);
	snprintf(cursor_path, sizeof cursor_path, "%s/cursor", unit_path);
	first_free = unit_free_descriptor();
	lineup = (struct lineup){.dir = drop, .cursor_folder = -1};
	return code < 0 ? code : mkdirat(unit_folder, "drop", 0755);
}

/* Lets go of all, and no descriptor may be left. */
static int leave(void **state)
{
	while (lineup.count > 0)
		lineup_remove(&lineup, 0);
	if (lineup.cursor_folder >= 0)
		close(lineup.cursor_folder);
	int left = unit_free_descriptor();
	return unit_leave(state) < 0 || left != first_free ? -1 : 0;
}

/* A clip of the drop folder, last changed so many seconds after 1970. */
static void put(const char *name, int64_t seconds)
{
	struct timespec times[] = {{0, UTIME_NOW}, {seconds, 0}};
	char rel[300];

	snprintf(rel, sizeof rel, "drop/%s", name);
	unit_put_text(rel, name);
	assert_int_equal(utimensat(unit_folder, rel, times, 0), 0);
}

static int take(const char *name)
{
	char path[600];

	int len = snprintf(path, sizeof path, "%s/%s", drop, name);
	strcpy(path + len, "tail"); /* what follows is not part of it */
	return lineup_take(&lineup, path, (size_t)len);
}

static void check(const char *const *rels, size_t count)
{
	assert_int_equal(lineup.count, count);
	for (size_t i = 0; i < count; i++) {
		const struct lineup_clip *clip = lineup_at(&lineup, i);
		struct stat st;

		assert_string_equal(clip->rel, rels[i]);
		assert_int_equal(fstat(clip->fd, &st), 0);
		assert_true(path_same(path_id(&st), clip->id));
	}
}

#define CHECK(...) \
	check((const char *const[]){__VA_ARGS__}, \
		UNIT_COUNT(((const char *const[]){__VA_ARGS__})))

UNIT_TEST(test_take)
{
	unit_put_odd();
	put("a", 5);
	put("b", 4);
	assert_int_equal(take("b"), EX_OK);
	assert_int_equal(take("a"), EX_OK);
	assert_int_equal(take("nothing"), EX_NOINPUT);
	assert_int_equal(take("../link"), EX_NOINPUT);
	assert_int_equal(take("../dangling"), EX_NOINPUT);
	assert_int_equal(take("../folder"), EX_NOINPUT);
	assert_int_equal(take("../fifo"), EX_NOINPUT);
	assert_int_equal(take(""), EX_NOINPUT);
	assert_int_equal(lineup_take(&lineup, "", 0), EX_NOINPUT);
	CHECK("b", "a");
	assert_int_equal(lineup_at(&lineup, 0)->position, 0);
	/* The file that was taken is the one that is played. */
	put("c", 6);
	assert_int_equal(take("c"), EX_OK);
	assert_int_equal(unlinkat(unit_folder, "drop/c", 0), 0);
	char text[2] = "";
	assert_int_equal(read(lineup_at(&lineup, 2)->fd, text, 2), 1);
	assert_string_equal(text, "c");
	assert_int_equal(lineup.skipped, 0);
}

/* What the cursor names a clip. */
UNIT_TEST(test_relative)
{
	static const struct {
		const char *dir, *path, *rel; /* NULL: the path */
	} rows[] = {{"drop", "drop/a", "a"}, {"drop/", "drop/a", "a"},
		{"drop//", "drop//a", "a"}, {"drop", "drop//a", "a"},
		{"drop/sub", "drop/sub/b", "b"}, {"drop", "drop/sub/b", "sub/b"},
		{"drop/", "drop/sub//b", "sub//b"}, {"dro", "drop/a", NULL},
		{"drop/s", "drop/sub/b", NULL}, {"drop", "drop2/a", NULL},
		{"drop2", "drop/a", NULL}, {"drop/a", "drop/a", NULL},
		{"/drop", "drop/a", NULL}, {"", "drop/a", NULL}, {NULL, "drop/a", NULL},
		{".", "./drop/a", "drop/a"}, {"./", "./drop/a", "drop/a"},
		{".", "drop/a", NULL}};
	char here[PATH_MAX];

	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(fchdir(unit_folder), 0);
	put("a", 1);
	assert_int_equal(mkdirat(unit_folder, "drop/sub", 0755), 0);
	put("sub/b", 1);
	assert_int_equal(mkdirat(unit_folder, "drop2", 0755), 0);
	unit_put_text("drop2/a", "a");
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		const char *path = rows[i].path, *rel = rows[i].rel;

		lineup.dir = rows[i].dir;
		assert_int_equal(lineup_take(&lineup, path, strlen(path)), EX_OK);
		if (strcmp(lineup_at(&lineup, 0)->rel, rel ? rel : path) != 0)
			fail_msg("row %zu: %s", i, lineup_at(&lineup, 0)->rel);
		lineup_remove(&lineup, 0);
	}
	char whole[400];
	snprintf(whole, sizeof whole, "%s/a", drop);
	lineup.dir = "/";
	assert_int_equal(lineup_take(&lineup, whole, strlen(whole)), EX_OK);
	CHECK(whole + 1);
	assert_int_equal(chdir(here), 0);
}

static void open_at(const char *line, int code)
{
	unit_put_text("cursor", line);
	assert_int_equal(lineup_open(&lineup, cursor_path), code);
}

/* The clip in which the cursor is goes on from there, once; those before are past. */
UNIT_TEST(test_resume)
{
	static const struct {
		const char *name;
		size_t taken; /* so many more */
	} rows[] = {{"own", 0}, {"past", 0}, {"own9", 1}, {"own10", 1}, {"later", 1},
		{"less", 0}};

	put("past", 99);
	put("own", 100);
	put("less", 100);
	put("own9", 100);
	put("own10", 100);
	put("later", 101);
	open_at("100000000000\town\t1500\n", EX_OK);
	CHECK("own");
	assert_int_equal(lineup_at(&lineup, 0)->position, 1500);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		size_t before = lineup.count;

		assert_int_equal(take(rows[i].name), EX_OK);
		if (lineup.count != before + rows[i].taken)
			fail_msg("%s", rows[i].name);
	}
	CHECK("own", "own9", "own10", "later");
	assert_int_equal(lineup_at(&lineup, 1)->position, 0);
	assert_int_equal(lineup.skipped, 3);
}

UNIT_TEST(test_open)
{
	static const struct {
		const char *line, *dir, *taken;
	} rows[] = {{"100000000000\town\t7\n", "drop", "own"},
		{"100000000000\town\t7\n", "drop/", "own"},
		{"100000000000\tdrop/own\t7\n", "", "drop/own"},
		{"100000000000\tdrop/own\t7\n", NULL, "drop/own"},
		{"100000000000\tdrop/own\t7\n", ".", "drop/own"},
		/* Gone, or another one by now: camwatch names it if it is to be played.
		 */
		{"100000000000\tgone\t7\n", "drop", NULL},
		{"100000000001\town\t7\n", "drop", NULL},
		{"99999999999\town\t7\n", "drop", NULL},
		{"100000000000\tlink\t7\n", "drop", NULL},
		{"100000000000\tsub\t7\n", "drop", NULL}};
	char here[PATH_MAX];

	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(fchdir(unit_folder), 0);
	put("own", 100);
	assert_int_equal(symlinkat("own", unit_folder, "drop/link"), 0);
	assert_int_equal(mkdirat(unit_folder, "drop/sub", 0755), 0);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		lineup = (struct lineup){.dir = rows[i].dir};
		open_at(rows[i].line, EX_OK);
		if (lineup.count != !!rows[i].taken)
			fail_msg("row %zu: %zu", i, lineup.count);
		if (rows[i].taken) {
			CHECK(rows[i].taken);
			assert_int_equal(lineup_at(&lineup, 0)->position, 7);
			lineup_remove(&lineup, 0);
		}
		close(lineup.cursor_folder);
	}
	lineup.cursor_folder = -1;
	assert_int_equal(chdir(here), 0);
}

UNIT_TEST(test_no_cursor)
{
	put("a", 5);
	assert_int_equal(lineup_open(&lineup, cursor_path), EX_OK);
	assert_int_equal(take("a"), EX_OK);
	CHECK("a");
	close(lineup.cursor_folder);
	open_at("what is no cursor\n", EX_CONFIG);
	close(lineup.cursor_folder);
	snprintf(cursor_path, sizeof cursor_path, "%s/nothing/cursor", unit_path);
	assert_int_equal(lineup_open(&lineup, cursor_path), EX_NOINPUT);
}

UNIT_TEST(test_full)
{
	char name[16];

	/* From each place in the ring. */
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < LINEUP_MAX; i++) {
			snprintf(name, sizeof name, "%d", i);
			put(name, 1000 + i);
			assert_int_equal(take(name), EX_OK);
		}
		assert_int_equal(lineup.count, LINEUP_MAX);
		assert_int_equal(lineup_behind(&lineup, 0), (LINEUP_MAX - 1) * 1000);
		for (int i = 0; i < LINEUP_MAX - (round == 0 ? 40 : 0); i++) {
			snprintf(name, sizeof name, "%d", i);
			assert_string_equal(lineup_at(&lineup, 0)->rel, name);
			lineup_remove(&lineup, 0);
		}
		while (lineup.count > 0)
			lineup_remove(&lineup, lineup.count - 1);
	}
}

UNIT_TEST(test_remove)
{
	static const char *const names[] = {"a", "b", "c", "d", "e"};

	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		put(names[i], 100 + (int64_t)i);
		assert_int_equal(take(names[i]), EX_OK);
	}
	lineup_remove(&lineup, 2);
	CHECK("a", "b", "d", "e");
	lineup_remove(&lineup, 3);
	CHECK("a", "b", "d");
	lineup_remove(&lineup, 0);
	CHECK("b", "d");
	assert_int_equal(take("c"), EX_OK);
	CHECK("b", "d", "c");
	lineup_remove(&lineup, 1);
	CHECK("b", "c");
}

UNIT_TEST(test_behind)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} rows[] = {{"a", 100}, {"b", 160}, {"c", -20}, {"d", 161}};
	static const int64_t behind[] = {61000, 1000, 181000, 0};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		put(rows[i].name, rows[i].seconds);
		assert_int_equal(take(rows[i].name), EX_OK);
		assert_int_equal(lineup_behind(&lineup, i), 0);
	}
	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		assert_int_equal(lineup_behind(&lineup, i), behind[i]);
}

UNIT_TEST(test_note)
{
	put("a", 100);
	put("b", 101);
	lineup_note(&lineup, 0); /* without a cursor nothing happens */
	assert_int_equal(lineup_open(&lineup, cursor_path), EX_OK);
	take("a");
	take("b");
	lineup_at(&lineup, 0)->position = 40;
	lineup_note(&lineup, 0);
	assert_string_equal(unit_get("cursor"), "100000000000\ta\t40\n");
	/* Not again before its time. */
	lineup_at(&lineup, 0)->position = 80;
	lineup_note(&lineup, 1000 * TICK_SECOND);
	assert_string_equal(unit_get("cursor"), "100000000000\ta\t40\n");
	lineup.written -= 1000 * TICK_SECOND;
	lineup_note(&lineup, 1000 * TICK_SECOND);
	assert_string_equal(unit_get("cursor"), "100000000000\ta\t80\n");
	lineup_remove(&lineup, 0);
	lineup_note(&lineup, 0);
	assert_string_equal(unit_get("cursor"), "101000000000\tb\t0\n");
	/* What was played is past at once. */
	assert_int_equal(take("a"), EX_OK);
	CHECK("b");
	assert_int_equal(lineup.skipped, 1);
}

/* One is left out from the middle; the first one is played; each once. */
UNIT_TEST(test_skip_settle)
{
	static const struct afterplay keep = {AFTERPLAY_KEEP, -1},
				      delete = {AFTERPLAY_DELETE, -1};

	put("a", 100);
	put("b", 101);
	put("c", 102);
	take("a");
	take("b");
	take("c");
	lineup_skip(&lineup, 1, "is odd", &delete);
	assert_int_equal(lineup.skipped, 1);
	assert_false(unit_exists("drop/b"));
	CHECK("a", "c");
	assert_int_equal(lineup_settle(&lineup, &delete), EX_OK);
	assert_false(unit_exists("drop/a"));
	CHECK("c");
	lineup_skip(&lineup, 0, "is odd", &keep);
	assert_int_equal(lineup.count, 0);
	assert_true(unit_exists("drop/c"));
	/* Another file by now: it stays, and that is said. */
	take("c");
	put("new", 102);
	renameat(unit_folder, "drop/new", unit_folder, "drop/c");
	assert_int_equal(lineup_settle(&lineup, &delete), EX_IOERR);
	assert_int_equal(lineup.count, 0);
	assert_true(unit_exists("drop/c"));
	assert_int_equal(lineup.skipped, 2);
}

/* A name that the cursor cannot hold is played all the same; the one before stays. */
UNIT_TEST(test_note_refused)
{
	put("a", 100);
	put("b\tc\nd", 101);
	assert_int_equal(lineup_open(&lineup, cursor_path), EX_OK);
	take("a");
	take("b\tc\nd");
	lineup_note(&lineup, 0);
	lineup_remove(&lineup, 0);
	lineup_note(&lineup, 0);
	assert_string_equal(unit_get("cursor"), "100000000000\ta\t0\n");
	CHECK("b\tc\nd");
}

#define ENTERED(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENTERED(test_take),
		ENTERED(test_relative),
		ENTERED(test_resume),
		ENTERED(test_open),
		ENTERED(test_no_cursor),
		ENTERED(test_full),
		ENTERED(test_remove),
		ENTERED(test_behind),
		ENTERED(test_note),
		ENTERED(test_skip_settle),
		ENTERED(test_note_refused),
	};

	return cmocka_run_group_tests_name("lineup", tests, NULL, NULL);
}
