/* drop: what is in the past, what comes next, and what is left for later. */
#include "unit_drop.h"

static void take(const char *path, time_t mtime, off_t size, bool event)
{
	static ino_t inode;
	struct stat st = {.st_mode = S_IFREG,
		.st_nlink = 1,
		.st_ino = ++inode,
		.st_size = size,
		.st_mtim.tv_sec = mtime};
	struct clip *clip = clips_find(&drop.clips, path);

	drop_take(&drop, clip ? clip : clips_add(&drop.clips, path), &st, event);
}

/* What is at the cursor's time and path belongs to who plays it. */
UNIT_TEST(test_cursor_passed_over)
{
	static const struct cursor cursor = {50 * SECOND_NS, 1234, "sub/b.mp4"};

	mkdirat(unit_folder, "sub", 0755);
	put("sub/b.mp4", 50);
	put("sub/a.mp4", 50);
	put("b.mp4", 50);
	put("sub/c.mp4", 40);
	assert_true(drop_from(&drop, &cursor));
	assert_int_equal(drop_open(&drop), 0);
	catch_up();
	check_counts(3, 0, 0, 1);
	assert_int_equal(find("sub/b.mp4")->set, CLIPS_DONE);
	assert_int_equal(drop.skipped, 0);
	assert_int_equal(drop_compare_last(&drop, find("sub/b.mp4")), 0);
	assert_true(drop_compare_last(&drop, find("sub/a.mp4")) < 0);
	assert_true(drop_compare_last(&drop, find("b.mp4")) < 0);
	assert_true(drop_compare_last(&drop, find("sub/c.mp4")) < 0);
	put("sub/b.mp4", 51); /* another clip by the same name */
	put("sub/c.mp4", 50);
	catch_up();
	check_counts(4, 0, 0, 0);
	assert_true(drop_compare_last(&drop, find("sub/b.mp4")) > 0);
	assert_true(drop_compare_last(&drop, find("sub/c.mp4")) > 0);
}

UNIT_TEST(test_cursor_in_order)
{
	static const struct {
		enum order_by order;
		const char *path;
		bool ok;
		int other; /* where 20260814150544.mp4 of second 50 stands */
	} rows[] = {{ORDER_BY_MTIME, "z.mp4", true, -1},
		{ORDER_BY_MTIME, "1.mp4", true, 1}, {ORDER_BY_NAME, "z.mp4", true, -1},
		{ORDER_BY_NAME, "20260814150545.mp4", true, -1},
		{ORDER_BY_NAME, "20260814150543.mp4", true, 1},
		{ORDER_BY_TIME, "20260814-150545.mp4", true, -1},
		{ORDER_BY_TIME, "z20260814-150543.mp4", true, 1},
		{ORDER_BY_TIME, "20260814150544.mp4", true, 0},
		{ORDER_BY_TIME, "clip.mp4", false, 0}};
	static struct cursor cursor = {.mtime_ns = 50 * SECOND_NS};

	assert_int_equal(drop_open(&drop), 0);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		strcpy(cursor.path, rows[i].path);
		drop.order = rows[i].order;
		clips_drop_below(&drop.clips, "");
		if (drop_from(&drop, &cursor) != rows[i].ok)
			fail_msg("row %zu", i);
		take("20260814150544.mp4", 50, 1, false);
		int order = drop_compare_last(&drop, find("20260814150544.mp4"));
		if (rows[i].ok && (order > 0) - (order < 0) != rows[i].other)
			fail_msg("row %zu: %d", i, order);
	}
}

/* The past only grows. */
UNIT_TEST(test_last)
{
	assert_int_equal(drop_open(&drop), 0);
	take("a.mp4", 10, 1, false);
	take("b9.mp4", 20, 1, false);
	take("b10.mp4", 20, 1, false);
	assert_true(drop_compare_last(&drop, find("a.mp4")) > 0);
	drop_set_last(&drop, find("b9.mp4"));
	assert_true(drop_compare_last(&drop, find("a.mp4")) < 0);
	assert_int_equal(drop_compare_last(&drop, find("b9.mp4")), 0);
	assert_true(drop_compare_last(&drop, find("b10.mp4")) > 0);
	drop_set_last(&drop, find("a.mp4"));
	assert_int_equal(drop_compare_last(&drop, find("b9.mp4")), 0);
	drop_set_last(&drop, find("b10.mp4"));
	assert_int_equal(drop_compare_last(&drop, find("b10.mp4")), 0);
}

