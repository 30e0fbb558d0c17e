/* reply: what a status and its headers mean, and for how long. */
#include "unit.h"

#include "reply.h"

#define S CLOCK_SECOND
#define NOW 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define STREAM "text/event-stream"

UNIT_TEST(test_types)
{
	static const struct {
		const char *type;
		bool good;
	} rows[] = {
		{STREAM, true},
		{"Text/EVENT-stream", true},
		{STREAM ";charset=latin1", true},
		{STREAM " ; x", true},
		{STREAM "s", false},
		{STREAM ",", false},
		{"text/event-strea", false},
		{"x" STREAM, false},
		{"", false},
		{NULL, false},
	};
	struct reply_pause pause;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct reply reply = {.status = 200, .type = rows[i].type};
		assert_int_equal(!reply_judge(&reply, NOW, &pause), rows[i].good);
		reply.status = 202;
		assert_string_equal(reply_judge(&reply, NOW, &pause), "HTTP 202");
	}
}

UNIT_TEST(test_pauses)
{
	static const struct {
		long status;
		const char *after;
		int64_t least;
		bool grows, always;
	} rows[] = {
		{200, NULL, 60 * S, false, false}, /* of no type */
		{204, "5", 600 * S, false, true},
		{206, NULL, 60 * S, false, false},
		{304, NULL, 60 * S, false, false},
		{400, "5", 60 * S, false, false},
		{401, NULL, 60 * S, false, false},
		{404, NULL, 60 * S, false, false},
		{408, "5", 0, true, false},
		{500, "5", 0, true, false},
		{599, NULL, 0, true, false},
		{429, NULL, 0, true, false},
		{429, "", 0, true, false},
		{429, "0", 0, true, false},
		{429, "7", 7 * S, true, false},
		{503, "007", 7 * S, true, false},
		{503, "600", 600 * S, true, false},
		{503, "601", 600 * S, true, false},
		{503, "99999999999999999999", 600 * S, true, false},
		{503, "-5", 0, true, false},
		{503, "5.5", 0, true, false},
		{503, "5 ", 0, true, false},
		{503, "x", 0, true, false},
		{503, "Sun, 06 Nov 1994 08:49:47 GMT", 10 * S, true, false},
		{503, "Sunday, 06-Nov-94 08:49:47 GMT", 10 * S, true, false},
		{503, "Sun Nov  6 08:49:47 1994", 10 * S, true, false},
		{503, "Sun, 06 Nov 1994 08:49:37 GMT", 0, true, false},
		{503, "Sun, 06 Nov 1994 08:49:27 GMT", 0, true, false},
		{503, "Sun, 06 Nov 2094 08:49:37 GMT", 600 * S, true, false},
		{503, "Sun, 99 Nov 1994 08:49:37 GMT", 0, true, false},
	};
	struct reply_pause pause;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct reply reply = {
			.status = rows[i].status, .retry_after = rows[i].after};
		assert_non_null(reply_judge(&reply, NOW, &pause));
		if (pause.least != rows[i].least || pause.grows != rows[i].grows ||
			pause.always != rows[i].always)
			fail_msg("row %zu: %ld ms, %d, %d", i, (long)pause.least,
				pause.grows, pause.always);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_pauses),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
