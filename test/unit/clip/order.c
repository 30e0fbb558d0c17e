/* order: natural order, and the time stamps that cameras put into paths. */
#include "unit.h"

#include <limits.h>
#include <time.h>

#include "clip/order.h"

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

/* Each before the next. */
static const char *const ascending[] = {"", "\n", " ", "-1", "-2", ".", "/", "0", "00",
	"000", "00a", "01", "1", "01 ", "1-", "1.9", "1.10", "1.010.1", "01/2", "1/10",
	"01a", "1a", "1b", "002", "2", "9", "10", "10a", "99", "100",
	"18446744073709551615", "18446744073709551616", "18446744073709551617", ":", "A",
	"a", "a-1", "a/b", "a0", "a00", "a01b", "a1b", "a01c", "a1c", "a2", "a10",
	"a10b2", "a10b10", "ab", "z", "\x7f", "\x80", "\xc3\xa9", "\xff"};

UNIT_TEST(test_natural)
{
	size_t count = UNIT_COUNT(ascending);

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++)
			if (sign(order_natural(ascending[i], ascending[j])) !=
				(i > j) - (i < j))
				fail_msg("'%s', '%s'", ascending[i], ascending[j]);
}

/* All texts of up to four of a few bytes: an order that sorting can rely on. */
UNIT_TEST(test_natural_is_an_order)
{
	enum { TEXTS = 5 + 25 + 125 + 625, ROUNDS = 200000 };
	static const char bytes[] = "01a-/";
	static char text[TEXTS][5];
	unsigned int seed = 1, x[3];
	size_t n = 0;

	for (size_t len = 1, all = 5; len <= 4; len++, all *= 5)
		for (size_t code = 0; code < all; code++, n++)
			for (size_t i = 0, rest = code; i < len; i++, rest /= 5)
				text[n][i] = bytes[rest % 5];
	assert_int_equal(n, TEXTS);
	for (size_t i = 0; i < TEXTS; i++) {
		for (size_t j = 0; j < TEXTS; j++) {
			int order = sign(order_natural(text[i], text[j]));

			if (order != -sign(order_natural(text[j], text[i])) ||
				(order == 0) != (i == j))
				fail_msg("'%s', '%s'", text[i], text[j]);
		}
	}
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < 3; i++)
			x[i] = (seed = seed * 1103515245 + 12345) / 65536 % TEXTS;
		const char *a = text[x[0]], *b = text[x[1]], *c = text[x[2]];
		if (order_natural(a, b) <= 0 && order_natural(b, c) <= 0 &&
			order_natural(a, c) > 0)
			fail_msg("'%s', '%s', '%s'", a, b, c);
	}
}

UNIT_TEST(test_natural_of_huge_runs)
{
	static char a[PATH_MAX], b[PATH_MAX];

	memset(a, '9', sizeof a - 1);
	memset(b, '9', sizeof b - 1);
	assert_int_equal(order_natural(a, b), 0);
	b[sizeof b - 2] = '8';
	assert_int_equal(sign(order_natural(a, b)), 1);
	b[sizeof b - 2] = '\0';
	assert_int_equal(sign(order_natural(a, b)), 1);
	memset(b, '0', sizeof b - 2);
	assert_int_equal(sign(order_natural(b, "1")), -1);
	b[sizeof b - 3] = '2';
	assert_int_equal(sign(order_natural(b, "1")), 1);
	assert_int_equal(sign(order_natural(b, "2")), -1);
	assert_int_equal(sign(order_natural("2", b)), 1);
}

static void check_time(const char *path, const char *expected)
{
	int64_t ms = -1;
	char got[64] = "none", text[32];

	int code = order_time(path, &ms);
	if (code == 0) {
		time_t seconds = (time_t)(ms / 1000);
		struct tm tm;

		strftime(text, sizeof text, "%F %T", gmtime_r(&seconds, &tm));
		snprintf(got, sizeof got, "%s.%03d", text, (int)(ms % 1000));
	} else {
		assert_int_equal(code, -1);
	}
	if (strcmp(got, expected) != 0)
		fail_msg("'%.200s': %s, not %s", path, got, expected);
}