/* An event brings back what is parked, a look only if it changed. */
UNIT_TEST(test_take_again)
{
	enum { SAME, TOUCHED, WRITTEN };
	static const struct {
		int change;
		bool event;
		enum clips_set before, after;
	} rows[] = {{SAME, false, CLIPS_PARKED, CLIPS_PARKED},
		{SAME, true, CLIPS_PARKED, CLIPS_QUEUE},
		{TOUCHED, false, CLIPS_PARKED, CLIPS_QUEUE},
		{WRITTEN, false, CLIPS_PARKED, CLIPS_QUEUE},
		{SAME, false, CLIPS_FUTURE, CLIPS_FUTURE},
		{SAME, true, CLIPS_FUTURE, CLIPS_QUEUE},
		{SAME, false, CLIPS_QUEUE, CLIPS_QUEUE},
		{SAME, true, CLIPS_DONE, CLIPS_DONE},
		{TOUCHED, true, CLIPS_DONE, CLIPS_DONE},
		{WRITTEN, false, CLIPS_DONE, CLIPS_QUEUE}};

	assert_int_equal(drop_open(&drop), 0);
	catch_up();
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct stat st = {.st_mode = S_IFREG, .st_nlink = 1, .st_size = 1};
		struct clip *clip = clips_add(&drop.clips, "a.mp4");

		drop_take(&drop, clip, &st, false);
		catch_up();
		clips_put(&drop.clips, clip, rows[i].before);
		st.st_size += rows[i].change == WRITTEN;
		st.st_ctim.tv_sec += rows[i].change == TOUCHED;
		drop_take(&drop, clip, &st, rows[i].event);
		catch_up();
		if (clip->set != rows[i].after)
			fail_msg("row %zu: %d", i, clip->set);
		clips_drop(&drop.clips, clip);
	}
}

UNIT_TEST(test_newest)
{
	assert_int_equal(drop_open(&drop), 0);
	catch_up();
	assert_null(drop_newest(&drop));
	take("a.mp4", wall - 20, 1, false);
	take("b.mp4", wall - 10, 1, false);
	take("f1.mp4", wall + 10, 1, false);
	take("f2.mp4", wall + HOUR, 1, false);
	check_counts(0, 0, 0, 0);
	catch_up();
	assert_ptr_equal(drop_newest(&drop), find("b.mp4"));
	check_counts(2, 0, 2, 0);
	clips_put(&drop.clips, find("b.mp4"), CLIPS_PARKED);
	assert_ptr_equal(drop_newest(&drop), find("b.mp4"));
	clips_put(&drop.clips, find("a.mp4"), CLIPS_PARKED);
	clips_put(&drop.clips, find("b.mp4"), CLIPS_QUEUE);
	assert_ptr_equal(drop_newest(&drop), find("b.mp4"));
	clips_put(&drop.clips, find("b.mp4"), CLIPS_DONE);
	assert_ptr_equal(drop_newest(&drop), find("a.mp4"));
	drop_requeue(&drop);
	check_counts(3, 0, 0, 1);
	drop.now.wall_ns += 10 * SECOND_NS; /* its time has come */
	assert_ptr_equal(drop_newest(&drop), find("f1.mp4"));
	check_counts(2, 0, 1, 1);
	drop_scan(&drop);
	check_counts(3, 0, 0, 1);
}

