/* vet: the codes; what is said is in test/e2e/stationctl.t. */
#include "unit_station.h"

#include <sysexits.h>

#include "vet.h"

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
		{"", EX_CONFIG},
	};

	assert_int_equal(vet_settings(unit_folder, "cam"), EX_NOINPUT);
	assert_int_equal(vet_settings(-ENOENT, "cam"), EX_NOINPUT);
	assert_int_equal(vet_settings(-EACCES, "cam"), EX_IOERR);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unit_put_text("cam.conf", rows[i].text);
		int code = vet_settings(unit_folder, "cam");
		if (code != rows[i].code)
			fail_msg("row %zu: %d", i, code);
	}
	symlinkat("cam.conf", unit_folder, "link.conf");
	assert_int_equal(vet_settings(unit_folder, "link"), EX_IOERR);
	mkdirat(unit_folder, "folder.conf", 0755);
	assert_int_equal(vet_settings(unit_folder, "folder"), EX_IOERR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {UNIT_IN_ROOT(test_codes)};

	return cmocka_run_group_tests_name("vet", tests, NULL, NULL);
}
