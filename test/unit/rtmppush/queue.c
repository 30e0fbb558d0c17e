/* queue: which clips are taken in, from where they go on, and what the cursor says. */
#include "unit.h"

#include <sysexits.h>

#include "base/clock.h"
#include "queue.h"

static struct queue queue;
static char drop[300], cursor_path[300];
static int first_free;

static int enter(void **state)
{
	int code = unit_enter(state);

	snprintf(drop, sizeof drop, "%s/drop", unit_path);
	snprintf(cursor_path, sizeof cursor_path, "%s/cursor", unit_path);
	first_free = unit_free_descriptor();
	queue = (struct queue){.cursor_folder = -1};
	return code < 0 || mkdirat(unit_folder, "drop", 0755) < 0
		? -1
		: root_open(&queue.root, drop);
}

static void close_root(void)
{
	if (queue.root.dir)
		close(queue.root.folder);
	queue.root.dir = NULL;
}

/* Lets go of all, and no descriptor may be left. */
static int leave(void **state)
{
	while (queue.count > 0)
		queue_remove(&queue, 0);
	if (queue.cursor_folder >= 0)
		close(queue.cursor_folder);
	close_root();
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

	snprintf(path, sizeof path, "%s/%s", drop, name);
	return queue_take(&queue, path);
}

static void check(const char *const *rels, size_t count)
{
	assert_int_equal(queue.count, count);
	for (size_t i = 0; i < count; i++) {
		const struct queue_clip *clip = queue_at(&queue, i);
		struct stat st;

		assert_string_equal(clip->rel, rels[i]);
		assert_int_equal(fstat(clip->fd, &st), 0);
		assert_true(path_same(path_id(&st), clip->id));
	}
}

#define CHECK(...) \
	check((const char *const[]){__VA_ARGS__}, \
		UNIT_COUNT(((const char *const[]){__VA_ARGS__})))

/* One of the future came from a wrong clock: by it nothing is past. */
UNIT_TEST(test_cursor_of_the_future)
{
	unit_put_text("cursor", "4102444800000000000\tz\t7\n");
	put("a", 5);
	put("b", 4);
	assert_int_equal(queue_open(&queue, cursor_path), EX_OK);
	assert_int_equal(take("a"), EX_OK);
	assert_int_equal(take("b"), EX_OK); /* but this, as a is in its place */
	CHECK("a");
	assert_int_equal(queue_note(&queue, 0), EX_OK);
	assert_int_equal(queue.cursor.mtime_ns, 5000000000);
}

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
	assert_int_equal(queue_take(&queue, ""), EX_NOINPUT);
	CHECK("b", "a");
	assert_int_equal(queue_at(&queue, 0)->position, 0);
	/* The file that was taken is the one that is played. */
	put("c", 6);
	assert_int_equal(take("c"), EX_OK);
	assert_int_equal(unlinkat(unit_folder, "drop/c", 0), 0);
	char text[2] = "";
	assert_int_equal(read(queue_at(&queue, 2)->fd, text, 2), 1);
	assert_string_equal(text, "c");
	assert_int_equal(queue.skipped, 0);
}

/* What the cursor names a clip. */
UNIT_TEST(test_relative)
{
	static const struct {
		const char *dir, *path, *rel; /* NULL: it is refused */
	} rows[] = {{"drop", "drop/a", "a"}, {"drop/", "drop/a", "a"},
		{"drop/sub", "drop/sub/b", "b"}, {"drop", "drop/sub/b", "sub/b"},
		{"drop", "drop2/a", NULL}, {"drop2", "drop/a", NULL},
		{NULL, "drop/a", "drop/a"}, {".", "drop/a", NULL}};
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

		close_root();
		assert_int_equal(root_open(&queue.root, rows[i].dir), EX_OK);
		assert_int_equal(queue_take(&queue, path), rel ? EX_OK : EX_NOINPUT);
		assert_int_equal(queue.count, !!rel);
		if (rel && strcmp(queue_at(&queue, 0)->rel, rel) != 0)
			fail_msg("row %zu: %s", i, queue_at(&queue, 0)->rel);
		if (rel)
			queue_remove(&queue, 0);
	}
	char whole[400];
	snprintf(whole, sizeof whole, "%s/a", drop);
	close_root();
	assert_int_equal(root_open(&queue.root, "/"), EX_OK);
	assert_int_equal(queue_take(&queue, whole), EX_OK);
	CHECK(whole + 1);
	assert_int_equal(chdir(here), 0);
}

