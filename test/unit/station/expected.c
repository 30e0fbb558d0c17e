/* expected: what is written is read again, whole or not at all. */
#include "unit.h"

#include "station/expected.h"

static struct expected expected;

static int leave(void **state)
{
	expected_free(&expected);
	return unit_leave(state);
}

static int place(void)
{
	mkdirat(unit_folder, EXPECTED_PLACE, 0755);
	return openat(unit_folder, EXPECTED_PLACE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void put(const char *text, size_t len)
{
	int folder = place();
	int file = openat(
		folder, EXPECTED_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_int_equal(write(file, text, len), len);
	close(file);
	close(folder);
}

UNIT_TEST(test_again)
{
	char id[16];
	int folder = place();

	assert_int_equal(expected_read(&expected, unit_folder), 0);
	assert_int_equal(expected_of(&expected, "1"), EXPECTED_NOTHING);
	assert_string_equal(expected.event, "");
	snprintf(expected.event, sizeof expected.event, "a b\n\xff\\");
	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof id, "%d", i * 7 % 1000);
		assert_int_equal(expected_set(&expected, id,
					 (enum expected_word)(1 + i * 7 % 1000 % 3)),
			0);
	}
	assert_int_equal(expected_set(&expected, "5", EXPECTED_UP), 0);
	assert_int_equal(expected.count, 1000);
	assert_int_equal(expected_write(&expected, folder), 0);
	expected_free(&expected);
	assert_int_equal(expected_read(&expected, unit_folder), 0);
	assert_int_equal(expected.count, 1000);
	assert_string_equal(expected.event, "a b\n\xff\\");
	assert_int_equal(strlen(expected.boot), 36);
	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof id, "%d", i);
		assert_int_equal(expected_of(&expected, id),
			i == 5 ? EXPECTED_UP : (enum expected_word)(1 + i % 3));
	}
	assert_int_equal(expected_of(&expected, "none"), EXPECTED_NOTHING);
	expected.whole = true;
	assert_int_equal(expected_of(&expected, "none"), EXPECTED_DOWN);
	close(folder);
}

/* A file that was cut anywhere is damaged, not a shorter list. */
UNIT_TEST(test_cut)
{
	static const char whole[] = "id: 7\ntime: 2026-01-02T03:04:05Z\n"
				    "boot: 01234567-89ab-cdef-0123-456789abcdef\n"
				    "whole: yes\nup: 1\nkeep: 2\nend\n";

	put(whole, strlen(whole));
	assert_int_equal(expected_read(&expected, unit_folder), 0);
	assert_int_equal(expected_of(&expected, "1"), EXPECTED_UP);
	assert_int_equal(expected_of(&expected, "3"), EXPECTED_DOWN);
	expected_free(&expected);
	for (size_t len = 0; len < strlen(whole); len++) {
		put(whole, len);
		assert_int_equal(expected_read(&expected, unit_folder), -1);
		assert_int_equal(errno, EBADMSG);
		assert_int_equal(expected_of(&expected, "1"), EXPECTED_NOTHING);
	}
}

UNIT_TEST(test_damaged)
{
	static const char *const bad[] = {"up: .x\nend\n", "up: a b\nend\n",
		"nonsense\nend\n", "whole: perhaps\nend\n", "up: 1\nend\nup: 2\n",
		"id: \\x00\nend\n",
		"boot: 0123456789012345678901234567890123456789\nend\n"};

	for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
		put(bad[i], strlen(bad[i]));
		assert_int_equal(expected_read(&expected, unit_folder), -1);
		assert_int_equal(errno, EBADMSG);
	}
	put("up: 1\n\0\nend\n", 12);
	assert_int_equal(expected_read(&expected, unit_folder), -1);
	unlinkat(unit_folder, EXPECTED_PLACE "/" EXPECTED_FILE, 0);
	mkdirat(unit_folder, EXPECTED_PLACE "/" EXPECTED_FILE, 0755);
	assert_int_equal(expected_read(&expected, unit_folder), -1);
	assert_int_equal(errno, EBADMSG);
	assert_int_equal(expected_read(&expected, -1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_again, unit_enter, leave),
		cmocka_unit_test_setup_teardown(test_cut, unit_enter, leave),
		cmocka_unit_test_setup_teardown(test_damaged, unit_enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
