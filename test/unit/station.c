/* station: places, IDs, wishes, settings, and the list of stations. */
#include "unit.h"

#include "station.h"

static int live, kept; /* the folders */

static int enter(void **state)
{
	if (unit_enter(state) < 0)
		return -1;
	mkdirat(unit_folder, "live", 0755);
	mkdirat(unit_folder, "state", 0755);
	live = openat(unit_folder, "live", O_RDONLY | O_CLOEXEC);
	kept = openat(unit_folder, "state", O_RDONLY | O_CLOEXEC);
	return setenv("STREAMHUB_ROOT", unit_path, 1);
}

static int leave(void **state)
{
	close(live);
	close(kept);
	return unit_leave(state);
}

#define IN_ROOT(test) cmocka_unit_test_setup_teardown(test, enter, leave)

UNIT_TEST(test_places)
{
	mkdirat(unit_folder, "run", 0755);
	mkdirat(unit_folder, "run/streamhub.d", 0755);
	unit_put_text("run/streamhub.d/here", "");
	assert_string_equal(station_path(STATION_SETTINGS), "/etc/streamhub/stations");
	assert_string_equal(station_path(STATION_STATE), "/var/lib/streamhub");
	assert_string_equal(station_path(STATION_LIVE), "/run/streamhub.d");
	assert_true(unit_ended(station_open(STATION_SETTINGS), ENOENT));
	assert_true(unit_ended(station_open(STATION_STATE), ENOENT));
	int fd = station_open(STATION_LIVE);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(faccessat(fd, "here", F_OK, 0), 0);
	close(fd);
}

UNIT_TEST(test_id_ok)
{
	static const char *const good[] = {
		"a", "0", "_", "Cam-1_b.x", "a..", "a.conf", "a-"};
	static const char *const bad[] = {"", ".", "..", ".a", "-a", "-", "a b", "a/b",
		"a\n", "a\x1b", "\xc3\xa9", "a%", "a:", "a@b", "a\\b"};
	char id[66] = "";

	for (size_t i = 0; i < UNIT_COUNT(good); i++)
		if (!station_id_ok(good[i]))
			fail_msg("'%s' is refused", good[i]);
	for (size_t i = 0; i < UNIT_COUNT(bad); i++)
		if (station_id_ok(bad[i]))
			fail_msg("'%s' is not refused", bad[i]);
	memset(id, 'x', 64);
	assert_true(station_id_ok(id));
	id[64] = 'x';
	assert_false(station_id_ok(id));
}

static void check_wish(const char *text, enum station_wish wish)
{
	unit_put_text("state/cam/desired", text);
	if (station_wish(kept, "cam") != wish)
		fail_msg("'%s'", text);
}

UNIT_TEST(test_wish)
{
	static const char *const undecided[] = {
		"", "\n", "UP\n", "up \n", " up\n", "u\n", "upp\n", "down and out\n"};

	assert_int_equal(station_wish(kept, "cam"), STATION_UNDECIDED);
	mkdirat(kept, "cam", 0755);
	assert_int_equal(station_wish(kept, "cam"), STATION_UNDECIDED);
	for (size_t i = 0; i < UNIT_COUNT(undecided); i++)
		check_wish(undecided[i], STATION_UNDECIDED);
	check_wish("up\n", STATION_UP);
	check_wish("up", STATION_UP);
	check_wish("down\n", STATION_DOWN);
	check_wish("down", STATION_DOWN);
	/* A link says nothing. */
	symlinkat("cam", kept, "way");
	assert_int_equal(station_wish(kept, "way"), STATION_UNDECIDED);
}

UNIT_TEST(test_settings)
{
	static const struct {
		const char *text;
		bool active;
		int64_t stale, silent; /* seconds */
	} rows[] = {{"", true, 180, 600}, {"OTHER=1\n", true, 180, 600},
		{"ACTIVE=no\n", false, 180, 600}, {"ACTIVE=\"yes\"\n", true, 180, 600},
		{"STALE_AFTER=1\n", true, 1, 600},
		{"SILENT_AFTER='20'\nACTIVE=no", false, 180, 20},
		{"STALE_AFTER=5\nSTALE_AFTER=6\n", true, 6, 600},
		{"STALE_AFTER=31622400\n", true, 31622400, 600}};
	struct station_settings out;
	const char *key;

	assert_int_equal(station_settings(-1, "cam", &out, &key), 0);
	assert_int_equal(out.stale_after, STATION_STALE_AFTER);
	assert_int_equal(station_settings(unit_folder, "cam", &out, &key), 0);
	assert_int_equal(out.silent_after, STATION_SILENT_AFTER);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unit_put_text("cam.conf", rows[i].text);
		if (station_settings(unit_folder, "cam", &out, &key) != 0 ||
			out.active != rows[i].active ||
			out.stale_after != rows[i].stale * TICK_SECOND ||
			out.silent_after != rows[i].silent * TICK_SECOND)
			fail_msg("'%s'", rows[i].text);
	}
}

/* With one bad value none of the good ones counts. */
static void check_bad(const char *id, int error, const char *bad)
{
	struct station_settings out;
	const char *key = "";

	int code = station_settings(unit_folder, id, &out, &key);
	if (!unit_ended(code, error) || strcmp(key, bad) != 0)
		fail_msg("%s: %d, errno %d, %s", bad, code, errno, key);
	assert_true(out.active && out.stale_after == STATION_STALE_AFTER &&
		out.silent_after == STATION_SILENT_AFTER);
}

