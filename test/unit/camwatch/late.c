/* late: what is counted, what is deleted, and what is said of which clock. */
#include "unit_drop.h"

#include "late.h"

static struct late late;

static int enter_late(void **state)
{
	late = (struct late){0};
	return enter(state);
}

/* A clip with such a time, below the wall clock, and as new as the kernel says. */
static struct clip *come(const char *path, time_t mtime)
{
	put(path, mtime);
	catch_up();
	return find(path);
}

static void check_words(const char *expected)
{
	char words[256];

	late_words(&late, &drop, words, sizeof words);
	assert_string_equal(words, expected);
}

static void begin(enum order_by order)
{
	drop.order = order;
	wall = time(NULL);
	drop.now.wall_ns = (wall + 1) * SECOND_NS;
	assert_int_equal(drop_open(&drop), 0);
}

UNIT_TEST(test_all_late)
{
	static const struct {
		enum order_by order;
		int apart;
		const char *words;
	} rows[] = {
		{ORDER_BY_MTIME, HOUR,
			"the last 3 clips were late by 7200 s, by the times that come "
			"with them: look at the camera's clock"},
		{ORDER_BY_MTIME, 0,
			"the last 3 clips were late by 3600 s, by this computer's clock: "
			"was it set?"},
		{ORDER_BY_NAME, 0, "the last 3 clips were late, by their names"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		begin(rows[i].order);
		catch_up();
		drop_set_last(&drop, come("z.mp4", wall));
		drop.last_key += HOUR * SECOND_NS;
		for (int n = 0; n < LATE_ALL; n++) {
			check_words("");
			late_pass_over(&late, &drop, come("a.mp4", wall - rows[i].apart),
				DROP_PAST);
			unlinkat(unit_folder, "a.mp4", 0);
			catch_up();
		}
		check_words(rows[i].words);
		assert_int_equal(late_mistimed(&late, &drop), LATE_ALL);
		late_none(&late, &drop);
		check_words("");
		clips_drop_below(&drop.clips, "");
		watch_close(&drop.watch);
		drop = (struct drop){.dir = unit_path, .now = {1000000, 0}};
	}
	assert_int_equal(drop_open(&drop), 0);
	assert_int_equal(late.count, LATE_ALL * UNIT_COUNT(rows));
}

/* At the start, and too far behind, late ones say nothing of a clock. */
UNIT_TEST(test_not_in_a_row)
{
	put("old.mp4", 10);
	begin(ORDER_BY_MTIME);
	catch_up();
	late_pass_over(&late, &drop, find("old.mp4"), DROP_PAST);
	late_pass_over(&late, &drop, come("far.mp4", wall - HOUR), DROP_TO_COME);
	assert_int_equal(late.count, 2);
	assert_int_equal(late_mistimed(&late, &drop), 0);
}

UNIT_TEST(test_removed)
{
	late.remove = true;
	put("unknown.mp4", 10);
	begin(ORDER_BY_MTIME);
	catch_up();
	late_pass_over(&late, &drop, find("unknown.mp4"), DROP_UNKNOWN);
	assert_int_equal(faccessat(unit_folder, "unknown.mp4", F_OK, 0), 0);
	late_pass_over(&late, &drop, come("past.mp4", wall - HOUR), DROP_PAST);
	late_pass_over(&late, &drop, come("far.mp4", wall - HOUR), DROP_TO_COME);
	assert_int_equal(unit_entries(), 1);
	check_counts(0, 0, 0, 1);
}

UNIT_TEST(test_future)
{
	begin(ORDER_BY_MTIME);
	catch_up();
	come("1.mp4", wall + HOUR + 1);
	come("2.mp4", wall + HOUR + 2);
	drop_newest(&drop);
	check_counts(0, 0, 2, 0);
	check_words("");
	come("3.mp4", wall + HOUR + 3);
	drop_newest(&drop);
	check_words("3 clips are held, as they are of the future by 3600 s, by the times "
		    "that "
		    "come with them: look at the camera's clock");
	assert_int_equal(late_mistimed(&late, &drop), 3);
	late_none(&late, &drop);
	assert_int_equal(late_mistimed(&late, &drop), 0);
	drop.now.wall_ns += (HOUR - 58) * SECOND_NS;
	check_words("");
	drop.now.wall_ns = (wall - 2 * HOUR) * SECOND_NS;
	for (int i = 1; i <= 3; i++) { /* touched with the clock that was set back */
		char path[16];

		snprintf(path, sizeof path, "%d.mp4", i);
		come(path, wall + i);
	}
	drop_newest(&drop);
	check_words("3 clips are held, as they are of the future by 7201 s, by this "
		    "computer's clock: was it set?");
}

#define IN_LATE(test) cmocka_unit_test_setup_teardown(test, enter_late, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LATE(test_all_late),
		IN_LATE(test_not_in_a_row),
		IN_LATE(test_removed),
		IN_LATE(test_future),
	};

	msg_show(MSG_ERROR);
	return cmocka_run_group_tests_name("late", tests, NULL, NULL);
}
