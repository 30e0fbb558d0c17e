/* report_json: reports as JSON that can be read back, whatever the names are. */
#include "unit.h"

#include <jansson.h>
#include <limits.h>

#include "base/text.h"
#include "report_json.h"

static json_t *all;

/* Reads the object back. */
static void make(const struct report *report, const char *profile, const char *file)
{
	int i = 0;

	while (strcmp(report_profiles[i], profile) != 0)
		i++;
	char *text = report_json(report, report_profile(i), file);
	assert_non_null(text);
	assert_null(strchr(text, '\n'));
	json_decref(all);
	all = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(all);
	free(text);
}

static const char *text_of(const char *key)
{
	return json_string_value(json_object_get(all, key));
}

static int clear(void **state)
{
	(void)state;
	json_decref(all);
	all = NULL;
	return 0;
}

UNIT_TEST(test_good)
{
	static const struct report report = {.container = REPORT_TS,
		.streams = 3,
		.stream = {{.kind = 'v',
				   .codec = "h264",
				   .profile = "High",
				   .width = 1920,
				   .height = 1080,
				   .rate = 25,
				   .bit_rate = 4000000,
				   .packets = 1500},
			{.kind = 'a',
				.codec = "aac",
				.rate = 48000,
				.channels = 2,
				.bit_rate = 128000,
				.packets = 2800},
			{.kind = 'd', .codec = "bin_data", .packets = 1}},
		.size = INT64_C(5000000000),
		.duration_ms = 60001,
		.declared_ms = REPORT_NONE,
		.keyframe_ms = 2000};
	static const char *const keys[] = {"file", "verdict", "code", "reason", "detail",
		"container", "size", "duration", "declared", "keyframe_distance",
		"bit_rate", "streams", "warnings"};
	const char *key;
	json_t *value;
	size_t i = 0;

	make(&report, "any", "d/1.ts");
	json_object_foreach(all, key, value) assert_string_equal(key, keys[i++]);
	assert_int_equal(i, UNIT_COUNT(keys));
	assert_string_equal(text_of("file"), "d/1.ts");
	assert_string_equal(text_of("verdict"), "good");
	assert_string_equal(text_of("code"), "good");
	assert_string_equal(text_of("detail"), "");
	assert_string_equal(text_of("container"), "mpegts");
	assert_int_equal(json_integer_value(json_object_get(all, "size")), 5000000000);
	assert_true(json_real_value(json_object_get(all, "duration")) == 60.001);
	assert_true(json_is_null(json_object_get(all, "declared")));
	assert_true(json_real_value(json_object_get(all, "keyframe_distance")) == 2);
	assert_int_equal(json_integer_value(json_object_get(all, "bit_rate")), 4128000);
	assert_int_equal(json_array_size(json_object_get(all, "warnings")), 0);

	static const char *const streams[] = {
		("{\"kind\":\"video\",\"codec\":\"h264\",\"profile\":\"High\","
		 "\"width\":1920,\"height\":1080,\"rate\":25,\"bit_rate\":4000000,"
		 "\"packets\":1500}"),
		("{\"kind\":\"audio\",\"codec\":\"aac\",\"profile\":\"\",\"rate\":48000,"
		 "\"channels\":2,\"bit_rate\":128000,\"packets\":2800}"),
		"{\"kind\":\"data\",\"codec\":\"bin_data\",\"packets\":1}"};
	for (i = 0; i < UNIT_COUNT(streams); i++) {
		char *text = json_dumps(
			json_array_get(json_object_get(all, "streams"), i), JSON_COMPACT);
		assert_string_equal(text, streams[i]);
		free(text);
	}
}