UNIT_TEST(test_time)
{
	static const char *const rows[][2] = {
		{"RLC-810A_00_20260814150544.mp4", "2026-08-14 15:05:44.000"},
		{"4K01234PAZ/2019-05-09/001/dav/21/21.04.49-21.05.14[M][0@0][0].mp4",
			"2019-05-09 21:04:49.000"},
		{"4K01234PAZ/2019-05-09/001/dav/21/21.04.19-21.05.14[M][0@0][0].mp4",
			"2019-05-09 21:04:19.000"},
		{"4K01234PAZ/2019-05-09/001/jpg/06/07/27[M][0@0][0].jpg",
			"2019-05-09 06:07:27.000"},
		{"Cam_20260917084403_20260917084422.mp4", "2026-09-17 08:44:03.000"},
		{"192.168.1.64_01_20190827095800502_MOTION_DETECTION.jpg",
			"2019-08-27 09:58:00.502"},
		{"20180914-111429.mp4", "2018-09-14 11:14:29.000"},
		{"record/2023Y05M06D07H/E123M45S60.mp4", "2023-05-06 07:23:45.000"},
		{"2025060107/46M14S_1748735174.mp4", "2025-06-01 07:46:14.000"},
		{"image26-08-14_15-05-44-10_#s.jpg", "2026-08-14 15:05:44.000"},
		{"20190510/08/20190510_084109_X/20190510_09/20190510_090616_25CE.mkv",
			"2019-05-10 09:06:16.000"},
		{"20260814@150544.mp4", "2026-08-14 15:05:44.000"},
		{"100815_103130_120.mp4", "2010-08-15 10:31:30.120"},
		{"EVENT_2021-01-09-14-05-06-789.mp4", "2021-01-09 14:05:06.789"},
		{"20140509-000500-001000_192.168.1.11-CH2.mp4",
			"2014-05-09 00:05:00.000"},
		{"2026-08-14T15:05:44Z.mp4", "2026-08-14 15:05:44.000"},
		{"2026-08-14 15.05.44.mp4", "2026-08-14 15:05:44.000"},
		{"2026/08/14/15/05/44.mp4", "2026-08-14 15:05:44.000"},
		{"2026-08-14/cam1/150544.mp4", "2026-08-14 15:05:44.000"},
		{"20260813/20260814/15-05-44.mp4", "2026-08-14 15:05:44.000"},
		{"20260814150544/clip.mp4", "2026-08-14 15:05:44.000"},
		{"20260814150544", "2026-08-14 15:05:44.000"},
		{"991231-235959.mp4", "1999-12-31 23:59:59.000"},
		{"19700101000000.mp4", "1970-01-01 00:00:00.000"},
		{"20991231235960.mp4", "2100-01-01 00:00:00.000"},
		{"20240229120000.mp4", "2024-02-29 12:00:00.000"},
		/* What is no time is passed over for what is one. */
		{"20261314150544_20260814150544.mp4", "2026-08-14 15:05:44.000"},
		{"120260814150544_20260815150544.mp4", "2026-08-15 15:05:44.000"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		check_time(rows[i][0], rows[i][1]);
}

UNIT_TEST(test_no_time)
{
	static const char *const rows[] = {"", "/", "clip.mp4", "clip0001.mp4", "1",
		"12345", "0000000000000000000000000", "99999999999999",
		"20261314150544.mp4", "20260014150544.mp4", "20260800150544.mp4",
		"20260832150544.mp4", "20260814240000.mp4", "20260814-240000.mp4",
		"20260814156044.mp4", "20260814150561.mp4",
		"20260814150561/20260814-156000.mp4", "19691231235959.mp4",
		"21000101000000.mp4", "1748735174.mp4", "1748735174123.mp4",
		"1748735174123456.mp4", "2026-08-14.mp4", "20260814.mp4",
		"20260814/clip.mp4", "150544.mp4", "15-05-44.mp4", "202608141505440.mp4",
		"2026081415054412.mp4", "2026-08_14/15-05_44.mp4",
		"15-05-44/2026-08-14.mp4", "192.168.100.200.mp4"};
	static char text[PATH_MAX];

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		check_time(rows[i], "none");
	for (const char *c = "a1/-\xff"; *c; c++) {
		memset(text, *c, sizeof text - 1);
		check_time(text, "none");
		memcpy(text + sizeof text - 24, "x20260814150544x", 16);
		check_time(text, "2026-08-14 15:05:44.000");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_natural),
		cmocka_unit_test(test_natural_is_an_order),
		cmocka_unit_test(test_natural_of_huge_runs),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_no_time),
	};

	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