UNIT_TEST(test_bad_settings)
{
	static const struct {
		const char *text, *key;
	} rows[] = {{"ACTIVE=\n", "ACTIVE"}, {"ACTIVE=YES\n", "ACTIVE"},
		{"ACTIVE=1\n", "ACTIVE"}, {"STALE_AFTER=0\n", "STALE_AFTER"},
		{"STALE_AFTER=-5\n", "STALE_AFTER"}, {"STALE_AFTER=3m\n", "STALE_AFTER"},
		{"STALE_AFTER=1.5\n", "STALE_AFTER"}, {"STALE_AFTER=\n", "STALE_AFTER"},
		{"STALE_AFTER=31622401\n", "STALE_AFTER"},
		{"ACTIVE=no\nSTALE_AFTER=5\nSILENT_AFTER=x\n", "SILENT_AFTER"}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unit_put_text("cam.conf", rows[i].text);
		check_bad("cam", EINVAL, rows[i].key);
	}
	unit_put("nul.conf", "ACTIVE=no\n\0", 11);
	mkdirat(unit_folder, "folder.conf", 0755);
	symlinkat("nul.conf", unit_folder, "link.conf");
	check_bad("nul", EBADMSG, "the file");
	check_bad("folder", EISDIR, "the file");
	check_bad("link", ELOOP, "the file");
}

static void check_facts(int folder, const char *id, int error, enum fact_state heartbeat,
	enum fact_state camwatch)
{
	struct verdict_facts facts;

	assert_true(unit_ended(station_facts(&facts, folder, id), error));
	assert_int_equal(facts.heartbeat.state, heartbeat);
	assert_int_equal(facts.camwatch.state, camwatch);
	assert_int_equal(facts.segcheck.state, FACT_ABSENT);
	assert_int_equal(facts.rtmppush.state, camwatch);
	verdict_facts_free(&facts);
}

UNIT_TEST(test_facts)
{
	mkdirat(live, "none", 0755);
	mkdirat(live, "some", 0755);
	unit_put_text("live/some/heartbeat", "last: \n");
	unit_put_text("live/some/camwatch", "half");
	mkdirat(live, "some/rtmppush", 0755);
	unit_put_text("live/file", "");
	symlinkat("some", live, "link");
	check_facts(live, "nothing", 0, FACT_ABSENT, FACT_ABSENT);
	check_facts(live, "none", 0, FACT_ABSENT, FACT_ABSENT);
	check_facts(live, "some", 0, FACT_GOOD, FACT_CORRUPT);
	check_facts(live, "file", ENOTDIR, FACT_ERROR, FACT_ABSENT);
	check_facts(live, "link", ENOTDIR, FACT_ERROR, FACT_ABSENT);
	check_facts(-1, "some", 0, FACT_ABSENT, FACT_ABSENT);
	/* What one may not read is an error in its place, and the others are read. */
	fchmodat(live, "some/heartbeat", 0, 0);
	assert_int_equal(getuid() == 0 ? seteuid(65534) : 0, 0);
	check_facts(live, "some", EACCES, FACT_ERROR, FACT_CORRUPT);
	assert_int_equal(getuid() == 0 ? seteuid(0) : 0, 0);
}

static void check_list(int state, const char *expected)
{
	struct station_list list;
	char got[256] = "";

	assert_int_equal(station_list(&list, live, state), 0);
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
		const char *id, *wish;
	} wished[] = {{"cam2", "up"}, {"cam9", "up"}, {"a", "up"}, {"cam1", "down"},
		{"cam3", "down"}, {"zz", "up"}, {"cam4", ""}};
	struct station_list list;
	char path[64];

	check_list(-1, "");
	check_list(kept, "");
	for (size_t i = 0; i < UNIT_COUNT(alive); i++)
		mkdirat(live, alive[i], 0755);
	for (size_t i = 0; i < UNIT_COUNT(wished); i++) {
		mkdirat(kept, wished[i].id, 0755);
		snprintf(path, sizeof path, "state/%s/desired", wished[i].id);
		unit_put_text(path, wished[i].wish);
	}
	mkdirat(kept, "undecided", 0755);
	/* No stations: */
	mkdirat(live, ".hidden", 0755);
	mkdirat(live, "bad\nname", 0755);
	mkdirat(live, "-v", 0755);
	unit_put_text("live/file", "");
	symlinkat("cam1", live, "link");
	mkfifoat(live, "fifo", 0644);
	check_list(-1, "Z cam1 cam2 cam10 ");
	check_list(kept, "Z a cam1 cam2 cam9 cam10 zz ");
	assert_true(unit_ended(station_list(&list, -1, kept), EBADF));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ROOT(test_places),
		cmocka_unit_test(test_id_ok),
		IN_ROOT(test_wish),
		IN_ROOT(test_settings),
		IN_ROOT(test_bad_settings),
		IN_ROOT(test_facts),
		IN_ROOT(test_list),
	};

	return cmocka_run_group_tests_name("station", tests, NULL, NULL);
}
