/* events: which of them are told of. */
#include "unit_station.h"

#include "events.h"

static int fd;

static bool seen(void)
{
	return events_take(fd);
}

static void move_to(const char *path)
{
	unit_put_text("new", "x");
	assert_int_equal(renameat(unit_folder, "new", unit_folder, path), 0);
}

UNIT_TEST(test_changes)
{
	fd = events_open();
	assert_true(fd >= 0);
	for (enum station_place place = 0; place < STATION_PLACES; place++) {
		close(station_make_place(place));
		events_watch(fd, place);
	}
	assert_false(seen());

	unit_put_text("etc/streamhub/stations/cam.conf", "");
	assert_true(seen());
	move_to("etc/streamhub/stations/.cam.conf.swp");
	assert_false(seen());
	unlinkat(unit_folder, "etc/streamhub/stations/cam.conf", 0);
	assert_true(seen());

	close(station_make(STATION_STATE, "cam"));
	assert_true(seen());
	close(station_make(STATION_LIVE, "cam"));
	assert_true(seen());
	events_watch_station(fd, "cam");
	close(station_make_own("cam", STATION_PLAYER));
	seen();
	move_to("var/lib/streamhub/cam/player/cursor");
	assert_false(seen());
	move_to("var/lib/streamhub/cam/desired");
	assert_true(seen());
	move_to("run/streamhub.d/cam/rtmppush");
	assert_false(seen()); /* as it does all the time */
	unlinkat(unit_folder, "run/streamhub.d/cam/rtmppush", 0);
	assert_true(seen());
	close(fd);
}

/* No descriptor: nothing is told, and nothing is broken. */
UNIT_TEST(test_never)
{
	events_watch(-1, STATION_LIVE);
	events_watch_station(-1, "cam");
	assert_false(events_take(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_never),
	};

	return cmocka_run_group_tests_name(
		"changes", tests, unit_enter_root, unit_leave_root);
}