/* By mtime an empty file is only begun; otherwise its turn is known. */
UNIT_TEST(test_begun)
{
	assert_int_equal(drop_open(&drop), 0);
	catch_up();
	take("a.mp4", 10, 0, true);
	catch_up();
	check_counts(0, 1, 0, 0);
	take("a.mp4", 10, 1, false);
	check_counts(1, 0, 0, 0);
	drop.order = ORDER_BY_NAME;
	take("b.mp4", 10, 0, true);
	catch_up();
	check_counts(2, 0, 0, 0);
}

static void check_behind(const char *path, int seconds)
{
	int64_t behind = drop_behind(&drop, find(path));

	if (behind != seconds * 1000)
		fail_msg("'%s': %lld ms", path, (long long)behind);
}

/* Only what was there before a clip, or came with it, makes it late. */
UNIT_TEST(test_behind)
{
	assert_int_equal(drop_open(&drop), 0);
	catch_up();
	take("20.mp4", 20, 1, false);
	take("10.mp4", 10, 1, false);
	take("900.mp4", 900, 1, false);
	take("future.mp4", wall + 900, 1, false);
	take("15.mp4", 15, 1, false);
	catch_up();
	check_behind("10.mp4", 890);
	check_behind("15.mp4", 885);
	check_behind("20.mp4", 880);
	check_behind("900.mp4", 0);
	/* It came later: those before were held here. */
	take("2000.mp4", 2000, 1, true);
	catch_up();
	check_behind("900.mp4", 0);
	check_behind("15.mp4", 885);
	take("1500.mp4", 1500, 1, true);
	catch_up();
	check_behind("1500.mp4", 500);
	/* Its uploader sets its time back; it was the newest itself. */
	take("3000.mp4", 3000, 1, true);
	catch_up();
	take("3000.mp4", 2500, 1, true);
	take("4000.mp4", 4000, 1, true);
	catch_up();
	check_behind("3000.mp4", 0);
	take("1500.mp4", 1400, 1, true);
	catch_up();
	check_behind("1500.mp4", 600);
	/* Without those that were ahead it is not behind. */
	static const char *const ahead[] = {
		"900.mp4", "1500.mp4", "2000.mp4", "3000.mp4", "4000.mp4"};
	for (size_t i = 0; i < UNIT_COUNT(ahead); i++)
		clips_drop(&drop.clips, find(ahead[i]));
	check_behind("15.mp4", 5);
	/* Changed after it was dealt with, it comes a second time. */
	take("5000.mp4", 5000, 1, true);
	clips_put(&drop.clips, find("15.mp4"), CLIPS_DONE);
	take("15.mp4", 16, 1, true);
	catch_up();
	check_behind("15.mp4", 4984);
}

/* A name may be ahead by what local time can be; 26 hours. */
UNIT_TEST(test_future_name)
{
	static const struct {
		enum order_by order;
		int ahead;
		bool future;
	} rows[] = {{ORDER_BY_TIME, 0, false}, {ORDER_BY_TIME, 26 * HOUR - 1, false},
		{ORDER_BY_TIME, 26 * HOUR + 1, true}, {ORDER_BY_TIME, 9999 * HOUR, true},
		{ORDER_BY_NAME, 9999 * HOUR, false},
		{ORDER_BY_MTIME, 9999 * HOUR, false}};
	char path[64];

	assert_int_equal(drop_open(&drop), 0);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		time_t named = wall + rows[i].ahead;

		drop.order = rows[i].order;
		strftime(path, sizeof path, "%Y%m%d%H%M%S.mp4", gmtime(&named));
		take(path, 10, 1, false);
		if (drop_of_the_future(&drop, find(path)) != rows[i].future)
			fail_msg("row %zu", i);
	}
	assert_int_equal(drop.skipped, 0);
}

