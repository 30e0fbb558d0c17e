/* inspect: what a report tells of clips, and that it is one whatever the bytes are. */
#include "unit.h"

#include "media/inspect.h"

#ifndef CHANGES
#define CHANGES 12 /* of each fixture */
#endif

static struct report report;

/* Calls act for each file there is. */
static void each_fixture(void (*act)(const char *name))
{
	DIR *dir = opendir(UNIT_FIXTURES);
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (entry->d_type == DT_REG)
			act(entry->d_name);
	closedir(dir);
}

static void inspect_fixture(const char *name)
{
	struct stat st;
	int fd = unit_fixture(name);

	memset(&report, 0xff, sizeof report);
	inspect_file(fd, &report);
	if (!report_sane(&report))
		fail_msg("%s: no sane report", name);
	assert_int_equal(fstat(fd, &st), 0); /* it is open yet */
	assert_int_equal(report.size, st.st_size);
	/* Who reads the same open file besides is not disturbed. */
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	if (report.found)
		assert_true(*report.detail);
	close(fd);
}

UNIT_TEST(test_all)
{
	each_fixture(inspect_fixture);
}

UNIT_TEST(test_streams)
{
#define VIDEO(name, form) \
	{ \
		.kind = 'v', .codec = name, .profile = form, .width = 64, .height = 48, \
		.rate = 10, .packets = 7 \
	}
#define AUDIO(name) \
	{ \
		.kind = 'a', .codec = name, .rate = 8000, .channels = 1 \
	}
	static const struct {
		const char *name;
		uint32_t container, streams;
		int64_t duration_ms, declared_ms, keyframe_ms;
		struct report_stream stream[2];
	} rows[] = {
		{"good-mp4.mp4", REPORT_MP4, 2, 828, 700, 300,
			{VIDEO("h264", "High"), AUDIO("aac")}},
		{"fragmented.mp4", REPORT_FMP4, 2, 900, REPORT_NONE, 300,
			{VIDEO("h264", "High"), AUDIO("aac")}},
		{"whole.ts", REPORT_TS, 2, 828, REPORT_NONE, 300,
			{VIDEO("h264", "High"), {.kind = 'a', .codec = "aac"}}},
		{"alaw.flv", REPORT_FLV, 2, 700, 900, 300,
			{VIDEO("h264", "High"), AUDIO("pcm_alaw")}},
		{"whole.mkv", REPORT_MATROSKA, 2, 828, 828, 300,
			{VIDEO("h264", "High"), AUDIO("aac")}},
		{"mpeg4.avi", REPORT_AVI, 1, 700, 700, REPORT_NONE,
			{VIDEO("mpeg4", "Simple Profile"), {0}}},
		/* The last picture's length is in no packet of FFmpeg 5.1. */
		{"pace-fast.mp4", REPORT_MP4, 1, 600, 600, REPORT_NONE,
			{{.kind = 'v',
				 .codec = "h264",
				 .profile = "High",
				 .width = 16,
				 .height = 16,
				 .rate = 500,
				 .packets = 300},
				{0}}},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		inspect_fixture(rows[i].name);
		assert_int_equal(report.container, rows[i].container);
		assert_int_equal(report.streams, rows[i].streams);
		assert_int_equal(report.duration_ms, rows[i].duration_ms);
		assert_int_equal(report.declared_ms, rows[i].declared_ms);
		assert_int_equal(report.keyframe_ms, rows[i].keyframe_ms);
		for (uint32_t j = 0; j < report.streams; j++) {
			const struct report_stream *is = &report.stream[j];
			const struct report_stream *to_be = &rows[i].stream[j];
			assert_int_equal(is->kind, to_be->kind);
			assert_string_equal(is->codec, to_be->codec);
			assert_string_equal(is->profile, to_be->profile);
			assert_int_equal(is->width, to_be->width);
			assert_int_equal(is->height, to_be->height);
			assert_int_equal(is->rate, to_be->rate);
			assert_int_equal(is->channels, to_be->channels);
			assert_true(is->packets >= to_be->packets && is->packets > 0);
			assert_true(is->bit_rate > 0 && is->bit_rate < 100000);
		}
	}
}

/* Bytes from a row of numbers that is the same each time. */
static uint32_t next_number(void)
{
	static uint32_t number = 1;

	number ^= number << 13;
	number ^= number >> 17;
	return number ^= number << 5;
}

static void change_fixture(const char *name)
{
	static uint8_t bytes[65536];
	static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xff};
	int fd = unit_fixture(name);
	ssize_t len = read(fd, bytes, sizeof bytes);

	close(fd);
	for (int i = 0; i < CHANGES && len > 0; i++) {
		uint8_t *at = bytes + next_number() % (size_t)len, before = *at;
		*at = i % 2 ? odd[next_number() % sizeof odd] : (uint8_t)next_number();
		unit_put("clip", bytes, (size_t)len);
		fd = openat(unit_folder, "clip", O_RDONLY | O_CLOEXEC);
		inspect_file(fd, &report);
		close(fd);
		if (!report_sane(&report))
			fail_msg("%s: %d at %zu", name, *at, (size_t)(at - bytes));
		if (i % 4)
			*at = before;
	}
}

UNIT_TEST(test_changed)
{
	each_fixture(change_fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_streams),
		UNIT_IN_FOLDER(test_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
