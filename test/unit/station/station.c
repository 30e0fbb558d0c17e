/* station: places, IDs, settings and facts. */
#include "unit_station.h"

#include "station/station.h"

UNIT_TEST(test_places)
{
	mkdirat(unit_folder, "run", 0755);
	mkdirat(unit_folder, "run/streamhub.d", 0755);
	unit_put_text("run/streamhub.d/here", "");
	static const char *const ends[] = {"/etc/streamhub/stations",
		"/var/lib/streamhub", "/run/streamhub.d", "/run/streamhub"};
	for (size_t i = 0; i < UNIT_COUNT(ends); i++) {
		char path[300];

		snprintf(path, sizeof path, "%s%s", unit_path, ends[i]);
		assert_string_equal(station_path(i), path);
	}
	assert_true(unit_ended(station_open(STATION_SETTINGS), ENOENT));
	assert_true(unit_ended(station_open(STATION_STATE), ENOENT));
	int fd = station_open(STATION_LIVE);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(faccessat(fd, "here", F_OK, 0), 0);
	close(fd);
	mkdirat(unit_folder, "etc", 0755);
	unit_put_text("etc/streamhub", "");
	int all[STATION_PLACES];
	station_open_all(all);
	assert_int_equal(all[STATION_SETTINGS], -ENOTDIR);
	assert_true(station_hidden(all[STATION_SETTINGS]));
	assert_int_equal(all[STATION_STATE], -ENOENT);
	assert_false(station_hidden(all[STATION_STATE]));
	assert_true(all[STATION_LIVE] >= 0);
	assert_false(station_hidden(all[STATION_LIVE]));
	close(all[STATION_LIVE]);
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
	assert_int_equal(out.stale_after, 180 * CLOCK_SECOND);
	assert_int_equal(station_settings(unit_folder, "cam", &out, &key), 0);
	assert_int_equal(out.silent_after, 600 * CLOCK_SECOND);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unit_put_text("cam.conf", rows[i].text);
		if (station_settings(unit_folder, "cam", &out, &key) != 0 ||
			out.active != rows[i].active ||
			out.stale_after != rows[i].stale * CLOCK_SECOND ||
			out.silent_after != rows[i].silent * CLOCK_SECOND)
			fail_msg("'%s'", rows[i].text);
	}
}

static void check_bad(const char *id, int error, const char *bad, bool active,
	int64_t stale, int64_t silent)
{
	struct station_settings out;
	const char *key = "";

	int code = station_settings(unit_folder, id, &out, &key);
	if (!unit_ended(code, error) || strcmp(key, bad) != 0)
		fail_msg("%s: %d, errno %d, %s", bad, code, errno, key);
	if (out.active != active || out.stale_after != stale * CLOCK_SECOND ||
		out.silent_after != silent * CLOCK_SECOND)
		fail_msg("%s: the good ones do not count", bad);
}

/* The good ones count, the first bad one is named. */
UNIT_TEST(test_bad_settings)
{
	static const struct {
		const char *text, *key;
		bool active;
		int64_t stale, silent;
	} rows[] = {
		{"ACTIVE=\n", "ACTIVE", true, 180, 600},
		{"ACTIVE=YES\n", "ACTIVE", true, 180, 600},
		{"ACTIVE=1\nSTALE_AFTER=5\nSILENT_AFTER=6\n", "ACTIVE", true, 5, 6},
		{"STALE_AFTER=0\nACTIVE=no\n", "STALE_AFTER", false, 180, 600},
		{"STALE_AFTER=-5\nSILENT_AFTER=6\n", "STALE_AFTER", true, 180, 6},
		{"STALE_AFTER=3m\n", "STALE_AFTER", true, 180, 600},
		{"STALE_AFTER=1.5\n", "STALE_AFTER", true, 180, 600},
		{"STALE_AFTER=\n", "STALE_AFTER", true, 180, 600},
		{"STALE_AFTER=31622401\n", "STALE_AFTER", true, 180, 600},
		{"SILENT_AFTER=x\nSTALE_AFTER=x\n", "STALE_AFTER", true, 180, 600},
		{"ACTIVE=no\nSTALE_AFTER=5\nSILENT_AFTER=x\n", "SILENT_AFTER", false, 5,
			600},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unit_put_text("cam.conf", rows[i].text);
		check_bad("cam", EINVAL, rows[i].key, rows[i].active, rows[i].stale,
			rows[i].silent);
	}
	unit_put("nul.conf", "ACTIVE=no\n\0", 11);
	mkdirat(unit_folder, "folder.conf", 0755);
	symlinkat("nul.conf", unit_folder, "link.conf");
	check_bad("nul", EBADMSG, "the file", true, 180, 600);
	check_bad("folder", EISDIR, "the file", true, 180, 600);
	check_bad("link", ELOOP, "the file", true, 180, 600);
}

static void check_facts(int folder, const char *id, int error, enum fact_state heartbeat,
	enum fact_state camwatch)
{
	struct stage_facts facts;

	assert_true(unit_ended(station_facts(&facts, folder, id), error));
	assert_int_equal(facts.of[STAGE_HBWRITE].state, heartbeat);
	assert_int_equal(facts.of[STAGE_CAMWATCH].state, camwatch);
	assert_int_equal(facts.of[STAGE_SEGCHECK].state, FACT_ABSENT);
	assert_int_equal(facts.of[STAGE_RTMPPUSH].state, camwatch);
	stage_facts_free(&facts);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_ROOT(test_places),
		cmocka_unit_test(test_id_ok),
		UNIT_IN_ROOT(test_settings),
		UNIT_IN_ROOT(test_bad_settings),
		UNIT_IN_ROOT(test_facts),
	};

	return cmocka_run_group_tests_name("station", tests, NULL, NULL);
}
