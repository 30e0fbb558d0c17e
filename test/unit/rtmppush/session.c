/* session: what is shown of an address; sessions are in test/e2e/rtmppush.t. */
#include "unit.h"

#include "session.h"

/* In every address the key and the password have "KEY" or "PASS" in each of their parts.
 */
UNIT_TEST(test_server)
{
	static const struct {
		const char *url, *shown;
	} rows[] = {
		{"rtmp://h/app/KEY", "rtmp://h/app/***"},
		{"rtmp://h:1935/app/KEY", "rtmp://h:1935/app/***"},
		{"rtmps://h.example.org:443/app/KEY",
			"rtmps://h.example.org:443/app/***"},
		{"rtmp://10.0.0.1/app/KEY", "rtmp://10.0.0.1/app/***"},
		{"rtmp://[::1]:1935/app/KEY", "rtmp://[::1]:1935/app/***"},
		/* Without an application, or without a key. */
		{"rtmp://h/KEY", "rtmp://***"},
		{"rtmp://h/KEY/", "rtmp://***"},
		{"rtmp://h/?KEY", "rtmp://h/?***"},
		{"rtmp://h//KEY", "rtmp://h//***"},
		{"rtmp://h/app//KEY", "rtmp://h/app/***"},
		{"rtmp://h", "rtmp://***"},
		{"rtmp://h/", "rtmp://***"},
		{"rtmp://", "rtmp://***"},
		{"rtmp:///KEY", "rtmp://***"},
		{"rtmp:///app/KEY", "rtmp:///app/***"},
		/* Keys of more parts. */
		{"rtmp://h/app/KEY/KEY", "rtmp://h/app/***"},
		{"rtmp://h/app/KEY/", "rtmp://h/app/***"},
		{"rtmp://h/app/KEY?a=KEY&b=KEY/KEY", "rtmp://h/app/***"},
		{"rtmp://h/app/KEY#KEY", "rtmp://h/app/***"},
		{"rtmp://h/app/KEY://KEY", "rtmp://h/app/***"},
		{"rtmp://h/app?k=KEY/KEY", "rtmp://h/app?***"},
		{"rtmp://h/app?k=KEY", "rtmp://h/app?***"},
		{"rtmp://h/app#KEY/KEY", "rtmp://h/app#***"},
		{"rtmp://h/app playpath=KEY tcUrl=rtmp://x/KEY", "rtmp://h/app ***"},
		{"rtmp://h?k=KEY/KEY/KEY", "rtmp://***"},
		{"rtmp://h#KEY/KEY/KEY", "rtmp://***"},
		/* Names and passwords. */
		{"rtmp://u:PASS@h/app/KEY", "rtmp://***@h/app/***"},
		{"rtmps://u:PASS@h:443/app/KEY", "rtmps://***@h:443/app/***"},
		{"rtmp://PASS@h/app/KEY", "rtmp://***@h/app/***"},
		{"rtmp://u:PASS@[::1]/app/KEY", "rtmp://***@[::1]/app/***"},
		{"rtmp://u:PASS@PASS@h/app/KEY", "rtmp://***@h/app/***"},
		{"rtmp://u:PASS@h/app?KEY", "rtmp://***@h/app?***"},
		{"rtmp://u:PASS@h/KEY", "rtmp://***"},
		{"rtmp://u:PASS@h", "rtmp://***"},
		{"rtmp://u:PASS@", "rtmp://***"},
		{"rtmp://@h/app/KEY", "rtmp://***@h/app/***"},
		/* What may be a password with a slash, or a key with an @. */
		{"rtmp://u:PASS/PASS@h/app/KEY", "rtmp://***"},
		{"rtmp://u:PASS/PASS/PASS@h/app/KEY", "rtmp://***"},
		{"rtmp://u:PASS?PASS@h/app/KEY", "rtmp://***"},
		{"rtmp://u:PASS@PASS/PASS@h/app/KEY", "rtmp://***"},
		{"rtmp://h/app/KEY@KEY", "rtmp://***"},
		/* No address at all. */
		{"", "***"},
		{"KEY", "***"},
		{"h/app/KEY", "***"},
		{"u:PASS@h/app/KEY", "***"},
	};
	char out[512];

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		session_server(rows[i].url, out, sizeof out);
		if (strcmp(out, rows[i].shown) != 0)
			fail_msg("%s: %s", rows[i].url, out);
		assert_null(strstr(out, "KEY"));
		assert_null(strstr(out, "PASS"));
	}
}

UNIT_TEST(test_server_cut)
{
	static const char url[] = "rtmp://u:PASS@h/app/KEY";
	char out[64];

	for (size_t size = 1; size < sizeof out; size++) {
		memset(out, 'x', sizeof out);
		session_server(url, out, size);
		assert_non_null(memchr(out, '\0', size));
		assert_memory_equal(out, "rtmp://***@h/app/***", strlen(out));
	}
}

/* The server's reason is told, but no part of the key in it. */
UNIT_TEST(test_reason)
{
	static const struct {
		const char *url, *server, *why;
	} rows[] = {
		{"rtmp://127.0.0.1:1/app/KEY1", "No such stream\n",
			"the server says: No such stream"},
		{"rtmp://127.0.0.1:1/app/KEY1", "'app/KEY1', KEY1KEY1: no\n",
			"the server says: 'app/***', ******: no"},
		{"rtmp://127.0.0.1:1/app/KEY1/KEY22?t=KEY3&a=b", "KEY22 t KEY3 b KEY1",
			"the server says: *** t *** b ***"},
		{"rtmp://127.0.0.1:1/KEY1", "KEY1 is none",
			"the server says: *** is none"},
		{"rtmp://user:PASS@127.0.0.1:1/app/KEY1", "PASS KEY1 user",
			"the server says: *** *** ***"},
		{"rtmp://127.0.0.1:1/app/*****", "*****", "the server says: ***"},
	};
	AVCodecParameters *none[TIMELINE_KINDS] = {NULL};
	struct session session;

	session_init(&session, -1);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		assert_int_equal(session_open(&session, rows[i].url, none), -1);
		assert_null(session.format);
		av_log(NULL, AV_LOG_ERROR, "Server error: %s", rows[i].server);
		assert_string_equal(session_why(), rows[i].why);
		av_log(NULL, AV_LOG_ERROR, "Something else");
		assert_string_equal(session_why(), rows[i].why);
	}
	av_log(NULL, AV_LOG_ERROR, "The certificate's owner does not match hostname %s\n",
		"h");
	assert_string_equal(
		session_why(), "its certificate's owner does not match hostname h");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_server_cut),
		cmocka_unit_test(test_reason),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
