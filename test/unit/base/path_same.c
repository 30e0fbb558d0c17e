/* path: whether a file is the same, and whether somebody writes it. */
#include "unit.h"

#include "base/path.h"

#define SECOND_NS INT64_C(1000000000)

UNIT_TEST(test_nanoseconds)
{
	static const struct {
		struct timespec time;
		int64_t expected;
	} rows[] = {{{0, 0}, 0}, {{0, 1}, 1}, {{1, 999999999}, 1999999999},
		{{-1, 0}, -SECOND_NS}, {{-1, 999999999}, -1},
		{{1786719944, 123456789}, 1786719944123456789},
		{{9223372035, 999999999}, 9223372035999999999},
		{{13000000000, 0}, INT64_MAX}, {{INT64_MAX, 999999999}, INT64_MAX}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		assert_true(path_nanoseconds(rows[i].time) == rows[i].expected);
	/* Before what it can hold, it still holds the order. */
	int64_t far = path_nanoseconds((struct timespec){INT64_MIN, 0});
	assert_true(far < path_nanoseconds((struct timespec){-4000000000, 0}));
	assert_true(far <= path_nanoseconds((struct timespec){-5000000000, 0}));
}

static struct path_id id_of(const char *rel)
{
	struct stat st;

	assert_int_equal(fstatat(unit_folder, rel, &st, AT_SYMLINK_NOFOLLOW), 0);
	return path_id(&st);
}

static void set_mtime(const char *rel, int64_t seconds, long nanoseconds)
{
	struct timespec times[] = {{0, UTIME_NOW}, {seconds, nanoseconds}};

	assert_int_equal(utimensat(unit_folder, rel, times, 0), 0);
}

UNIT_TEST(test_same)
{
	unit_put_text("file", "text");
	set_mtime("file", 1000, 5);
	struct path_id id = id_of("file");
	assert_true(id.size == 4 && id.mtime_ns == 1000 * SECOND_NS + 5);
	assert_true(path_same(id, id));
	/* Other modes, names and times of reading make no other file. */
	fchmodat(unit_folder, "file", 0600, 0);
	linkat(unit_folder, "file", unit_folder, "other", 0);
	set_mtime("file", 1000, 5);
	assert_true(path_same(id, id_of("file")));
	assert_true(path_same(id, id_of("other")));
	set_mtime("file", 1000, 6);
	assert_false(path_same(id, id_of("file")));
	unit_put_text("file", "longer");
	set_mtime("file", 1000, 5);
	assert_false(path_same(id, id_of("file")));
	unit_put_text("new", "text");
	set_mtime("new", 1000, 5);
	assert_false(path_same(id, id_of("new")));
}

UNIT_TEST(test_has_writer)
{
	int writer, reader;

	unit_put_text("file", "text");
	int fd = path_open_file(unit_folder, "file", NULL);
	assert_false(path_has_writer(fd));
	reader = openat(unit_folder, "file", O_RDONLY | O_CLOEXEC);
	assert_false(path_has_writer(fd));
	writer = openat(unit_folder, "file", O_WRONLY | O_CLOEXEC);
	assert_true(path_has_writer(fd));
	assert_true(path_has_writer(fd));
	close(writer);
	assert_false(path_has_writer(fd));
	/* No lease is left behind that would hold up a writer. */
	writer = openat(unit_folder, "file", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(writer >= 0);
	assert_true(path_has_writer(fd));
	close(writer);
	close(reader);
	close(fd);
	assert_false(path_has_writer(fd));
	assert_false(path_has_writer(unit_folder));
}

/* A writer in another process, until it ends. */
UNIT_TEST(test_has_other_writer)
{
	int ready[2], end[2];
	char byte = 0;

	unit_put_text("file", "text");
	int fd = path_open_file(unit_folder, "file", NULL);
	assert_int_equal(pipe2(ready, O_CLOEXEC) | pipe2(end, O_CLOEXEC), 0);
	pid_t pid = unit_fork();
	if (pid == 0) {
		close(end[1]);
		int writer = openat(unit_folder, "file", O_WRONLY | O_APPEND | O_CLOEXEC);
		bool told = write(ready[1], "x", 1) == 1;
		_exit(writer < 0 || !told || read(end[0], &byte, 1) != 0);
	}
	unit_await(ready[0]);
	assert_true(path_has_writer(fd));
	close(end[1]);
	assert_int_equal(unit_wait(pid), 0);
	assert_false(path_has_writer(fd));
	close(ready[0]);
	close(ready[1]);
	close(end[0]);
	close(fd);
}

UNIT_TEST(test_is_remote)
{
	int proc = path_open_folder("/proc");

	assert_false(path_is_remote(proc));
	close(proc);
	assert_false(path_is_remote(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nanoseconds),
		UNIT_IN_FOLDER(test_same),
		UNIT_IN_FOLDER(test_has_writer),
		UNIT_IN_FOLDER(test_has_other_writer),
		cmocka_unit_test(test_is_remote),
	};

	signal(SIGIO, SIG_IGN);
	return cmocka_run_group_tests_name("path_same", tests, NULL, NULL);
}
