/* station_make: by itself, as the places are looked up once. */
#include "unit_station.h"

#include "station/station.h"

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

UNIT_TEST(test_desired)
{
	static const enum station_desired words[] = {
		STATION_UP, STATION_DOWN, STATION_DOWN, STATION_UP};
	enum station_desired desired;

	for (size_t i = 0; i < UNIT_COUNT(words); i++) {
		assert_int_equal(station_desire("cam", words[i]), 0);
		int place = station_open(STATION_STATE);
		assert_int_equal(station_desired(place, "cam", &desired), 0);
		assert_int_equal(desired, words[i]);
		close(place);
	}
	unit_disk(0);
	int code = station_desire("cam", STATION_DOWN);
	unit_disk(RLIM_INFINITY);
	assert_true(unit_ended(code, EFBIG));
	assert_string_equal(unit_get("var/lib/streamhub/cam/desired"), "up\n");
	assert_false(unit_exists("var/lib/streamhub/cam/.desired.tmp"));
	unlinkat(unit_folder, "var/lib/streamhub/cam/desired", 0);
	symlinkat("elsewhere", unit_folder, "var/lib/streamhub/cam/desired");
	assert_true(unit_ended(station_desire("cam", STATION_UP), ELOOP));
}

/* A server's word, and a person's, which counts more when it is to stop. */
UNIT_TEST(test_by)
{
	static const struct {
		int by; /* 0: a person, 1: a server, 2: a server that counts more */
		enum station_desired desired;
		int code;
		const char *text, *who;
	} rows[] = {
		{1, STATION_UP, 0, "up\n", "server\n"},
		{1, STATION_DOWN, 0, "down\n", "server\n"},
		{1, STATION_UP, 0, "up\n", "server\n"},
		{0, STATION_UP, 0, "up\n", "person\n"},
		{1, STATION_DOWN, 0, "down\n", "server\n"},
		{0, STATION_DOWN, 0, "down\n", "person\n"},
		{1, STATION_UP, 1, "down\n", "person\n"},
		{1, STATION_DOWN, 1, "down\n", "person\n"},
		{2, STATION_UP, 0, "up\n", "server\n"},
	};
	int place = station_make_place(STATION_STATE);

	assert_int_equal(station_desired_by(place, "by"), STATION_BY_PERSON);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int code = rows[i].by == 0 ? station_desire("by", rows[i].desired)
					   : station_desire_for_server("by",
						     rows[i].desired, rows[i].by == 2);
		assert_int_equal(code, rows[i].code);
		assert_string_equal(
			unit_get("var/lib/streamhub/by/desired"), rows[i].text);
		assert_string_equal(
			unit_get("var/lib/streamhub/by/desired.by"), rows[i].who);
		assert_int_equal(station_desired_by(place, "by"),
			rows[i].who[0] == 's' ? STATION_BY_SERVER : STATION_BY_PERSON);
	}
	unit_put_text("var/lib/streamhub/by/desired", "neither\n");
	assert_true(
		unit_ended(station_desire_for_server("by", STATION_UP, true), EINVAL));
	close(place);
}

/* A cursor that lies where it used to; what is no such file leads nowhere. */
UNIT_TEST(test_settle)
{
	assert_int_equal(station_settle("none"), 0);
	assert_false(unit_exists("var/lib/streamhub/none"));
	close(station_make(STATION_STATE, "old"));
	assert_int_equal(station_settle("old"), 0);
	assert_false(unit_exists("var/lib/streamhub/old/player"));
	unit_put_text("var/lib/streamhub/old/cursor", "old");
	assert_int_equal(station_settle("old"), 0);
	assert_false(unit_exists("var/lib/streamhub/old/cursor"));
	assert_string_equal(unit_get("var/lib/streamhub/old/player/cursor"), "old");
	/* One that is in its place already is the newer one. */
	unit_put_text("var/lib/streamhub/old/cursor", "older");
	assert_int_equal(station_settle("old"), 0);
	assert_string_equal(unit_get("var/lib/streamhub/old/player/cursor"), "old");
	close(station_make(STATION_STATE, "odd"));
	unit_put_text("var/lib/streamhub/odd/cursor", "odd");
	mkdirat(unit_folder, "elsewhere", 0755);
	symlinkat("../../../../elsewhere", unit_folder, "var/lib/streamhub/odd/player");
	assert_int_equal(station_settle("odd"), -1);
	assert_false(unit_exists("elsewhere/cursor"));
	symlinkat("old", unit_folder, "var/lib/streamhub/link");
	assert_int_equal(station_settle("link"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_desired),
		cmocka_unit_test(test_by),
		cmocka_unit_test(test_settle),
	};

	return cmocka_run_group_tests_name(
		"station_make", tests, unit_enter_root, unit_leave_root);
}
