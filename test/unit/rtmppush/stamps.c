/* stamps: what one player notes, and the next one finds. */
#include "unit.h"

#include "base/clock.h"
#include "stamps.h"

UNIT_TEST(test_by_now)
{
	assert_int_equal(stamps_by_now(unit_folder, "cursor"), 0);
	assert_int_equal(stamps_note(unit_folder, "cursor", 5000), 0);
	assert_in_range(stamps_by_now(unit_folder, "cursor"), 5000, 65000);
	assert_int_equal(stamps_by_now(unit_folder, "other"), 0);
	assert_int_equal(stamps_note(unit_folder, "cursor", 0), 0);
	assert_in_range(stamps_by_now(unit_folder, "cursor"), 0, 60000);
}

UNIT_TEST(test_old)
{
	struct clock_stamp now;
	char text[256];

	assert_int_equal(clock_stamp(&now), 0);
	snprintf(text, sizeof text, "boot: %s\nmono: %.3f\nstamp: 5000\n", now.boot,
		(double)now.mono / 1000 - 7);
	unit_put_text("cursor.stamps", text);
	assert_in_range(stamps_by_now(unit_folder, "cursor"), 11900, 72000);
	/* A clock that is behind it, and another boot. */
	snprintf(text, sizeof text, "boot: %s\nmono: %.3f\nstamp: 5000\n", now.boot,
		(double)now.mono / 1000 + 3600);
	unit_put_text("cursor.stamps", text);
	assert_int_equal(stamps_by_now(unit_folder, "cursor"), 5000);
	unit_put_text("cursor.stamps",
		"boot: 00000000-0000-0000-0000-000000000000\nmono: 1.000\nstamp: 5000\n");
	assert_int_equal(stamps_by_now(unit_folder, "cursor"), 0);
}

UNIT_TEST(test_bad)
{
	static const char *const bad[] = {
		"", "x", "stamp: 5000\n", "boot: x\nmono: 1\nstamp: y\n"};
	static char name[NAME_MAX];

	for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
		unit_put_text("cursor.stamps", bad[i]);
		errno = 0;
		assert_int_equal(stamps_by_now(unit_folder, "cursor"), -1);
		assert_int_equal(errno, EBADMSG);
	}
	memset(name, 'x', sizeof name - 1);
	assert_int_equal(stamps_by_now(unit_folder, name), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(stamps_note(unit_folder, name, 1), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_by_now),
		UNIT_IN_FOLDER(test_old),
		UNIT_IN_FOLDER(test_bad),
	};

	return cmocka_run_group_tests_name("stamps", tests, NULL, NULL);
}
