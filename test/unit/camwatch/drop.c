/* drop: which files of a drop folder are clips, and what comes of them. */
#include "unit_drop.h"

/* Puts into the queue's order what is expected: paths with a blank behind each. */
static void check_queue(const char *expected)
{
	char got[256] = "";
	struct clip *clip;

	while ((clip = clips_first(&drop.clips, CLIPS_QUEUE))) {
		strcat(strcat(got, clip->path), " ");
		clips_put(&drop.clips, clip, CLIPS_DONE);
	}
	assert_string_equal(got, expected);
}

static void put_some(void)
{
	mkdirat(unit_folder, "sub", 0755);
	mkdirat(unit_folder, "folder.mp4", 0755);
	put("20260814150544.mp4", 30);
	put("20260814150543.mp4", 50);
	put("sub/20260814-150543-b.mkv", 40);
	put("folder.mp4/a10 20260814150542.mp4", 20);
	put("folder.mp4/a9 20260814150542.mp4", 20);
	put("20260814150543.txt", 1);
	put(".20260814150543.mp4", 1);
	put("20260814150543.mp4.part", 1);
}

UNIT_TEST(test_orders)
{
	static const struct {
		enum order_by order;
		const char *expected;
	} rows[] = {{ORDER_BY_MTIME,
			    "folder.mp4/a9 20260814150542.mp4 folder.mp4/a10 "
			    "20260814150542.mp4 20260814150544.mp4 "
			    "sub/20260814-150543-b.mkv 20260814150543.mp4 "},
		{ORDER_BY_NAME,
			"20260814150543.mp4 20260814150544.mp4 folder.mp4/a9 "
			"20260814150542.mp4 folder.mp4/a10 20260814150542.mp4 "
			"sub/20260814-150543-b.mkv "},
		{ORDER_BY_TIME,
			"folder.mp4/a9 20260814150542.mp4 folder.mp4/a10 "
			"20260814150542.mp4 20260814150543.mp4 "
			"sub/20260814-150543-b.mkv 20260814150544.mp4 "}};

	put_some();
	assert_int_equal(drop_open(&drop), 0);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		drop.order = rows[i].order;
		clips_drop_below(&drop.clips, "");
		watch_tick(&drop.watch, true);
		catch_up();
		check_queue(rows[i].expected);
	}
	assert_int_equal(drop.skipped, 0);
	/* Dealt with, and not changed: it stays so. */
	watch_tick(&drop.watch, true);
	catch_up();
	check_counts(0, 0, 0, 5);
	drop.glob = "*.txt";
	clips_drop_below(&drop.clips, "");
	watch_tick(&drop.watch, true);
	catch_up();
	check_queue("20260814150543.txt ");
}

UNIT_TEST(test_come_and_go)
{
	assert_int_equal(drop_open(&drop), 0);
	catch_up();
	assert_int_equal(drop.arrival, 0);
	put_some();
	catch_up();
	check_counts(5, 0, 0, 0);
	assert_true(drop.arrival > 0 && drop.arrival <= drop.now.mono);
	unlinkat(unit_folder, "20260814150544.mp4", 0);
	catch_up();
	check_counts(4, 0, 0, 0);
	renameat(unit_folder, "20260814150543.mp4", unit_folder, "b.mp4");
	renameat(unit_folder, "folder.mp4", unit_folder, "c");
	catch_up();
	check_queue("c/a9 20260814150542.mp4 c/a10 20260814150542.mp4 "
		    "sub/20260814-150543-b.mkv b.mp4 ");
	/* Changed after it was dealt with, it is new; only touched, it is not. */
	put("b.mp4", 60);
	fchmodat(unit_folder, "sub/20260814-150543-b.mkv", 0600, 0);
	catch_up();
	check_queue("b.mp4 ");
	/* Gone without an event. */
	char events[4096];
	unlinkat(unit_folder, "b.mp4", 0);
	assert_true(read(drop.watch.inotify, events, sizeof events) > 0);
	catch_up();
	find("b.mp4");
	drop_scan(&drop);
	catch_up();
	assert_null(clips_find(&drop.clips, "b.mp4"));
	check_counts(0, 0, 0, 3);
}

/* Told once and counted, by their names clips all the same. */
UNIT_TEST(test_oddities)
{
	size_t odd = 6;

	unit_put_odd();
	symlinkat("file", unit_folder, "link.mp4");
	symlinkat("nothing", unit_folder, "dangling.mp4");
	mkfifoat(unit_folder, "fifo.mp4", 0644);
	put("a\x1b.mp4", 1);
	put("a\x7f.mp4", 1);
	mkdirat(unit_folder, "a\nb", 0755);
	put("a\nb/c.mp4", 1);
	put("good \xc3\xa9\xff.mp4", 1);
	put("hard.mp4", 1);
	put("theirs", 1);
	if (getuid() == 0 && fchownat(unit_folder, "theirs", 65534, 65534, 0) == 0)
		odd += linkat(unit_folder, "theirs", unit_folder, "their.mp4", 0) == 0;
	linkat(unit_folder, "hard.mp4", unit_folder, "hard", 0);
	assert_int_equal(drop_open(&drop), 0);
	for (int round = 0; round < 2; round++) {
		catch_up();
		assert_int_equal(drop.skipped, odd);
		check_counts(2, 0, 0, odd);
		assert_int_equal(find("hard.mp4")->set, CLIPS_QUEUE);
		watch_tick(&drop.watch, true);
	}
	/* In its place, another one: told again, or a clip now. */
	unlinkat(unit_folder, "link.mp4", 0);
	unlinkat(unit_folder, "fifo.mp4", 0);
	symlinkat("nothing", unit_folder, "link.mp4");
	put("fifo.mp4", 1);
	catch_up();
	assert_int_equal(drop.skipped, odd + 1);
	check_counts(3, 0, 0, odd - 1);
}

UNIT_TEST(test_no_time_stamp)
{
	drop.order = ORDER_BY_TIME;
	put("clip.mp4", 1);
	put("20261314150543.mp4", 1);
	put("20260814150543.mp4", 1);
	assert_int_equal(drop_open(&drop), 0);
	catch_up();
	assert_int_equal(drop.skipped, 2);
	check_queue("20260814150543.mp4 ");
}

/* More than it holds: the others wait for room, and come when there is some. */
UNIT_TEST(test_full)
{
	assert_int_equal(drop_open(&drop), 0);
	drop.clips.count += DROP_CLIPS_MAX - 1;
	put("1.mp4", 1);
	watch_tick(&drop.watch, true);
	catch_up();
	assert_false(drop.full);
	put("2.mp4", 2);
	put("3.mp4", 3);
	catch_up();
	assert_true(drop.full);
	check_queue("1.mp4 ");
	set_mtime(".", 1000);
	for (int i = 0; i < 2; i++) { /* until nothing else makes it read the folder */
		watch_tick(&drop.watch, false);
		catch_up();
	}
	drop.clips.count -= DROP_CLIPS_MAX - 1;
	drop_scan(&drop);
	catch_up();
	check_queue("2.mp4 3.mp4 ");
	assert_false(drop.full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DROP(test_full),
		IN_DROP(test_orders),
		IN_DROP(test_come_and_go),
		IN_DROP(test_oddities),
		IN_DROP(test_no_time_stamp),
	};

	msg_show(MSG_ERROR);
	return cmocka_run_group_tests_name("drop", tests, NULL, NULL);
}
