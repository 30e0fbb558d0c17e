/* tries: counts that are kept over restarts, also when somebody else wrote the file. */
#include "unit.h"

#include "tries.h"

static struct tries tries, other;

static int64_t load_and_count(const char *path)
{
	memset(&tries, 'x', sizeof tries);
	tries_load(&tries, unit_folder);
	return tries_take(&tries, path);
}

UNIT_TEST(test_kept)
{
	static const struct {
		const char *path;
		int64_t count, kept;
	} rows[] = {
		{"a.mp4", 1, 1},
		{"d/a b.mp4", 2, 2},
		{" 7 x", 3, 3},
		{"-1", 1000, 1000},
		{"\xff\x1b[m\t", 5, 5},
		{"new\nline", 6, 0},
		{"line", 0, 0},
		{"mp4", 0, 0}, /* ends as another one */
		{"a", 0, 0}, /* starts as another one */
		{"", 0, 0},
	};

	other.len = 0;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		if (rows[i].count)
			tries_add(&other, rows[i].path, rows[i].count);
	assert_int_equal(tries_save(&other, unit_folder), 0);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		if (load_and_count(rows[i].path) != rows[i].kept)
			fail_msg("'%s'", rows[i].path);
	assert_int_equal(unit_entries(), 1);
	other.len = 0;
	assert_int_equal(tries_save(&other, unit_folder), 0);
	assert_int_equal(load_and_count("a.mp4"), 0);
}

UNIT_TEST(test_full)
{
	static char path[PATH_MAX];

	other.len = 0;
	memset(path, 'p', sizeof path - 1);
	for (int64_t i = 0; i < TRIES_LINES; i++) {
		path[0] = (char)('0' + i);
		tries_add(&other, path, 1000);
	}
	assert_true(other.len < sizeof other.text);
	size_t len = other.len;
	for (int64_t i = 0; i < TRIES_LINES; i++)
		tries_add(&other, path, 1000);
	assert_true(other.len >= len && other.len <= sizeof other.text);
	assert_int_equal(tries_save(&other, unit_folder), 0);
	assert_int_equal(load_and_count(path), 1000);
	path[0] = '0';
	assert_int_equal(tries_take(&tries, path), 1000);
	assert_int_equal(tries_take(&tries, path), 0); /* told once */
}

/* A camera may write where the quarantine lies. */
UNIT_TEST(test_hostile)
{
	static const struct {
		const char *text;
		int64_t count;
	} rows[] = {
		{"2 a.mp4\n", 2},
		{"", 0},
		{"\n\n\n", 0},
		{"2 a.mp4", 0},
		{"a.mp4\n", 0},
		{"2\n a.mp4\n", 0},
		{"-2 a.mp4\n", 0},
		{"2  a.mp4\n", 0},
		{"2 a.mp4 \n", 0},
		{"x 2 a.mp4\n2 a.mp4\n", 2},
		{"1000000 a.mp4\n", 1000000},
		{"1000001 a.mp4\n", 0},
		{"9223372036854775807 a.mp4\n", 0},
		{"99999999999999999999999 a.mp4\n", 0},
	};
	static char big[sizeof tries.text + 1];

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unit_put_text(TRIES_NAME, rows[i].text);
		if (load_and_count("a.mp4") != rows[i].count)
			fail_msg("'%s'", rows[i].text);
	}
	unit_put(TRIES_NAME, "\0\n3 a.mp4\n", 11);
	assert_int_equal(load_and_count("a.mp4"), 0);
	memset(big, '1', sizeof big);
	unit_put(TRIES_NAME, big, sizeof big);
	assert_int_equal(load_and_count("a.mp4"), 0);
	unit_put(TRIES_NAME, big, sizeof big - 2);
	assert_int_equal(load_and_count("a.mp4"), 0);
}

UNIT_TEST(test_no_file)
{
	unit_put_odd();
	assert_int_equal(load_and_count("a.mp4"), 0);
	assert_int_equal(symlinkat("file", unit_folder, TRIES_NAME), 0);
	assert_int_equal(load_and_count("a.mp4"), 0);
	other.len = 0;
	assert_true(unit_ended(tries_save(&other, unit_folder), ELOOP));
	assert_string_equal(unit_get("file"), "text");
	assert_int_equal(unlinkat(unit_folder, TRIES_NAME, 0), 0);
	assert_int_equal(mkfifoat(unit_folder, TRIES_NAME, 0644), 0);
	assert_int_equal(load_and_count("a.mp4"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_kept),
		UNIT_IN_FOLDER(test_full),
		UNIT_IN_FOLDER(test_hostile),
		UNIT_IN_FOLDER(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