/* What is a refusal and what a warning is the profile's. */
UNIT_TEST(test_verdicts)
{
#define BIT(code) (UINT64_C(1) << (code))
	static const struct {
		uint64_t found;
		const char *profile, *verdict, *code, *warnings;
	} rows[] = {
		{0, "any", "good", "good", ""},
		{BIT(REPORT_TRUNCATED) | BIT(REPORT_NO_AUDIO), "any", "bad", "truncated",
			"no-audio"},
		{BIT(REPORT_AUDIO_PLATFORM), "rtmp", "good", "good", "audio-platform"},
		{BIT(REPORT_AUDIO_PLATFORM), "twitch", "bad", "audio-platform", ""},
		{BIT(REPORT_VIDEO_CODEC) | BIT(REPORT_DURATION) | BIT(REPORT_PARAMETERS),
			"any", "good", "good", "video-codec duration parameters"},
		{BIT(REPORT_DIED), "any", "bad", "parser-died", ""},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct report report = {.found = rows[i].found, .detail = "words"};
		char warnings[256] = "";
		size_t n;
		json_t *name;

		make(&report, rows[i].profile, "x");
		assert_string_equal(text_of("verdict"), rows[i].verdict);
		assert_string_equal(text_of("code"), rows[i].code);
		assert_string_equal(text_of("detail"), rows[i].found ? "words" : "");
		json_array_foreach(json_object_get(all, "warnings"), n, name)
		{
			strcat(warnings, n ? " " : "");
			strcat(warnings, json_string_value(name));
		}
		assert_string_equal(warnings, rows[i].warnings);
	}
}

/* The name comes back with text_decode. */
UNIT_TEST(test_names)
{
	static const char *const names[] = {"", "-v", "a b", "new\nline", "\"quoted\"",
		"back\\slash", "\x1b[m", "caf\xc3\xa9", "\xff\xfe", "\xc3",
		"\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80", "\xef\xbf\xbf",
		"\xf0\x9f\x98\x80", "\xc2\x80", "\xe2\x80\xa8", "\x7f"};
	static const struct report report;
	static char all_bytes[PATH_MAX], back[PATH_MAX];

	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		make(&report, "any", names[i]);
		assert_int_equal(text_decode(back, sizeof back, text_of("file")), 0);
		assert_string_equal(back, names[i]);
	}
	for (size_t i = 0; i < sizeof all_bytes - 1; i++)
		all_bytes[i] = (char)(i % 255 + 1);
	make(&report, "any", all_bytes);
	assert_int_equal(text_decode(back, sizeof back, text_of("file")), 0);
	assert_string_equal(back, all_bytes);
}

/* All that a sane report can hold takes no more than the tool has room for. */
UNIT_TEST(test_longest)
{
	static struct report report;
	static char name[PATH_MAX];

	memset(&report, 0x7f, sizeof report);
	report.found = BIT(REPORT_CODES) - 1;
	report.container = REPORT_MATROSKA;
	report.streams = REPORT_STREAMS;
	report.duration_ms = report.declared_ms = report.keyframe_ms = INT64_MIN + 1;
	memset(report.detail, '"', sizeof report.detail - 1);
	report.detail[sizeof report.detail - 1] = '\0';
	for (size_t i = 0; i < REPORT_STREAMS; i++) {
		struct report_stream *stream = &report.stream[i];
		stream->kind = 'v';
		stream->bit_rate = INT64_MAX;
		memset(stream->codec, '\\', sizeof stream->codec - 1);
		memset(stream->profile, '\\', sizeof stream->profile - 1);
		stream->codec[sizeof stream->codec - 1] = '\0';
		stream->profile[sizeof stream->profile - 1] = '\0';
	}
	assert_true(report_sane(&report));
	memset(name, '\x01', sizeof name - 1);
	char *text = report_json(&report, report_profile(0), name);
	assert_non_null(text);
	assert_true(strlen(text) < 32768 - 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_good, clear),
		cmocka_unit_test_teardown(test_verdicts, clear),
		cmocka_unit_test_teardown(test_names, clear),
		cmocka_unit_test_teardown(test_longest, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