static void open_at(const char *line, int code)
{
	unit_put_text("cursor", line);
	assert_int_equal(queue_open(&queue, cursor_path), code);
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
	assert_int_equal(queue_at(&queue, 0)->position, 1500);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		size_t before = queue.count;

		assert_int_equal(take(rows[i].name), EX_OK);
		if (queue.count != before + rows[i].taken)
			fail_msg("%s", rows[i].name);
	}
	CHECK("own", "own9", "own10", "later");
	assert_int_equal(queue_at(&queue, 1)->position, 0);
	assert_int_equal(queue.skipped, 3);
}

UNIT_TEST(test_open)
{
	static const struct {
		const char *line, *dir, *taken;
	} rows[] = {{"100000000000\town\t7\n", "drop", "own"},
		{"100000000000\town\t7\n", "drop/", "own"},
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
		close_root();
		queue = (struct queue){.count = 0};
		assert_int_equal(root_open(&queue.root, rows[i].dir), EX_OK);
		open_at(rows[i].line, EX_OK);
		if (queue.count != !!rows[i].taken)
			fail_msg("row %zu: %zu", i, queue.count);
		if (rows[i].taken) {
			CHECK(rows[i].taken);
			assert_int_equal(queue_at(&queue, 0)->position, 7);
			queue_remove(&queue, 0);
		}
		close(queue.cursor_folder);
	}
	queue.cursor_folder = -1;
	assert_int_equal(chdir(here), 0);
}

UNIT_TEST(test_no_cursor)
{
	put("a", 5);
	assert_int_equal(queue_open(&queue, cursor_path), EX_OK);
	assert_int_equal(take("a"), EX_OK);
	CHECK("a");
	close(queue.cursor_folder);
	open_at("what is no cursor\n", EX_CONFIG);
	close(queue.cursor_folder);
	snprintf(cursor_path, sizeof cursor_path, "%s/nothing/cursor", unit_path);
	assert_int_equal(queue_open(&queue, cursor_path), EX_NOINPUT);
}

UNIT_TEST(test_full)
{
	char name[16];

	/* From each place in the ring. */
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < QUEUE_MAX; i++) {
			snprintf(name, sizeof name, "%d", i);
			put(name, 1000 + i);
			assert_int_equal(take(name), EX_OK);
		}
		assert_int_equal(queue.count, QUEUE_MAX);
		assert_int_equal(queue_behind(&queue, 0), (QUEUE_MAX - 1) * 1000);
		for (int i = 0; i < QUEUE_MAX - (round == 0 ? 40 : 0); i++) {
			snprintf(name, sizeof name, "%d", i);
			assert_string_equal(queue_at(&queue, 0)->rel, name);
			queue_remove(&queue, 0);
		}
		while (queue.count > 0)
			queue_remove(&queue, queue.count - 1);
	}
}

