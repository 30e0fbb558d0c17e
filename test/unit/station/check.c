/* check: the codes; what is said is in test/e2e/stationctl.t. */
#include "unit_station.h"

#include <sysexits.h>

#include "station/check.h"

#define WHOLE "WATCH_DIR=/a\nRTMP_URL=rtmp://h/a/k\n"

UNIT_TEST(test_codes)
{
	static const struct {
		const char *text;
		int code;
	} rows[] = {
		{WHOLE, EX_OK},
		{WHOLE "OTHER=1\n", EX_OK},
		{WHOLE "ACTIVE=1\n", EX_CONFIG},
		{WHOLE "NAME=\xc3\xb1\n", EX_OK},
		{WHOLE "NAME=\xf1\n", EX_CONFIG},
		{WHOLE "\xf1=1\n", EX_CONFIG},
		{"WATCH_DIR=/a\n", EX_CONFIG},
		/* What is put into the drop folder would come again. */
		{WHOLE "AFTER_PLAY=move:/a/b\n", EX_CONFIG},
		{"WATCH_DIR=/a//\nRTMP_URL=rtmp://h/a/k\nAFTER_PLAY=move:/a/b\n",
			EX_CONFIG},
		{WHOLE "AFTER_PLAY=move:/a/_b\n", EX_OK},
		{WHOLE "AFTER_PLAY=archive:/a/b\n", EX_CONFIG},
		{WHOLE "AFTER_PLAY=archive:/a/.b/c\n", EX_OK},
		{WHOLE "AFTER_PLAY=move:/ab\n", EX_OK},
		{WHOLE "AFTER_PLAY=move:/etc/cam\n", EX_CONFIG},
		{WHOLE "AFTER_PLAY=archive:/var/log\n", EX_CONFIG},
		{WHOLE "AFTER_PLAY=archive:/srv/cam\n", EX_OK},
		{"", EX_CONFIG},
		{"WATCH_DIR=/\nRTMP_URL=rtmp://h/a/k\n", EX_CONFIG},
		{"WATCH_DIR=/etc/cam\nRTMP_URL=rtmp://h/a/k\n", EX_CONFIG},
	};

	assert_int_equal(check_settings(unit_folder, "cam"), EX_NOINPUT);
	assert_int_equal(check_settings(-ENOENT, "cam"), EX_NOINPUT);
	assert_int_equal(check_settings(-EACCES, "cam"), EX_IOERR);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unit_put_text("cam.conf", rows[i].text);
		int code = check_settings(unit_folder, "cam");
		if (code != rows[i].code)
			fail_msg("row %zu: %d", i, code);
	}
	symlinkat("cam.conf", unit_folder, "link.conf");
	assert_int_equal(check_settings(unit_folder, "link"), EX_IOERR);
	mkdirat(unit_folder, "folder.conf", 0755);
	assert_int_equal(check_settings(unit_folder, "folder"), EX_IOERR);
}

/* The messages of check_station about a station with this drop folder. */
static const char *said(const char *drop)
{
	char text[300];
	int ends[2], before = dup(STDERR_FILENO);

	snprintf(text, sizeof text, "WATCH_DIR=%.200s\nRTMP_URL=rtmp://h/a/k\n", drop);
	unit_put_text("cam.conf", text);
	assert_true(before >= 0 && pipe2(ends, O_CLOEXEC) == 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	close(ends[1]);
	check_station(unit_folder, "cam");
	dup2(before, STDERR_FILENO);
	close(before);
	const char *heard = unit_hear(ends[0]);
	close(ends[0]);
	return heard;
}

/* The services of systemd have a /tmp of their own; what runs below a root does not. */
UNIT_TEST(test_private_tmp)
{
	static const char warning[] = "services of systemd have a /tmp of their own";

	assert_true(strstr(said("/tmp/x"), warning) == NULL);
	setenv("STREAMHUB_ROOT", "", 1);
	assert_true(strstr(said("/tmp/x"), warning) != NULL);
	assert_true(strstr(said("/var/tmp/x"), warning) != NULL);
	assert_true(strstr(said("/srv/x"), warning) == NULL);
	assert_true(strstr(said("/tmpx/x"), warning) == NULL);
	unsetenv("STREAMHUB_ROOT");
	assert_true(strstr(said("/tmp/x"), warning) != NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_ROOT(test_codes), UNIT_IN_ROOT(test_private_tmp)};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
