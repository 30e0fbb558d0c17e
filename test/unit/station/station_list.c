/* station: what is desired, traces, and the list of stations. */
#include "unit_station.h"

#include "station/station.h"

static void check_desired(
	int state, const char *id, enum station_desired expected, int error)
{
	enum station_desired desired = STATION_UP;

	int code = station_desired(state, id, &desired);
	if (!unit_ended(code, error) || desired != expected)
		fail_msg("%s: %d, errno %d, desired %u", id, code, errno, desired);
}

UNIT_TEST(test_desired)
{
	static const char *const unclear[] = {"", "\n", "UP\n", "up \n", " up\n", "u\n",
		"upp\n", "down and out\n", "down\r\n", "down\n\n", "up\nup\n",
		"downdown"};

	check_desired(-1, "cam", STATION_UNDECIDED, 0);
	check_desired(kept, "cam", STATION_UNDECIDED, 0);
	mkdirat(kept, "cam", 0755);
	check_desired(kept, "cam", STATION_UNDECIDED, 0);
	for (size_t i = 0; i < UNIT_COUNT(unclear); i++) {
		unit_put_text("state/cam/desired", unclear[i]);
		check_desired(kept, "cam", STATION_UNDECIDED, EINVAL);
	}
	unit_put("state/cam/desired", "up\0", 3);
	check_desired(kept, "cam", STATION_UNDECIDED, EINVAL);
	unit_put_text("state/cam/desired", "up\n");
	check_desired(kept, "cam", STATION_UP, 0);
	unit_put_text("state/cam/desired", "up");
	check_desired(kept, "cam", STATION_UP, 0);
	unit_put_text("state/cam/desired", "down\n");
	check_desired(kept, "cam", STATION_DOWN, 0);
	unit_put_text("state/cam/desired", "down");
	check_desired(kept, "cam", STATION_DOWN, 0);
	/* A link, a folder or a file in its way says nothing. */
	symlinkat("cam", kept, "way");
	check_desired(kept, "way", STATION_UNDECIDED, ELOOP);
	unit_put_text("state/file", "");
	check_desired(kept, "file", STATION_UNDECIDED, ENOTDIR);
	unlinkat(kept, "cam/desired", 0);
	mkdirat(kept, "cam/desired", 0755);
	check_desired(kept, "cam", STATION_UNDECIDED, EISDIR);
}

UNIT_TEST(test_known)
{
	const int places[STATION_PLACES] = {
		[STATION_SETTINGS] = unit_folder,
		[STATION_STATE] = kept,
		[STATION_LIVE] = live,
	};
	const int nowhere[STATION_PLACES] = {-1, -ENOENT, -EACCES};

	unit_put_text("conf.conf", "");
	mkdirat(kept, "kept", 0755);
	symlinkat("nothing", live, "link");
	assert_true(station_known(places, "conf"));
	assert_true(station_known(places, "kept"));
	assert_true(station_known(places, "link"));
	assert_false(station_known(places, "none"));
	assert_false(station_known(places, "conf.conf"));
	assert_false(station_known(places, ".."));
	assert_false(station_known(nowhere, "conf"));
}

static void check_list(int settings, int state, const char *expected)
{
	const int places[STATION_PLACES] = {settings, state, live};
	struct station_list list;
	char got[256] = "";

	assert_int_equal(station_list(&list, places), 0);
	for (size_t i = 0; i < list.count; i++) {
		strcat(strcat(got, list.entries[i]->d_name), " ");
	}
	assert_string_equal(got, expected);
	station_list_free(&list);
}

UNIT_TEST(test_list)
{
	static const char *const alive[] = {"cam10", "cam2", "cam1", "Z"};
	static const struct {
		const char *id, *desired;
	} all[] = {{"cam2", "up"}, {"cam9", "up"}, {"a", "up"}, {"cam1", "down"},
		{"cam3", "down"}, {"zz", "up"}, {"cam4", "down\r\n"}};
	static const char *const configured[] = {"cam11.conf", "cam1.conf", "new-1.conf",
		"new.conf.conf", ".conf", "-v.conf", "cam12.conf~", "bad name.conf",
		"README"};
	struct station_list list;
	char path[64];

	check_list(-1, -1, "");
	check_list(-1, kept, "");
	for (size_t i = 0; i < UNIT_COUNT(alive); i++)
		mkdirat(live, alive[i], 0755);
	for (size_t i = 0; i < UNIT_COUNT(all); i++) {
		mkdirat(kept, all[i].id, 0755);
		snprintf(path, sizeof path, "state/%s/desired", all[i].id);
		unit_put_text(path, all[i].desired);
	}
	mkdirat(kept, "undecided", 0755);
	unit_put_text("state/odd", "up");
	/* No stations: */
	mkdirat(live, ".hidden", 0755);
	mkdirat(live, "bad\nname", 0755);
	mkdirat(live, "-v", 0755);
	check_list(-1, -1, "Z cam1 cam2 cam10 ");
	check_list(-1, kept, "Z a cam1 cam2 cam4 cam9 cam10 zz ");
	/* What is in the place of a station's folder does not hide the station. */
	unit_put_text("live/file", "");
	symlinkat("cam1", live, "link");
	mkfifoat(live, "fifo", 0644);
	check_list(-1, -1, "Z cam1 cam2 cam10 fifo file link ");

	/* Settings, of which a person may have others beside. */
	for (size_t i = 0; i < UNIT_COUNT(configured); i++)
		unit_put_text(configured[i], "");
	check_list(unit_folder, -1,
		"Z cam1 cam2 cam10 cam11 fifo file link new-1 new.conf ");

	/* One that was stopped and whose settings were removed leaves its heartbeat. */
	mkdirat(live, "cam3", 0755);
	unit_put_text("live/cam3/heartbeat", "");
	check_list(unit_folder, kept,
		"Z a cam1 cam2 cam4 cam9 cam10 cam11 fifo file link new-1 new.conf zz ");
	unit_put_text("live/cam3/rtmppush", "");
	check_list(unit_folder, kept,
		"Z a cam1 cam2 cam3 cam4 cam9 cam10 cam11 fifo file link new-1 new.conf "
		"zz "
		"");

	const int nowhere[STATION_PLACES] = {-1, -ENOENT, -1};
	assert_int_equal(station_list(&list, nowhere), 0);
	assert_int_equal(list.count, 0);
	station_list_free(&list);
	const int no_folder[STATION_PLACES] = {-1, kept, STDIN_FILENO};
	assert_true(unit_ended(station_list(&list, no_folder), ENOTDIR));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_ROOT(test_desired),
		UNIT_IN_ROOT(test_known),
		UNIT_IN_ROOT(test_list),
	};

	return cmocka_run_group_tests_name("station_list", tests, NULL, NULL);
}
