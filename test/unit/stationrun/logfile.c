/* logfile: what is appended, when a new file is begun, and what cannot be written. */
#include "unit.h"

#include "logfile.h"

static struct logfile file;

static void put(const char *text)
{
	assert_int_equal(logfile_put(&file, text, strlen(text)), 0);
}

UNIT_TEST(test_append)
{
	assert_int_equal(logfile_open(&file, unit_folder, "log", 1000), 0);
	put("one\n");
	put("tw");
	put("o\nthree\n");
	put("");
	logfile_close(&file);
	logfile_close(&file);
	assert_string_equal(unit_get("log"), "one\ntwo\nthree\n");
	assert_int_equal(logfile_open(&file, unit_folder, "log", 1000), 0);
	put("four\n");
	logfile_close(&file);
	assert_string_equal(unit_get("log"), "one\ntwo\nthree\nfour\n");
	assert_false(unit_exists("log.1"));
}

/* Whole lines, in two files of at most so many bytes. */
UNIT_TEST(test_turn)
{
	assert_int_equal(logfile_open(&file, unit_folder, "log", 10), 0);
	put("1234\n5678\n");
	assert_false(unit_exists("log.1"));
	put("9\nabcdefg");
	assert_string_equal(unit_get("log.1"), "1234\n5678\n");
	put("hi");
	put("\n");
	assert_string_equal(unit_get("log"), "9\nabcdefghi\n");
	put("x\n");
	assert_string_equal(unit_get("log"), "x\n");
	assert_string_equal(unit_get("log.1"), "9\nabcdefghi\n");
	/* One that never ends. */
	for (int i = 0; i < 30; i++)
		put("y");
	assert_string_equal(unit_get("log.1"), "x\nyyyyyyyyyyyyyyyyyy");
	assert_string_equal(unit_get("log"), "yyyyyyyyyyyy");
	put("\n");
	/* A line that fits into none. */
	put("0123456789012345\n");
	assert_string_equal(unit_get("log.1"), "yyyyyyyyyyyy\n");
	assert_string_equal(unit_get("log"), "0123456789012345\n");
	/* There is no place for the old one: what is new is lost, what is old is not. */
	assert_int_equal(unlinkat(unit_folder, "log.1", 0), 0);
	assert_int_equal(mkdirat(unit_folder, "log.1", 0755), 0);
	assert_true(unit_ended(logfile_put(&file, "lost\n", 5), EISDIR));
	assert_string_equal(unit_get("log"), "0123456789012345\n");
	assert_int_equal(unlinkat(unit_folder, "log.1", AT_REMOVEDIR), 0);
	/* It was removed. */
	assert_int_equal(unlinkat(unit_folder, "log", 0), 0);
	put("new\n");
	assert_string_equal(unit_get("log"), "new\n");
	logfile_close(&file);
}

UNIT_TEST(test_odd)
{
	static const struct {
		const char *name;
		int error;
	} rows[] = {{"link", ELOOP}, {"dangling", ELOOP}, {"folder", EISDIR},
		{"fifo", ENXIO}, {"nowhere/log", ENOENT}};

	unit_put_odd();
	int reader = openat(unit_folder, "fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(unit_ended(logfile_open(&file, unit_folder, "fifo", 10), EINVAL));
	close(reader);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		assert_true(unit_ended(logfile_open(&file, unit_folder, rows[i].name, 10),
			rows[i].error));
}

/* A full disk: what goes is written, and when there is room again it goes on. */
UNIT_TEST(test_full)
{
	assert_int_equal(logfile_open(&file, unit_folder, "log", 1000), 0);
	unit_disk(6);
	int code = logfile_put(&file, "1234\n5678\n", 10);
	unit_disk(RLIM_INFINITY);
	assert_true(unit_ended(code, EFBIG));
	assert_string_equal(unit_get("log"), "1234\n5");
	put("\nabc\n");
	assert_string_equal(unit_get("log"), "1234\n5\nabc\n");
	logfile_close(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_append),
		UNIT_IN_FOLDER(test_turn),
		UNIT_IN_FOLDER(test_odd),
		UNIT_IN_FOLDER(test_full),
	};

	return cmocka_run_group_tests_name("logfile", tests, NULL, NULL);
}
