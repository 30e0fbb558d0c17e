/* report: what was found, what a profile says to it, and what is no report at all. */
#include "unit.h"

#include "media/report.h"

#define BIT(code) (UINT64_C(1) << (code))

/* With something in each field. */
static struct report whole(void)
{
	return (struct report){.found = BIT(REPORT_NO_AUDIO),
		.container = REPORT_MP4,
		.streams = 2,
		.stream = {{'v', "h264", "High", 1920, 1080, 25, 0, 4000000, 1500},
			{'a', "aac", "LC", 0, 0, 48000, 2, 128000, 2800}},
		.size = 30000000,
		.duration_ms = 60000,
		.declared_ms = REPORT_NONE,
		.keyframe_ms = 2000,
		.detail = "there is no audio"};
}

/* The first of them all is the reason, whatever the order in which they are found. */
UNIT_TEST(test_find)
{
	struct report report = {0};

	report_find(&report, REPORT_TIMES, "packet %d", 7);
	assert_string_equal(report.detail, "packet 7");
	report_find(&report, REPORT_NO_AUDIO, "none");
	assert_string_equal(report.detail, "packet 7");
	report_find(&report, REPORT_TIMES, "packet 8");
	assert_string_equal(report.detail, "packet 7");
	report_find(&report, REPORT_DIED, "by %s", "SEGV");
	assert_string_equal(report.detail, "by SEGV");
	assert_true(report_found(&report, REPORT_TIMES));
	assert_true(report_found(&report, REPORT_DIED));
	assert_false(report_found(&report, REPORT_EMPTY));
	assert_int_equal(report.found,
		BIT(REPORT_TIMES) | BIT(REPORT_NO_AUDIO) | BIT(REPORT_DIED));

	/* Words have an end. */
	report = (struct report){0};
	report_find(&report, REPORT_EMPTY, "%0500d", 1);
	assert_int_equal(strlen(report.detail), sizeof report.detail - 1);
	assert_true(report_sane(&report));
}

