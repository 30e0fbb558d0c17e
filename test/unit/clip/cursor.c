/* cursor: one line, and all that is none; what was written; what is past. */
#include "unit.h"

#include "clip/cursor.h"

static struct cursor cursor;
static char file[512];

static int enter(void **state)
{
	int code = unit_enter(state);

	snprintf(file, sizeof file, "%s/cursor", unit_path);
	return code;
}

static void check(int error)
{
	if (!unit_ended(cursor_read(&cursor, file), error))
		fail_msg("errno %d, not %d", errno, error);
}

UNIT_TEST(test_good)
{
	static const struct {
		const char *line;
		int64_t mtime_ns;
		const char *path;
		int64_t position;
	} rows[] = {{"1\ta\t0\n", 1, "a", 0}, {"0\ta/b c.mp4\t15\n", 0, "a/b c.mp4", 15},
		{"-5\t-\t1\n", -5, "-", 1},
		{"1755183944123456789\tx.mp4\t1\n", 1755183944123456789, "x.mp4", 1},
		{"9223372036854775807\t\xc3\xa9\t9223372036854775807\n", INT64_MAX,
			"\xc3\xa9", INT64_MAX},
		{"-9223372036854775808\t\x01\t7\n", INT64_MIN, "\x01", 7}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unit_put_text("cursor", rows[i].line);
		check(0);
		assert_true(cursor.mtime_ns == rows[i].mtime_ns);
		assert_true(cursor.position == rows[i].position);
		assert_string_equal(cursor.path, rows[i].path);
	}
}

UNIT_TEST(test_bad)
{
	static const char *const rows[] = {"", "\n", "\t", "\t\t\n", "1\n", "1\ta\n",
		"1\ta\t5", "1\ta\t\n", "1\t\t5\n", "\ta\t5\n", "1\t\ta\t5\n",
		"1\ta\t\t5\n", "\t1\ta\t5\n", "1\ta\t5\t\n", "1\ta\tb\t5\n",
		"1\ta\t5\n\n", "1\ta\t5\n2\tb\t6\n", "1\ta\t\n5\n", "\n1\ta\t5\n",
		"1 a 5\n", "1\ta\t-1\n", "1\ta\t+1\n", "1\ta\t 1\n", "1\ta\t1 \n",
		"1\ta\t1\r\n", "1\ta\t1.5\n", "1\ta\tx\n", "x\ta\t1\n", "1.5\ta\t1\n",
		"+1\ta\t1\n", "1\ta\t9223372036854775808\n",
		"9223372036854775808\ta\t1\n", "-9223372036854775809\ta\t1\n"};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unit_put_text("cursor", rows[i]);
		if (!unit_ended(cursor_read(&cursor, file), EBADMSG))
			fail_msg("'%s': errno %d", rows[i], errno);
	}
	unit_put("cursor", "1\ta\t5\n\0\n", 9);
	check(EBADMSG);
	unit_put("cursor", "1\ta\0b\t5\n", 8);
	check(EBADMSG);
	unit_put("cursor", "\0", 1);
	check(EBADMSG);
}

UNIT_TEST(test_long)
{
	static char line[2 * PATH_MAX];
	size_t most = PATH_MAX - 1;

	int head = snprintf(line, sizeof line, "%lld\t", (long long)INT64_MIN);
	for (size_t len = most; len <= most + 1; len++) {
		memset(line + head, 'p', len);
		snprintf(line + head + len, 32, "\t%lld\n", (long long)INT64_MAX);
		unit_put_text("cursor", line);
		check(len > most ? EBADMSG : 0);
	}
	assert_int_equal(strlen(cursor.path), most);
	memset(line, '1', sizeof line);
	unit_put("cursor", line, sizeof line);
	check(EBADMSG);
}

