/* memory: what is remembered of a file, until it changes. */
#include "unit.h"

#include "memory.h"

static struct memory memory;
static const struct stat file = {
	.st_dev = 1, .st_ino = 2, .st_size = 3, .st_mtim = {4, 5}, .st_ctim = {6, 7}};

UNIT_TEST(test_known)
{
	assert_null(memory_find(&memory, &file));
	memory_note(&memory, &file, REPORT_TRUNCATED, "cut short", 8);
	const struct memory_row *row = memory_find(&memory, &file);
	assert_non_null(row);
	assert_true(row->code == REPORT_TRUNCATED && row->refused == 8);
	assert_string_equal(row->why, "cut short");
	memory_note(&memory, &file, REPORT_GOOD, "", 9);
	row = memory_find(&memory, &file);
	assert_true(row && row->code == REPORT_GOOD && !row->why);
}

UNIT_TEST(test_changed)
{
	struct stat others[] = {file, file, file, file, file};

	memory_note(&memory, &file, REPORT_GOOD, "", 0);
	others[0].st_dev++;
	others[1].st_ino++;
	others[2].st_size++;
	others[3].st_mtim.tv_nsec++;
	others[4].st_ctim.tv_nsec++;
	for (size_t i = 0; i < UNIT_COUNT(others); i++)
		assert_null(memory_find(&memory, &others[i]));
}

UNIT_TEST(test_many)
{
	struct stat other = file;
	int known = 0;

	for (int i = 0; i < 100000; i++) {
		other.st_ino = (ino_t)i;
		memory_note(&memory, &other, REPORT_EMPTY, "empty", 0);
		assert_non_null(memory_find(&memory, &other));
	}
	for (int i = 0; i < 100000; i++) {
		other.st_ino = (ino_t)i;
		known += memory_find(&memory, &other) != NULL;
	}
	assert_in_range(known, 8000, 16384);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
