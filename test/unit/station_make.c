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

int main(void)
{
	const struct CMUnitTest tests[] = {UNIT_IN_ROOT(test_make)};

	return cmocka_run_group_tests_name("station_make", tests, NULL, NULL);
}
