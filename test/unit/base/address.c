/* address: what is pushed to, and what can be recorded. */
#include "unit.h"

#include "base/address.h"

UNIT_TEST(test_rtmp)
{
	static const char *const good[] = {
		"rtmp://h/a/k", "rtmps://h:443/a/k?x=y", "rtmp://[::1]:1/a"};
	static const char *const bad[] = {"", "rtmp", "rtmp://", "rtmp://h",
		"rtmp:///a/k", "http://h/a/k", "RTMP://h/a", "rtmp://h/a k",
		"rtmp://h/a\nk", " rtmp://h/a"};

	for (size_t i = 0; i < UNIT_COUNT(good); i++)
		assert_true(address_is_rtmp(good[i]));
	for (size_t i = 0; i < UNIT_COUNT(bad); i++)
		assert_false(address_is_rtmp(bad[i]));
}

UNIT_TEST(test_source)
{
	static const struct {
		const char *url, *protocols; /* NULL: it is refused */
	} rows[] = {
		{"rtsp://u:p@h/1", "rtsp,rtp,udp,tcp"},
		{"rtmp://h/a/k", "rtmp,tcp"},
		{"https://h/a.m3u8", "https,tls,tcp"},
		{"srt://h:9?mode=caller", "srt"},
		{"tcp://h:1", "tcp"},
		{"", NULL},
		{"rtsp://", NULL},
		{"rtsp://h/a b", NULL},
		{"rtsp://h/a\nb", NULL},
		{"file:///etc/passwd", NULL},
		{"concat:a|b", NULL},
		{"/srv/a.mp4", NULL},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		const struct address_scheme *scheme = address_source(rows[i].url);

		assert_int_equal(scheme != NULL, rows[i].protocols != NULL);
		if (scheme)
			assert_string_equal(scheme->protocols, rows[i].protocols);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rtmp),
		cmocka_unit_test(test_source),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
