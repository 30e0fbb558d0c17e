/* stations: a number for each ID, for good, and no more of them than there is room for.
 */
#include "unit.h"

#include "stations.h"

static const char *numbered(int n)
{
	static char id[16];

	snprintf(id, sizeof id, "cam%d", n);
	return id;
}

UNIT_TEST(test_slots)
{
	assert_int_equal(stations_init(), 0);
	for (int n = 0; n < STATIONS_MAX; n++)
		assert_int_equal(stations_slot(numbered(n)), n + 1);
	for (int n = 0; n < 3; n++)
		assert_int_equal(stations_slot(numbered(STATIONS_MAX + n)), 0);
	assert_int_equal(stations_slot("cam0"), 1);
	assert_int_equal(stations_slot("cam77"), 78);
	assert_string_equal(stations_id(78), "cam77");
	assert_string_equal(stations_id(STATIONS_MAX), numbered(STATIONS_MAX - 1));
	assert_null(stations_id(0));
	assert_null(stations_id(STATIONS_MAX + 1));
	assert_null(stations_look(0));
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots),
	};

	return cmocka_run_group_tests_name("stations", tests, NULL, NULL);
}