/* What comes from a process that a file has taken over. */
UNIT_TEST(test_sane)
{
	struct report report = whole();

	assert_true(report_sane(&report));
#define SANE(want, change) \
	do { \
		report = whole(); \
		change; \
		if (report_sane(&report) != (want)) \
			fail_msg("%s", #change); \
	} while (0)
	SANE(true, report = (struct report){0});
	SANE(true, report.found = BIT(REPORT_CODES) - 1);
	SANE(false, report.found = BIT(REPORT_CODES));
	SANE(false, report.found = UINT64_MAX);
	SANE(true, report.container = REPORT_CONTAINERS - 1);
	SANE(false, report.container = REPORT_CONTAINERS);
	SANE(false, report.container = UINT32_MAX);
	SANE(false, report.streams = 3); /* the third is not filled in */
	SANE(false, report.streams = REPORT_STREAMS + 1);
	SANE(false, report.streams = UINT32_MAX);
	SANE(false, report.size = -1);
	SANE(true, report.size = INT64_MAX);
	SANE(true, report.duration_ms = REPORT_NONE);
	SANE(true, report.keyframe_ms = INT64_MAX);
	SANE(false, memset(report.detail, 'x', sizeof report.detail));
	SANE(false, report.detail[3] = '\n');
	SANE(false, report.detail[3] = '\033');
	SANE(false, report.detail[3] = '\x7f');
	SANE(false, report.detail[3] = (char)0x80);
	SANE(true, report.detail[0] = '\0');
	SANE(true, report.stream[1].kind = 'd');
	SANE(false, report.stream[1].kind = 'x');
	SANE(false, report.stream[1].kind = '\0');
	SANE(true, report.streams = 1; report.stream[1].kind = 'x');
	SANE(false, memset(report.stream[0].codec, 'x', sizeof report.stream[0].codec));
	SANE(false, report.stream[0].codec[0] = '\t');
	SANE(false,
		memset(report.stream[1].profile, 'x', sizeof report.stream[1].profile));
	SANE(false, report.stream[1].profile[0] = '\r');
	SANE(false, report.stream[0].width = -1);
	SANE(false, report.stream[0].height = INT32_MIN);
	SANE(false, report.stream[0].rate = -1);
	SANE(false, report.stream[1].channels = -1);
	SANE(false, report.stream[0].packets = -1);
	SANE(false, report.stream[0].bit_rate = -1);
	SANE(true, report.stream[0].bit_rate = INT64_MAX);
}

/* Each code, by its name, and the index of the first profile that refuses it. */
UNIT_TEST(test_codes)
{
	enum { ANY, RTMP, YOUTUBE, TWITCH, NEVER };
	static const struct {
		const char *name;
		int refused_from;
	} rows[REPORT_CODES] = {
		[REPORT_DIED] = {"parser-died", ANY},
		[REPORT_TIMEOUT] = {"parser-timeout", ANY},
		[REPORT_EMPTY] = {"empty", ANY},
		[REPORT_PLAYLIST] = {"playlist", ANY},
		[REPORT_UNKNOWN] = {"unknown", ANY},
		[REPORT_NO_INDEX] = {"no-index", ANY},
		[REPORT_TRUNCATED] = {"truncated", ANY},
		[REPORT_STRUCTURE] = {"structure", ANY},
		[REPORT_GAPS] = {"gaps", ANY},
		[REPORT_ENCRYPTED] = {"encrypted", ANY},
		[REPORT_OPEN] = {"unreadable", ANY},
		[REPORT_NO_VIDEO] = {"no-video", ANY},
		[REPORT_NO_CODEC] = {"no-codec", ANY},
		[REPORT_NO_SIZE] = {"no-size", ANY},
		[REPORT_NO_HEADER] = {"no-header", ANY},
		[REPORT_NO_PACKETS] = {"no-packets", ANY},
		[REPORT_ZEROS] = {"zeros", ANY},
		[REPORT_PACKETS] = {"packets", ANY},
		[REPORT_NO_KEYFRAME] = {"no-keyframe", ANY},
		[REPORT_TIMES] = {"times", ANY},
		[REPORT_RUNS_ON] = {"runs-on", ANY},
		[REPORT_PACE] = {"pace", ANY},
		[REPORT_APART] = {"apart", ANY},
		[REPORT_UNPLAYABLE] = {"unplayable", ANY},
		[REPORT_VIDEO_CODEC] = {"video-codec", RTMP},
		[REPORT_AUDIO_CODEC] = {"audio-codec", RTMP},
		[REPORT_AUDIO_PLATFORM] = {"audio-platform", YOUTUBE},
		[REPORT_NO_AUDIO] = {"no-audio", NEVER},
		[REPORT_KEYFRAMES] = {"keyframes", NEVER},
		[REPORT_DURATION] = {"duration", NEVER},
		[REPORT_PARAMETERS] = {"parameters", NEVER},
		[REPORT_EQUAL_TIMES] = {"equal-times", NEVER},
		[REPORT_UNEVEN] = {"uneven", NEVER},
		[REPORT_OUTSIDE] = {"outside", NEVER},
	};

	for (int code = 0; code < REPORT_CODES; code++) {
		struct report report = {.found = BIT(code), .keyframe_ms = REPORT_NONE};

		assert_string_equal(
			report_code_name((enum report_code)code), rows[code].name);
		assert_true(strlen(report_code_text((enum report_code)code)) > 0);
		for (int i = 0; i <= TWITCH; i++) {
			const struct report_profile *profile = report_profile(i);
			bool refused = i >= rows[code].refused_from;

			if ((int)report_judge(&report, profile) !=
					(refused ? code : REPORT_GOOD) ||
				report_warnings(&report, profile) !=
					(refused ? 0 : BIT(code)))
				fail_msg("%s, %s", rows[code].name, report_profiles[i]);
		}
	}
	assert_string_equal(report_code_name(REPORT_GOOD), "good");
	assert_string_equal(report_code_text(REPORT_GOOD), "good");
	assert_null(report_profiles[TWITCH + 1]);
}

/* The reason is the first that the profile refuses; the others are no warnings. */
UNIT_TEST(test_judge)
{
	struct report report = {.found = BIT(REPORT_AUDIO_CODEC) | BIT(REPORT_NO_CODEC) |
			BIT(REPORT_DURATION),
		.keyframe_ms = REPORT_NONE};

	assert_int_equal(report_judge(&report, report_profile(1)), REPORT_NO_CODEC);
	assert_int_equal(
		report_warnings(&report, report_profile(1)), BIT(REPORT_DURATION));
	assert_int_equal(report_warnings(&report, report_profile(0)),
		BIT(REPORT_DURATION) | BIT(REPORT_AUDIO_CODEC));
}

UNIT_TEST(test_keyframes)
{
	static const struct {
		int64_t ms;
		int far_from; /* the index of the first profile for which they are far */
	} rows[] = {{REPORT_NONE, 4}, {0, 4}, {2000, 4}, {2001, 3}, {4000, 3}, {4001, 2},
		{10000, 2}, {10001, 1}, {INT64_MAX, 1}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		for (int p = 0; p < 4; p++) {
			struct report report = {.keyframe_ms = rows[i].ms};

			assert_int_equal(report_warnings(&report, report_profile(p)),
				p >= rows[i].far_from ? BIT(REPORT_KEYFRAMES) : 0);
			assert_int_equal(
				report_judge(&report, report_profile(p)), REPORT_GOOD);
		}
}

UNIT_TEST(test_containers)
{
	static const char *const names[] = {
		"", "mp4", "fmp4", "mpegts", "flv", "matroska", "avi"};

	for (uint32_t i = 0; i < REPORT_CONTAINERS; i++)
		assert_string_equal(report_container_name(i), names[i]);
	assert_string_equal(report_container_name(REPORT_CONTAINERS), "");
	assert_string_equal(report_container_name(UINT32_MAX), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_sane),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_keyframes),
		cmocka_unit_test(test_containers),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
