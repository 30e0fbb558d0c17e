/* clips: what is kept in mind, and in which order. */
#include "unit.h"

#include <limits.h>

#include "clip/clips.h"

static struct clips clips;

static int begin(void **state)
{
	(void)state;
	clips_init(&clips);
	return 0;
}

static int end(void **state)
{
	(void)state;
	clips_drop_below(&clips, "");
	return clips.count != 0;
}

#define WITH_CLIPS(test) cmocka_unit_test_setup_teardown(test, begin, end)

static struct clip *add(const char *path, int64_t key, enum clips_set set)
{
	struct clip *clip = clips_add(&clips, path);

	assert_non_null(clip);
	clip->key = key;
	clips_put(&clips, clip, set);
	return clip;
}

/* These clips, by their paths and a blank behind each, are in the set, in this order. */
static void check_set(enum clips_set set, const char *expected)
{
	char got[256] = "";
	struct clip *clip, *taken[16];
	size_t n = 0;

	const struct clip *last = clips_last(&clips, set);
	while ((clip = clips_first(&clips, set))) {
		assert_int_equal(clip->set, set);
		strcat(strcat(got, clip->path), " ");
		taken[n++] = clip;
		assert_true(n < UNIT_COUNT(taken));
		clips_put(&clips, clip, CLIPS_DONE);
	}
	assert_string_equal(got, expected);
	assert_int_equal(clips.counts[set], 0);
	assert_null(clips_last(&clips, set));
	assert_ptr_equal(last, n ? taken[n - 1] : NULL);
	for (size_t i = n; i-- > 0;)
		clips_put(&clips, taken[i], set);
	assert_int_equal(clips.counts[set], n);
}

UNIT_TEST(test_sets)
{
	assert_null(clips_find(&clips, "a"));
	struct clip *fresh = clips_add(&clips, "fresh");
	assert_true(fresh->set == CLIPS_DONE && fresh->looked == 0 && fresh->key == 0);
	check_set(CLIPS_QUEUE, "");
	add("b10", 5, CLIPS_QUEUE);
	add("b9", 5, CLIPS_QUEUE);
	add("z", -3, CLIPS_QUEUE);
	add("a", INT64_MAX, CLIPS_QUEUE);
	add("b", INT64_MIN, CLIPS_QUEUE);
	add("p2", 0, CLIPS_PARKED);
	add("p1", 7, CLIPS_PARKED);
	add("f", 6, CLIPS_FUTURE);
	check_set(CLIPS_QUEUE, "b z b9 b10 a ");
	check_set(CLIPS_PARKED, "p2 p1 ");
	check_set(CLIPS_FUTURE, "f ");
	clips_put(&clips, clips_find(&clips, "a"), CLIPS_QUEUE);
	clips_put(&clips, clips_find(&clips, "z"), CLIPS_PARKED);
	check_set(CLIPS_PARKED, "z p2 p1 ");
	clips_requeue(&clips, CLIPS_FUTURE);
	check_set(CLIPS_FUTURE, "");
	check_set(CLIPS_QUEUE, "b b9 b10 f a ");
	clips_requeue(&clips, CLIPS_PARKED);
	check_set(CLIPS_QUEUE, "b z p2 b9 b10 f p1 a ");
	clips_drop(&clips, clips_find(&clips, "b9"));
	assert_null(clips_find(&clips, "b9"));
	check_set(CLIPS_QUEUE, "b z p2 b10 f p1 a ");
	assert_int_equal(clips.count, 8);
	assert_int_equal(clips.counts[CLIPS_DONE], 1);
}

UNIT_TEST(test_compare)
{
	static const struct {
		int64_t key;
		const char *path;
		int expected; /* of "a2" with key 5 */
	} rows[] = {{5, "a2", 0}, {4, "z", 1}, {6, "", -1}, {5, "a10", -1}, {5, "a1", 1},
		{5, "a02", 1}, {INT64_MIN, "a2", 1}, {INT64_MAX, "a2", -1}};
	const struct clip *clip = add("a2", 5, CLIPS_DONE);

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int order = clips_compare(clip, rows[i].key, rows[i].path);
		assert_int_equal((order > 0) - (order < 0), rows[i].expected);
	}
}

