/* shelf: names of clips, and what is none. */
#include "unit.h"

#include "shelf.h"

static const struct row {
	const char *path;
	bool part;
	int64_t ms; /* -1: it is none */
} rows[] = {
	{"2026-11-29/20261129T012536.123Z.mp4", false, 1795915536123},
	{"2026-11-29/20261129T012536.123Z.ts", false, 1795915536123},
	{"1970-01-01/19700101T000000.000Z.mp4", false, 0},
	{"9999-12-31/99991231T235959.999Z.mp4", false, 253402300799999},
	{"2024-02-29/20240229T000000.000Z.mp4", false, 1709164800000},
	{"2026-11-29/.20261129T012536.123Z.mp4.part", true, 1795915536123},
	{"2026-11-29/.20261129T012536.123Z.ts.part", true, 1795915536123},
	{"2026-11-29/.20261129T012536.123Z.mp4.part", false, -1},
	{"2026-11-29/20261129T012536.123Z.mp4", true, -1},
	{"2026-11-30/20261129T012536.123Z.mp4", false, -1}, /* of another day */
	{"2026-02-30/20260230T012536.123Z.mp4", false, -1}, /* of none */
	{"2026-11-29/20261129T012536.123Z.avi", false, -1},
	{"2026-11-29/20261129T012536.123Z.mp4.mp4", false, -1},
	{"2026-11-29/20261129T012536.123Z.", false, -1},
	{"2026-11-29/20261129T012536.123Z.m", false, -1},
	{"2026-11-29/20261129T012536.123Z", false, -1},
	{"2026-11-29/20261129T012536Z.mp4", false, -1},
	{"2026-11-29/20261129T012536.\n23Z.mp4", false, -1},
	{"2026-11-29/20261129T012536.-23Z.mp4", false, -1},
	{"2026-11-29/ 0261129T012536.123Z.mp4", false, -1},
	{"2026-11-29/", false, -1},
	{"2026-11-29", false, -1},
	{"catalogue.tsv", false, -1},
	{"", false, -1},
	{"../../29/../20261129T012536.123Z.mp4", false, -1},
};

UNIT_TEST(test_times)
{
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int64_t ms = -1;
		bool is = shelf_time(rows[i].path, rows[i].part, &ms);
		if (is != (rows[i].ms >= 0) || (is && ms != rows[i].ms))
			fail_msg("'%s': %d, %jd", rows[i].path, is, (intmax_t)ms);
	}
}

UNIT_TEST(test_show)
{
	char out[32];

	shelf_show(out, 1795915536123);
	assert_string_equal(out, "2026-11-29T01:25:36.123Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_show),
	};

	return cmocka_run_group_tests_name("shelf", tests, NULL, NULL);
}