/* What is not a file in its place. */
UNIT_TEST(test_no_file)
{
	check(ENOENT);
	unit_put_odd();
	unit_put_text("file", "1\ta\t5\n");
	snprintf(file, sizeof file, "%s/file", unit_path);
	check(0);
	snprintf(file, sizeof file, "%s/link", unit_path);
	check(ELOOP);
	snprintf(file, sizeof file, "%s/dangling", unit_path);
	check(ELOOP);
	snprintf(file, sizeof file, "%s/folder", unit_path);
	check(EISDIR);
	snprintf(file, sizeof file, "%s/fifo", unit_path);
	check(EINVAL);
	snprintf(file, sizeof file, "%s/folder/cursor", unit_path);
	check(ENOENT);
	snprintf(file, sizeof file, "%s/nothing/cursor", unit_path);
	check(ENOENT);
	snprintf(file, sizeof file, "%s/file/cursor", unit_path);
	check(ENOTDIR);
	*file = '\0';
	check(ENOENT);
}

/* What is written is read again, whatever bytes the path has. */
UNIT_TEST(test_write)
{
	static const struct cursor rows[] = {
		{1, 0, "a"},
		{0, 15, "a/b c.mp4"},
		{-5, 1, "-"},
		{INT64_MAX, INT64_MAX, "\xff\xfe"},
		{INT64_MIN, 7, "\x01\r\x1b[2J"},
		{5, 7, " %s %n "},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		assert_int_equal(cursor_write(&rows[i], unit_folder, "cursor"), 0);
		check(0);
		assert_true(cursor.mtime_ns == rows[i].mtime_ns);
		assert_true(cursor.position == rows[i].position);
		assert_string_equal(cursor.path, rows[i].path);
	}
	memset(cursor.path, 'p', sizeof cursor.path - 1);
	assert_int_equal(cursor_write(&cursor, unit_folder, "cursor"), 0);
	*cursor.path = '\0';
	check(0);
	assert_int_equal(strlen(cursor.path), sizeof cursor.path - 1);
	assert_int_equal(unit_entries(), 1);
}

/* What could not be read again is not written, and the one before stays. */
UNIT_TEST(test_write_refused)
{
	static const struct cursor rows[] = {{1, 0, ""}, {1, 0, "\t"}, {1, 0, "a\tb"},
		{1, 0, "a\t"}, {1, 0, "\n"}, {1, 0, "a\nb"}, {1, 0, "a\n"}, {1, -1, "a"},
		{1, INT64_MIN, "a"}};
	static const struct cursor good = {1, 2, "good"}, longer = {3, 4, "longer"};

	assert_int_equal(cursor_write(&good, unit_folder, "cursor"), 0);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int code = cursor_write(&rows[i], unit_folder, "cursor");
		if (!unit_ended(code, EINVAL))
			fail_msg("row %zu: %d, errno %d", i, code, errno);
	}
	check(0);
	assert_string_equal(cursor.path, "good");
	unit_disk(4);
	int code = cursor_write(&longer, unit_folder, "cursor");
	unit_disk(RLIM_INFINITY);
	assert_true(unit_ended(code, EFBIG));
	check(0);
	assert_string_equal(cursor.path, "good");
	assert_int_equal(unit_entries(), 1);
	assert_int_equal(mkdirat(unit_folder, "folder", 0755), 0);
	assert_true(unit_ended(cursor_write(&good, unit_folder, "folder"), EISDIR));
	assert_true(unit_ended(cursor_write(&good, -1, "cursor"), EBADF));
}