UNIT_TEST(test_remove)
{
	static const char *const names[] = {"a", "b", "c", "d", "e"};

	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		put(names[i], 100 + (int64_t)i);
		assert_int_equal(take(names[i]), EX_OK);
	}
	queue_remove(&queue, 2);
	CHECK("a", "b", "d", "e");
	queue_remove(&queue, 3);
	CHECK("a", "b", "d");
	queue_remove(&queue, 0);
	CHECK("b", "d");
	assert_int_equal(take("c"), EX_OK);
	CHECK("b", "d", "c");
	queue_remove(&queue, 1);
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
		assert_int_equal(queue_behind(&queue, i), 0);
	}
	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		assert_int_equal(queue_behind(&queue, i), behind[i]);
	/* While another one played, or it itself, it could not. */
	queue.played += 60000;
	queue_at(&queue, 2)->position = 180000;
	queue_at(&queue, 1)->position = 500;
	static const int64_t later[] = {1000, 0, 1000, 0};
	for (size_t i = 0; i < UNIT_COUNT(later); i++)
		assert_int_equal(queue_behind(&queue, i), later[i]);
	/* It counts from when it was taken in. */
	put("newest", 1000);
	take("newest");
	queue.played += 7000;
	put("later", 1020);
	take("later");
	assert_int_equal(queue_behind(&queue, queue.count - 2), 13000);
}

UNIT_TEST(test_note)
{
	put("a", 100);
	put("b", 101);
	queue_note(&queue, 0); /* without a cursor nothing happens */
	assert_int_equal(queue_open(&queue, cursor_path), EX_OK);
	take("a");
	take("b");
	queue_at(&queue, 0)->position = 40;
	queue_note(&queue, 0);
	assert_string_equal(unit_get("cursor"), "100000000000\ta\t40\n");
	/* Not again before its time. */
	queue_at(&queue, 0)->position = 80;
	queue_note(&queue, 1000 * CLOCK_SECOND);
	assert_string_equal(unit_get("cursor"), "100000000000\ta\t40\n");
	queue.written -= 1000 * CLOCK_SECOND;
	queue_note(&queue, 1000 * CLOCK_SECOND);
	assert_string_equal(unit_get("cursor"), "100000000000\ta\t80\n");
	queue_remove(&queue, 0);
	queue_note(&queue, 0);
	assert_string_equal(unit_get("cursor"), "101000000000\tb\t0\n");
	/* What was played is past at once. */
	assert_int_equal(take("a"), EX_OK);
	CHECK("b");
	assert_int_equal(queue.skipped, 1);
}

/* One is left out from the middle; the first one is played; each once. */
UNIT_TEST(test_skip_settle)
{
	static const struct afterplay keep = {AFTERPLAY_KEEP, -1, NULL},
				      delete = {AFTERPLAY_DELETE, -1, NULL};

	put("a", 100);
	put("b", 101);
	put("c", 102);
	take("a");
	take("b");
	take("c");
	queue_skip(&queue, 1, "is odd", &delete);
	assert_int_equal(queue.skipped, 1);
	assert_false(unit_exists("drop/b"));
	CHECK("a", "c");
	assert_int_equal(queue_settle(&queue, &delete), EX_OK);
	assert_false(unit_exists("drop/a"));
	CHECK("c");
	queue_skip(&queue, 0, "is odd", &keep);
	assert_int_equal(queue.count, 0);
	assert_true(unit_exists("drop/c"));
	/* Another file by now: it stays, and that is said. */
	take("c");
	put("new", 102);
	renameat(unit_folder, "drop/new", unit_folder, "drop/c");
	assert_int_equal(queue_settle(&queue, &delete), EX_IOERR);
	assert_int_equal(queue.count, 0);
	assert_true(unit_exists("drop/c"));
	assert_int_equal(queue.skipped, 2);
}

/* A name that the cursor cannot hold is played all the same; the one before stays. */
UNIT_TEST(test_note_refused)
{
	put("a", 100);
	put("b\tc\nd", 101);
	assert_int_equal(queue_open(&queue, cursor_path), EX_OK);
	take("a");
	take("b\tc\nd");
	queue_note(&queue, 0);
	queue_remove(&queue, 0);
	queue_note(&queue, 0);
	assert_string_equal(unit_get("cursor"), "100000000000\ta\t0\n");
	CHECK("b\tc\nd");
}

#define ENTERED(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENTERED(test_take),
		ENTERED(test_cursor_of_the_future),
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

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
