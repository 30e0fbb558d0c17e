/* watch: what is found without an event, and folders that cannot be read. */
#include "unit_watch.h"

#include <sys/prctl.h>
#include <sys/resource.h>

/* A tree that does not change: nothing is read again, or with all everything. */
UNIT_TEST(test_all)
{
	make("root/sub");
	put("root/a");
	put("root/sub/b");
	make_old("root/sub", 3600);
	make_old("root", 3600);
	begin(" read: read:sub file:a file:sub/b ");
	for (int i = 0; i < 2; i++) {
		watch_tick(&watch, false);
		check("");
		watch_tick(&watch, true);
		check(" read: read:sub file:a file:sub/b ");
		watch.scanning = true; /* where watches are not to be relied on */
		watch_tick(&watch, false);
		check(" read: read:sub file:a file:sub/b ");
		watch.scanning = false;
	}
	assert_int_equal(watch.watches, 2);
}

UNIT_TEST(test_missed)
{
	make("root/sub");
	make("root/other");
	make("root/other/deep");
	make("root/gone");
	make_old("root/gone", 3600);
	make_old("root/sub", 3600);
	make_old("root/other/deep", 3600);
	make_old("root/other", 3600);
	make_old("root", 3600);
	begin(" read: read:sub read:other read:other/deep read:gone ");
	put("root/sub/a");
	lose_events();
	check("");
	watch_tick(&watch, false);
	check(" read:sub file:sub/a ");
	make_old("root/sub", 3600);
	check(" read:sub file:sub/a ");
	watch_tick(&watch, false);
	check("");
	/* Folders that are gone, moved and new. */
	move("root/other/deep", "root/sub/deep");
	put("root/sub/deep/b");
	away("root/gone", AT_REMOVEDIR);
	away("root/sub/a", 0);
	make("root/new");
	put("root/new/c");
	lose_events();
	watch_tick(&watch, false);
	check(" read: read:sub read:other gone:other/deep gone:gone read:sub/deep "
	      "file:sub/deep/b "
	      "read:new file:new/c ");
	put("root/sub/deep/d");
	put("root/new/e");
	check(" event:sub/deep/d event:new/e ");
	assert_int_equal(watch.watches, 5);
}

/* A folder that changed is read again, but not those below it that did not. */
UNIT_TEST(test_one_folder)
{
	make("root/sub");
	put("root/sub/a");
	make_old("root/sub", 3600);
	make_old("root", 3600);
	begin(" read: read:sub file:sub/a ");
	put("root/b");
	lose_events();
	watch_tick(&watch, false);
	check(" read: file:b ");
}

/* An empty folder that is not today's needs no watch, and gets one when it changes. */
UNIT_TEST(test_old_folder)
{
	make("root/empty");
	make("root/full");
	make("root/young");
	put("root/full/a");
	make_old("root/empty", 90000);
	make_old("root/full", 90000);
	make_old("root/young", 80000);
	make_old("root", 90000);
	begin(" read: read:empty read:full read:young file:full/a ");
	assert_int_equal(watch.watches, 4);
	watch_tick(&watch, false);
	check("");
	assert_int_equal(watch.watches, 3);
	put("root/empty/b");
	check("");
	watch_tick(&watch, false);
	check(" read:empty file:empty/b ");
	assert_int_equal(watch.watches, 4);
	put("root/empty/c");
	check(" event:empty/c ");
}

/* More events than the kernel keeps: all is read again. */
UNIT_TEST(test_overflow)
{
	long most = 0;

	FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
	if (file) {
		assert_int_equal(fscanf(file, "%ld", &most), 1);
		fclose(file);
	}
	if (most <= 0 || most > 100000)
		skip();
	make("root/sub");
	make("root/gone");
	put("root/sub/a");
	put("out/x");
	begin(" read: read:sub read:gone file:sub/a ");
	for (long i = 0; i <= most; i += 2) {
		move("out/x", "root/x");
		move("root/x", "out/x");
	}
	make("root/new");
	put("root/new/b");
	put("root/sub/c");
	away("root/gone", AT_REMOVEDIR);
	assert_int_equal(watch.overflows, 0);
	check(" event:x gone:gone read: read:sub read:new file:new/b file:sub/a "
	      "file:sub/c ");
	assert_int_equal(watch.overflows, 1);
	put("root/new/d");
	check(" event:new/d ");
}

/* Reads the files of this process as before, although it was another's once. */
static void become(uid_t uid)
{
	assert_int_equal(getuid() == 0 ? seteuid(uid) : 0, 0);
	assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
}

UNIT_TEST(test_unreadable)
{
	make("root/shut");
	make("root/open");
	put("root/shut/a");
	put("root/open/b");
	make_old("root/open", 3600);
	make_old("root", 3600);
	assert_int_equal(fchmodat(unit_folder, "root/shut", 0, 0), 0);
	assert_int_equal(watch_open(&watch, root), 0);
	become(65534);
	if (faccessat(AT_FDCWD, root, R_OK, AT_EACCESS) < 0) {
		become(0);
		skip(); /* it lies in a folder that others may not enter */
	}
	check(" read: read:open file:open/b ");
	watch_tick(&watch, false);
	check("");
	assert_false(watch.scanning);
	become(0);
	assert_int_equal(fchmodat(unit_folder, "root/shut", 0755, 0), 0);
	become(65534);
	check(" read:shut file:shut/a ");
	become(0);
	put("root/shut/c");
	check(" event:shut/c ");
}

/* Without descriptors nothing is taken for gone; the next tick tries again. */
UNIT_TEST(test_no_descriptors)
{
	struct rlimit before, none;

	make("root/sub");
	put("root/sub/a");
	begin(" read: read:sub file:sub/a ");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	int lowest = dup(watch.inotify);
	close(lowest);
	none.rlim_cur = (rlim_t)lowest;
	watch_tick(&watch, true);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	struct watch_item item;
	bool told = watch_next(&watch, &item);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_false(told);
	watch_tick(&watch, false);
	check(" read: read:sub file:sub/a ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(test_all),
		IN_TREE(test_missed),
		IN_TREE(test_one_folder),
		IN_TREE(test_old_folder),
		IN_TREE(test_overflow),
		IN_TREE(test_unreadable),
		IN_TREE(test_no_descriptors),
	};

	msg_show(MSG_ERROR);
	return cmocka_run_group_tests_name("watch_tick", tests, NULL, NULL);
}
