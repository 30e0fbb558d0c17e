/* event: what the lines of ssecat say, and those that say nothing. */
#include "unit.h"

#include "event.h"

static struct event event;

/* The names, as "id" or "<url>" each. */
static const char *read_it(const char *line)
{
	static char text[512];
	size_t len = 0;

	*text = '\0';
	event_free(&event);
	assert_int_equal(event_read(&event, line, strlen(line)), 0);
	for (size_t i = 0; i < event.count; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%s%s%s ",
			event.names[i].id ? event.names[i].id : "",
			event.names[i].url ? "<" : "",
			event.names[i].url ? event.names[i].url : "",
			event.names[i].url ? ">" : "");
	return text;
}

#define LINE(kind, data) "{\"id\":\"7\",\"event\":\"" kind "\",\"data\":\"" data "\"}"

UNIT_TEST(test_names)
{
	static const struct {
		const char *line, *names;
		enum event_kind kind;
		size_t unclear;
	} rows[] = {
		{LINE("start", "1"), "1 ", EVENT_START, 0},
		{LINE("start", " cam_2\\n"), "cam_2 ", EVENT_START, 0},
		{LINE("stop", "rtmp://h/a/k"), "<rtmp://h/a/k> ", EVENT_STOP, 0},
		{LINE("stop", "{\\\"id\\\":\\\"x\\\"}"), "x ", EVENT_STOP, 0},
		{LINE("stop", "{\\\"id\\\":12}"), "12 ", EVENT_STOP, 0},
		{LINE("start", "\\\"x\\\""), "x ", EVENT_START, 0},
		{LINE("start", "{\\\"id\\\":\\\"x\\\",\\\"url\\\":\\\"rtmp://h/a/k\\\"}"),
			"x<rtmp://h/a/k> ", EVENT_START, 0},
		{LINE("state", "[]"), "", EVENT_STATE, 0},
		{LINE("state", "[\\\"1\\\",{\\\"id\\\":\\\"2\\\"},3,\\\"srt://h\\\"]"),
			"<srt://h> 1 2 3 ", EVENT_STATE, 0},
		{LINE("state", "[\\\"1\\\",{},null,{\\\"id\\\":\\\"../x\\\"},[],1.5]"),
			"1 ", EVENT_STATE, 5},
		{LINE("message", "whatever"), "", EVENT_OTHER, 0},
		{LINE("START", "1"), "", EVENT_OTHER, 0},
		{LINE("start\\u0000x", "1"), "", EVENT_OTHER, 0},
		{LINE("state",
			 "[{\\\"id\\\":true,\\\"url\\\":\\\"rtmp://h/"
			 "a\\\"},\\\"2\\\",\\\"1\\\"]"),
			"1 2 ", EVENT_STATE, 1},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		assert_string_equal(read_it(rows[i].line), rows[i].names);
		assert_int_equal(event.kind, rows[i].kind);
		assert_int_equal(event.unclear, rows[i].unclear);
		assert_string_equal(event.id, "7");
		assert_null(event.fault);
	}
}

/* These are events, and say nothing that can be done. */
UNIT_TEST(test_faults)
{
	static const char *const rows[] = {LINE("start", ""), LINE("start", ".hidden"),
		LINE("stop", "{}"), LINE("stop", "{\\\"id\\\":"), LINE("start", "a b"),
		LINE("start", "{\\\"id\\\":\\\"a\\\",\\\"id\\\":\\\"b\\\"}"),
		LINE("start", "{\\\"id\\\":\\\"-x\\\",\\\"url\\\":\\\"rtmp://h/a\\\"}"),
		LINE("start", "a\\u0000b"), LINE("state", "{}"), LINE("state", ""),
		LINE("state", "[\\\"1\\\""), LINE("state", "[\\\"a\\u0000\\\"]"),
		LINE("state", "null")};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		assert_string_equal(read_it(rows[i]), "");
		assert_non_null(event.fault);
	}
}

UNIT_TEST(test_no_events)
{
	static const char *const rows[] = {"", "x", "{}", "[]", "null",
		"{\"event\":\"start\"}", "{\"data\":\"1\"}",
		"{\"event\":1,\"data\":\"1\"}", "{\"event\":\"start\",\"data\":\"1\"} {}",
		"\xff", "{\"event\":\"start\",\"data\":{\"id\":\"1\"}}"};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		event_free(&event);
		assert_int_equal(event_read(&event, rows[i], strlen(rows[i])), -1);
		assert_int_equal(errno, EBADMSG);
	}
	/* An id is not needed. */
	assert_string_equal(read_it("{\"event\":\"start\",\"data\":\"1\"}"), "1 ");
	assert_string_equal(event.id, "");
	event_free(&event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_no_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