UNIT_TEST(test_has_passed)
{
	static const struct cursor at = {100, 5, "a/clip9.mp4"};
	static const struct {
		int64_t mtime_ns;
		const char *path;
		bool passed;
	} rows[] = {{99, "a/clip9.mp4", true}, {99, "z", true}, {INT64_MIN, "z", true},
		{101, "a/clip9.mp4", false}, {101, "a", false}, {INT64_MAX, "a", false},
		{100, "a/clip9.mp4", true}, {100, "a/clip8.mp4", true},
		{100, "a/clip10.mp4", false}, {100, "a/clip09.mp4", true},
		{100, "b/clip1.mp4", false}, {100, "a", true}, {100, "b", false}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		if (cursor_has_passed(&at, ORDER_BY_MTIME, 100, rows[i].mtime_ns,
			    rows[i].path) != rows[i].passed)
			fail_msg("row %zu", i);
}

static int64_t order_of_noon(void)
{
	int64_t key;

	assert_true(order_key(ORDER_BY_TIME, "2026-01-02 12.00.00.mp4", 0, &key));
	return key;
}

/* In the other orders; where one has no time stamp, the paths tell. */
UNIT_TEST(test_has_passed_by)
{
	static const struct {
		const char *at;
		enum order_by by;
		const char *path;
		bool passed;
	} rows[] = {{"b", ORDER_BY_NAME, "a", true}, {"b", ORDER_BY_NAME, "b", true},
		{"b", ORDER_BY_NAME, "c", false},
		{"z 2026-01-02 10.00.00", ORDER_BY_TIME, "a 2026-01-02 10.00.01", false},
		{"a 2026-01-02 10.00.01", ORDER_BY_TIME, "z 2026-01-02 10.00.00", true},
		{"a 2026-01-02 10.00.01", ORDER_BY_TIME, "b 2026-01-02 10.00.01", false},
		{"b", ORDER_BY_TIME, "a 2026-01-02 10.00.00", true},
		{"a 2026-01-02 10.00.00", ORDER_BY_TIME, "b", false}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		for (int64_t mtime_ns = 99; mtime_ns <= 101; mtime_ns++) {
			struct cursor at = {.mtime_ns = 100};
			strcpy(at.path, rows[i].at);
			if (cursor_has_passed(&at, rows[i].by, INT64_MAX, mtime_ns,
				    rows[i].path) != rows[i].passed)
				fail_msg("row %zu", i);
		}
}

/* A cursor of the future came from a wrong clock: by it nothing is past. */
UNIT_TEST(test_ahead)
{
	static const int64_t second = 1000000000, day = 86400 * INT64_C(1000000000);
	const int64_t noon = order_of_noon();
	const struct {
		enum order_by by;
		int64_t mtime_ns, wall_ns, ahead;
	} rows[] = {{ORDER_BY_MTIME, 5 * second, 5 * second, 0},
		{ORDER_BY_MTIME, 5 * second, 4 * second, 0},
		{ORDER_BY_MTIME, 5 * second, 4 * second - 1, second + 1},
		{ORDER_BY_MTIME, 5 * second, 6 * second, 0},
		{ORDER_BY_MTIME, INT64_MAX, -1, INT64_MAX},
		{ORDER_BY_MTIME, INT64_MIN, 1, 0}, {ORDER_BY_NAME, INT64_MAX, 0, 0},
		{ORDER_BY_TIME, INT64_MAX, noon - day, 0},
		{ORDER_BY_TIME, 0, noon - 2 * day, 2 * day}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct cursor at = {rows[i].mtime_ns, 5, "2026-01-02 12.00.00.mp4"};
		const char *before = "2026-01-02 11.00.00.mp4";

		int64_t ahead = cursor_ahead(&at, rows[i].by, rows[i].wall_ns);
		bool passed = cursor_has_passed(
			&at, rows[i].by, rows[i].wall_ns, INT64_MIN, before);
		if (ahead != rows[i].ahead || passed != (ahead == 0))
			fail_msg("row %zu: %lld", i, (long long)ahead);
	}
	const struct cursor timeless = {INT64_MAX, 5, "clip.mp4"};
	assert_int_equal(cursor_ahead(&timeless, ORDER_BY_TIME, 0), 0);
}

#define ENTERED(test) cmocka_unit_test_setup_teardown(test, enter, unit_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENTERED(test_good),
		ENTERED(test_bad),
		ENTERED(test_long),
		ENTERED(test_no_file),
		ENTERED(test_write),
		ENTERED(test_write_refused),
		cmocka_unit_test(test_has_passed),
		cmocka_unit_test(test_has_passed_by),
		cmocka_unit_test(test_ahead),
	};

	return cmocka_run_group_tests_name("cursor", tests, NULL, NULL);
}
