/* clips: how long a clip has been still, by two clocks, and whether it is of the future.
 */
#include "unit.h"

#include "clip/clips.h"

#define S INT64_C(1000) /* ticks of a second */

static struct stat stat_of(ino_t inode, off_t size, time_t mtime, time_t ctime)
{
	return (struct stat){.st_ino = inode,
		.st_size = size,
		.st_mtim = {mtime, 0},
		.st_ctim = {ctime, 0}};
}

static struct clips_clock at(int64_t tick, int64_t wall)
{
	return (struct clips_clock){tick * S, wall * INT64_C(1000000000)};
}

/* What is seen first at second 1000 since boot, when it is 5000 by the wall. */
UNIT_TEST(test_first_look)
{
	static const struct {
		time_t mtime, ctime;
		bool event;
		int64_t since, settles; /* for an age of 10 */
		bool future;
	} rows[] = {{4990, 4990, false, 990, 1000, false},
		{4990, 4990, true, 1000, 1010, false}, {0, 4999, false, 999, 1009, false},
		{4999, 0, false, 999, 1009, false}, {0, 0, false, -4000, -3990, false},
		{-500, 0, true, 1000, 1010, false},
		{5000, 5000, false, 1000, 1010, false},
		{5001, 5000, false, 1000, 1011, false},
		{5002, 5000, false, 1000, 1012, true},
		{4000, 5002, true, 1000, 1012, true},
		{9000, 5000, true, 1000, 5010, true}};
	struct clips_clock now = at(1000, 5000);

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct clip clip = {0};
		struct stat st = stat_of(7, 1, rows[i].mtime, rows[i].ctime);

		assert_int_equal(
			clips_update(&clip, &st, &now, rows[i].event), CLIPS_CHANGED);
		if (clip.since != rows[i].since * S || clip.looked != now.mono ||
			clips_settles(&clip, &now, 10 * S) != rows[i].settles * S ||
			clips_of_the_future(&clip, &now) != rows[i].future)
			fail_msg("row %zu: %lld", i, (long long)clip.since);
	}
}

/* The clip of the first row above, looked at again ten seconds later. */
UNIT_TEST(test_second_look)
{
	static const struct {
		ino_t inode;
		off_t size;
		time_t mtime, ctime;
		int64_t wall;
		enum clips_change change;
		int64_t since, settles;
		bool future;
	} rows[] = {{7, 1, 4990, 4990, 5010, CLIPS_SAME, 990, 1000, false},
		{7, 1, 4990, 5005, 5010, CLIPS_TOUCHED, 990, 1000, false},
		{7, 1, 5005, 5005, 5010, CLIPS_CHANGED, 1005, 1015, false},
		{7, 1, 100, 5005, 5010, CLIPS_CHANGED, 1005, 1015, false},
		{7, 2, 4990, 4990, 5010, CLIPS_CHANGED, 1000, 1010, false},
		{8, 1, 4990, 4990, 5010, CLIPS_CHANGED, 1000, 1010, false},
		{8, 1, 100, 200, 5010, CLIPS_CHANGED, 1000, 1010, false},
		/* The clock jumped a day ahead: before or after the change. */
		{7, 1, 4990, 4990, 91410, CLIPS_SAME, 990, 1000, false},
		{7, 1, 5005, 5005, 91410, CLIPS_CHANGED, 1000, 1010, false},
		{7, 1, 91408, 91408, 91410, CLIPS_CHANGED, 1008, 1018, false},
		/* It jumped back: */
		{7, 1, 4990, 4990, 1010, CLIPS_SAME, 990, 5000, true},
		{7, 1, 5005, 5005, 1010, CLIPS_CHANGED, 1010, 5015, true},
		{7, 1, 1008, 1008, 1010, CLIPS_CHANGED, 1008, 1018, false}};

	for (size_t i = 0; i < 2 * UNIT_COUNT(rows); i++) {
		size_t r = i / 2;
		bool event = i % 2; /* says nothing of what is known already */
		struct clips_clock now = at(1000, 5000);
		struct clip clip = {0};
		struct stat st = stat_of(7, 1, 4990, 4990);

		clips_update(&clip, &st, &now, false);
		now = at(1010, rows[r].wall);
		st = stat_of(rows[r].inode, rows[r].size, rows[r].mtime, rows[r].ctime);
		enum clips_change change = clips_update(&clip, &st, &now, event);
		if (change != rows[r].change || clip.since != rows[r].since * S ||
			clip.looked != now.mono ||
			clips_settles(&clip, &now, 10 * S) != rows[r].settles * S ||
			clips_of_the_future(&clip, &now) != rows[r].future)
			fail_msg("row %zu: %d, %lld", r, change, (long long)clip.since);
	}
}

/* A settled clip stays so, however often somebody else changes its mode or its owner. */
UNIT_TEST(test_touched)
{
	struct clip clip = {0};

	for (int64_t n = 0; n < 20; n++) {
		struct clips_clock now = at(1000 + n, 5000 + n);
		struct stat st = stat_of(7, 1, 4990, 4990 + n / 2);

		enum clips_change expected = n == 0 ? CLIPS_CHANGED
			: n % 2                     ? CLIPS_SAME
						    : CLIPS_TOUCHED;
		assert_int_equal(clips_update(&clip, &st, &now, true), expected);
		assert_int_equal(clips_settles(&clip, &now, 10 * S), 1010 * S);
	}
}

/* Times that no clock of ours will see. */
UNIT_TEST(test_far_times)
{
	static const time_t far[] = {13000000000, -13000000000, INT64_MAX, INT64_MIN};
	struct clips_clock now = at(1000, 1800000000);

	for (size_t i = 0; i < UNIT_COUNT(far); i++) {
		struct clip clip = {0};
		struct stat st = stat_of(7, 1, far[i], far[i]);

		assert_int_equal(clips_update(&clip, &st, &now, false), CLIPS_CHANGED);
		assert_true(clips_of_the_future(&clip, &now) == (far[i] > 0));
		assert_true((clips_settles(&clip, &now, 0) > now.mono) == (far[i] > 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_look),
		cmocka_unit_test(test_second_look),
		cmocka_unit_test(test_touched),
		cmocka_unit_test(test_far_times),
	};

	return cmocka_run_group_tests_name("clips_still", tests, NULL, NULL);
}