static const char *const paths[] = {"a", "a-", "a-b", "a.mp4", "a/b", "a/b-", "a/b.mp4",
	"a/b/c", "a/b/d/e", "a/b0", "a/bb/c", "a0", "aa/b", "b", "b/a/b"};

/* Of all paths only these, with blanks around them, are left. */
static void check_left(const char *expected)
{
	char word[32];
	size_t left = 0;

	for (size_t i = 0; i < UNIT_COUNT(paths); i++) {
		snprintf(word, sizeof word, " %s ", paths[i]);
		bool there = clips_find(&clips, paths[i]) != NULL;
		left += there;
		if (there != (strstr(expected, word) != NULL))
			fail_msg("'%s', left is '%s'", paths[i], expected);
	}
	assert_int_equal(clips.count, left);
	clips_drop_below(&clips, "");
	assert_int_equal(clips.count | clips.counts[CLIPS_DONE], 0);
	assert_null(clips_first(&clips, CLIPS_QUEUE));
	for (size_t i = 0; i < UNIT_COUNT(paths); i++)
		add(paths[i], (int64_t)i, i % (CLIPS_DONE + 1))->seen = 1;
}

UNIT_TEST(test_drop_below)
{
	check_left("");
	clips_drop_below(&clips, "a");
	check_left(" a a- a-b a.mp4 a0 aa/b b b/a/b ");
	clips_drop_below(&clips, "a/b");
	check_left(" a a- a-b a.mp4 a/b a/b- a/b.mp4 a/b0 a/bb/c a0 aa/b b b/a/b ");
	clips_drop_below(&clips, "b/a/b");
	clips_drop_below(&clips, "a0");
	clips_drop_below(&clips, "nothing");
	clips_drop_below(&clips, "a/b/d");
	clips_drop_below(&clips, "b");
	clips_drop_below(&clips, "aa");
	check_left(" a a- a-b a.mp4 a/b a/b- a/b.mp4 a/b/c a/b0 a/bb/c a0 b ");
}

UNIT_TEST(test_drop_unseen)
{
	static const char *const seen[] = {"a-b", "a0", "a/b", "a/b/c"};

	check_left("");
	clips_drop_unseen(&clips, "a/b", 2);
	clips_drop_unseen(&clips, "nothing", 2);
	check_left(" a a- a-b a.mp4 a/b a/b- a/b.mp4 a/b/d/e a/b0 a/bb/c a0 aa/b b "
		   "b/a/b ");
	for (size_t i = 0; i < UNIT_COUNT(seen); i++)
		clips_find(&clips, seen[i])->seen = 2;
	clips_drop_unseen(&clips, "a", 2);
	clips_drop_unseen(&clips, "a/b", 2);
	clips_drop_unseen(&clips, "", 2);
	check_left(" a-b a0 a/b a/b/c a/b/d/e a/bb/c aa/b b/a/b ");
	clips_drop_unseen(&clips, "a", 1);
	clips_drop_unseen(&clips, "", 1);
	clips_drop_below(&clips, "a/b/c/d");
	check_left(" a a- a-b a.mp4 a/b a/b- a/b.mp4 a/b/c a/b/d/e a/b0 a/bb/c a0 "
		   "aa/b b b/a/b ");
}

UNIT_TEST(test_long_paths)
{
	static char path[PATH_MAX], folder[PATH_MAX];

	memset(path, 'p', PATH_MAX - 1);
	memcpy(folder, path, PATH_MAX);
	add(path, 0, CLIPS_QUEUE);
	clips_drop_below(&clips, folder);
	clips_drop_unseen(&clips, folder, 1);
	path[PATH_MAX - 3] = folder[PATH_MAX - 3] = '/';
	folder[PATH_MAX - 3] = '\0';
	add(path, 0, CLIPS_QUEUE);
	clips_drop_unseen(&clips, "", 0);
	assert_int_equal(clips.count, 2);
	clips_drop_below(&clips, folder);
	assert_int_equal(clips.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLIPS(test_sets),
		WITH_CLIPS(test_compare),
		WITH_CLIPS(test_drop_below),
		WITH_CLIPS(test_drop_unseen),
		WITH_CLIPS(test_long_paths),
	};

	return cmocka_run_group_tests_name("clips", tests, NULL, NULL);
}
