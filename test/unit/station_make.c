/* station_make: by itself, as the places are looked up once. */
#include "unit_station.h"

#include "station.h"

/* Folders are made as far as they are missing, and never by way of a link. */
UNIT_TEST(test_make)
{
	for (int i = 0; i < 2; i++) {
		int fd = station_make(STATION_STATE, "cam");

		assert_true(fd >= 0 && unit_exists("var/lib/streamhub/cam"));
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
	}
	symlinkat("cam", unit_folder, "var/lib/streamhub/link");
	assert_true(unit_ended(station_make(STATION_STATE, "link"), ENOTDIR));
	unit_put_text("var/lib/streamhub/file", "");
	assert_true(unit_ended(station_make(STATION_STATE, "file"), ENOTDIR));
	unit_put_text("run", "");
	assert_true(unit_ended(station_make(STATION_LIVE, "cam"), ENOTDIR));
}

UNIT_TEST(test_wish)
{
	static const enum station_wish wishes[] = {
		STATION_UP, STATION_DOWN, STATION_DOWN, STATION_UP};
	enum station_wish wish;

	for (size_t i = 0; i < UNIT_COUNT(wishes); i++) {
		assert_int_equal(station_wish_set("cam", wishes[i]), 0);
		int place = station_open(STATION_STATE);
		assert_int_equal(station_wish(place, "cam", &wish), 0);
		assert_int_equal(wish, wishes[i]);
		close(place);
	}
	unit_disk(0);
	int code = station_wish_set("cam", STATION_DOWN);
	unit_disk(RLIM_INFINITY);
	assert_true(unit_ended(code, EFBIG));
	assert_string_equal(unit_get("var/lib/streamhub/cam/desired"), "up\n");
	assert_false(unit_exists("var/lib/streamhub/cam/.desired.tmp"));
	unlinkat(unit_folder, "var/lib/streamhub/cam/desired", 0);
	symlinkat("elsewhere", unit_folder, "var/lib/streamhub/cam/desired");
	assert_true(unit_ended(station_wish_set("cam", STATION_UP), ELOOP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_wish),
	};

	return cmocka_run_group_tests_name(
		"station_make", tests, unit_enter_root, unit_leave_root);
}