/* One patience for all that hold back others, not one for each. */
UNIT_TEST(test_patience)
{
	assert_int_equal(drop_open(&drop), 0);
	catch_up();
	take("a.mp4", 10, 1, true);
	catch_up();
	assert_true(drop_is_patient(&drop, 100));
	drop.now.mono += 1000; /* nothing was held back */
	assert_true(drop_is_patient(&drop, 100));
	take("b.mp4", 20, 1, true);
	take("c.mp4", 30, 1, true);
	catch_up();
	assert_true(drop_is_patient(&drop, 100));
	drop.now.mono += 99;
	assert_true(drop_is_patient(&drop, 100));
	drop.now.mono++;
	assert_false(drop_is_patient(&drop, 100));
	clips_put(&drop.clips, find("a.mp4"), CLIPS_PARKED);
	assert_false(drop_is_patient(&drop, 100));
	clips_put(&drop.clips, find("b.mp4"), CLIPS_PARKED);
	assert_false(drop_is_patient(&drop, 100));
	drop_requeue(&drop);
	assert_false(drop_is_patient(&drop, 100));
	drop_set_last(&drop, find("c.mp4"));
	clips_put(&drop.clips, find("c.mp4"), CLIPS_DONE);
	assert_true(drop_is_patient(&drop, 100));
}

/* The clock is set back: what was printed is of the future, and nothing is past by it. */
UNIT_TEST(test_clock_set_back)
{
	static const struct cursor cursor = {10 * SECOND_NS, 0, "10.mp4"};

	assert_true(drop_from(&drop, &cursor));
	assert_int_equal(drop_open(&drop), 0);
	catch_up();
	take("b.mp4", wall, 1, true);
	catch_up();
	drop_set_last(&drop, find("b.mp4"));
	drop_mind_clock(&drop);
	assert_int_equal(drop_past(&drop, find("b.mp4")), DROP_PAST);
	drop.now.wall_ns -= HOUR * SECOND_NS;
	take("c.mp4", wall - HOUR, 1, true);
	take("9.mp4", 9, 1, true);
	catch_up();
	assert_int_equal(drop_past(&drop, find("c.mp4")), DROP_PAST);
	drop_mind_clock(&drop);
	assert_int_equal(drop_past(&drop, find("c.mp4")), DROP_TO_COME);
	assert_int_equal(drop_past(&drop, find("9.mp4")), DROP_PAST); /* by the cursor */
	drop_set_last(&drop, find("c.mp4"));
	drop.now.wall_ns += HOUR * SECOND_NS;
	drop_mind_clock(&drop);
	assert_int_equal(drop_past(&drop, find("c.mp4")), DROP_PAST);
	assert_false(drop.doubted);
}

/* The cursor speaks of clips that lay there before, and not of those that come later. */
UNIT_TEST(test_cursor_of_the_future)
{
	static struct cursor cursor = {.path = "x.mp4"};

	cursor.mtime_ns = (wall + HOUR) * SECOND_NS;
	put("old.mp4", wall - 60);
	put("other.mp4", wall - 60);
	assert_true(drop_from(&drop, &cursor));
	assert_int_equal(drop_open(&drop), 0);
	drop_mind_clock(&drop);
	assert_true(drop.doubted);
	catch_up();
	put("new.mp4", wall - 90);
	put("other.mp4", wall - 30);
	catch_up();
	assert_int_equal(drop_past(&drop, find("old.mp4")), DROP_UNKNOWN);
	assert_int_equal(drop_past(&drop, find("new.mp4")), DROP_TO_COME);
	assert_int_equal(drop_past(&drop, find("other.mp4")), DROP_TO_COME);
	drop_set_last(&drop, find("new.mp4"));
	assert_int_equal(drop_past(&drop, find("new.mp4")), DROP_PAST);
	assert_int_equal(drop_past(&drop, find("old.mp4")), DROP_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DROP(test_cursor_passed_over),
		IN_DROP(test_cursor_in_order),
		IN_DROP(test_last),
		IN_DROP(test_take_again),
		IN_DROP(test_newest),
		IN_DROP(test_begun),
		IN_DROP(test_behind),
		IN_DROP(test_patience),
		IN_DROP(test_clock_set_back),
		IN_DROP(test_cursor_of_the_future),
		IN_DROP(test_future_name),
	};

	msg_show(MSG_ERROR);
	return cmocka_run_group_tests_name("drop_turn", tests, NULL, NULL);
}
