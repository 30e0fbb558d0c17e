/* watch: many folders: each costs the same however many there are, and there is a limit.
 */
#include "unit_watch.h"

#include <sys/resource.h>

static long queue_size(void)
{
	long most = 0;
	FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");

	if (file) {
		assert_int_equal(fscanf(file, "%ld", &most), 1);
		fclose(file);
	}
	return most;
}

/*
 * Events keep coming while folders are read, more in one round than the queue holds: each
 * folder is still read only once.
 */
UNIT_TEST(test_storm)
{
	enum { FOLDERS = 250, READINGS_MAX = 4 * FOLDERS };
	long most = queue_size(), readings = 0;
	struct watch_item item;
	char path[64];

	if (most <= 0 || most > 100000)
		skip();
	for (int i = 0; i < FOLDERS; i++) {
		snprintf(path, sizeof path, "root/%d", i);
		make(path);
	}
	put("root/x");
	assert_int_equal(watch_open(&watch, root), 0);
	while (readings < READINGS_MAX && watch_next(&watch, &item)) {
		if (item.kind != WATCH_READ)
			continue;
		readings++;
		for (long i = 0; i < most / FOLDERS; i++) {
			move("root/x", "root/y");
			move("root/y", "root/x");
		}
	}
	assert_int_equal(readings, FOLDERS + 1);
	assert_int_equal(watch.overflows, 0);
}

/* However often the queue overflows while no events are taken, each folder has its turn.
 */
UNIT_TEST(test_overflows)
{
	enum { FOLDERS = 100, STORMS = 3 };
	long most = queue_size(), readings = 0;
	struct watch_item item;
	char path[64];

	if (most <= 0 || most > 100000)
		skip();
	for (int i = 0; i < FOLDERS; i++) {
		snprintf(path, sizeof path, "root/%d", i);
		make(path);
	}
	put("root/x");
	assert_int_equal(watch_open(&watch, root), 0);
	while (watch_next(&watch, &item))
		;
	for (int storm = 0; storm < STORMS; storm++) {
		for (long i = 0; i <= most; i += 4) {
			move("root/x", "root/y");
			move("root/y", "root/x");
		}
		/* As far as its overflow, and a few folders. */
		while (watch.overflows <= (uint64_t)storm && watch_next(&watch, &item))
			readings += item.kind == WATCH_READ;
		for (int i = 0; i < 10 && watch_next(&watch, &item); i++)
			readings += item.kind == WATCH_READ;
	}
	while (watch_next(&watch, &item))
		readings += item.kind == WATCH_READ;
	assert_int_equal(watch.overflows, STORMS);
	assert_in_range(readings, FOLDERS + 1, 2 * FOLDERS);
}

static double spent(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/*
 * A folder that goes while all below it is still to be read: forgetting a folder costs no
 * more than having found it. If each had to be searched for among the unread, it would be
 * ten times that and more.
 */
UNIT_TEST(test_gone_unread)
{
	enum { FOLDERS = 20000 };
	char memory[] = "/dev/shm/streamhub.XXXXXX", path[64];
	struct watch_item item = {0};

	/* Where making so many takes no time. */
	if (!mkdtemp(memory))
		skip();
	int at = open(memory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(at, "a", 0755), 0);
	for (int i = 0; i < FOLDERS; i++) {
		snprintf(path, sizeof path, "a/%d", i);
		assert_int_equal(mkdirat(at, path, 0755), 0);
	}
	int result = watch_open(&watch, memory);
	while (result == 0 && watch_next(&watch, &item) &&
		(item.kind != WATCH_READ || *item.path))
		;
	double start = spent();
	bool is_read = watch_next(&watch, &item) && item.kind == WATCH_READ;
	double found = spent();
	size_t known = watch.folders;
	int renamed = renameat(at, "a", at, ".a");
	double before = spent();
	bool is_gone = watch_next(&watch, &item) && item.kind == WATCH_GONE;
	double after = spent();
	size_t left = watch.folders;
	for (int i = 0; i < FOLDERS; i++) {
		snprintf(path, sizeof path, ".a/%d", i);
		unlinkat(at, path, AT_REMOVEDIR);
	}
	unlinkat(at, ".a", AT_REMOVEDIR);
	close(at);
	rmdir(memory);
	assert_true(is_read);
	assert_int_equal(known, FOLDERS + 2);
	assert_int_equal(renamed, 0);
	assert_true(is_gone);
	assert_int_equal(left, 1);
	print_message(
		"found in %.4f s, forgotten in %.4f s\n", found - start, after - before);
	assert_true(after - before < 3 * (found - start));
}

/* Folders above the limit are neither watched nor lost: they come when there is room. */
UNIT_TEST(test_limit)
{
	make("root/a");
	make("root/a/deep");
	put("root/a/deep/clip");
	make_old("root/a/deep", 3600);
	make_old("root/a", 3600);
	make_old("root", 3600);
	assert_int_equal(watch_open(&watch, root), 0);
	watch.folders_max = 2;
	check(" read: read:a ");
	assert_int_equal(watch.folders, 2);
	assert_true(watch.said_folders);
	/* One that comes is left, too; what is known goes on. */
	make("root/b");
	put("root/b/clip");
	put("root/a/new");
	check(" event:a/new ");
	make_old("root/a", 3600);
	make_old("root", 3600);
	check(" read:a file:a/new ");
	watch_tick(&watch, false);
	check(" read: ");
	assert_int_equal(watch.folders, 2);
	/* With room they come, and it is said again the next time only. */
	watch.folders_max = 4;
	watch_tick(&watch, false);
	check(" read: read:a file:a/new read:a/deep file:a/deep/clip read:b "
	      "file:b/clip ");
	assert_int_equal(watch.folders, 4);
	put("root/b/more");
	check(" event:b/more ");
	make("root/c");
	check("");
	away("root/a/deep/clip", 0);
	away("root/a/deep", AT_REMOVEDIR);
	check(" event:a/deep/clip gone:a/deep ");
	watch_tick(&watch, false);
	check(" read: read:a file:a/new read:b file:b/clip file:b/more read:c ");
	watch_tick(&watch, false);
	assert_false(watch.said_folders);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(test_storm),
		IN_TREE(test_overflows),
		IN_TREE(test_gone_unread),
		IN_TREE(test_limit),
	};

	msg_show(MSG_ERROR);
	return cmocka_run_group_tests_name("watch_many", tests, NULL, NULL);
}
