/* timeline: stamps that grow, streams that stay in step, and clips end to start. */
#include "unit.h"

#include "timeline.h"

#define CLIPS 10000
#define MS INT64_C(1000) /* microseconds */
#define SECOND (1000 * MS)

static struct timeline timeline;
static int64_t dts_ms, pts_ms;

static void clip(int64_t video, int64_t audio, int64_t earliest)
{
	timeline_clip(
		&timeline, (const int64_t[]){video, audio}, TIMELINE_NONE, earliest);
}

static void put(enum timeline_kind kind, int64_t dts, int64_t pts, int64_t duration)
{
	timeline_put(&timeline, kind, dts, pts, duration, &dts_ms, &pts_ms);
}

/* Packets of one stream of a clip, each as long as so many parts of a second. */
struct row {
	int64_t num, den;
	int count;
};

static int64_t row_time(const struct row *row, int n)
{
	return (SECOND * row->num * n + row->den / 2) / row->den;
}

/*
 * Ten thousand clips, in which now the picture and now the sound is longer, and whose
 * clocks start anywhere.
 */
UNIT_TEST(test_many_clips)
{
	static const struct row rows[][TIMELINE_KINDS] = {
		{{1, 25, 25}, {1024, 44100, 43}}, /* the sound is shorter */
		{{1, 25, 25}, {1024, 44100, 44}}, /* longer */
		{{1001, 30000, 7}, {1024, 48000, 11}}, {{1, 15, 3}, {1152, 44100, 9}},
		{{1001, 60000, 61}, {1024, 8000, 8}},
		{{1, 10, 1}, {1, 50, 5}}, /* equal */
	};
	static const int64_t origins[] = {0, -200 * MS, 1400 * MS, 95443717 * MS, 1, -1};
	int64_t last[] = {INT64_MIN, INT64_MIN}, length = 0;

	timeline_start(&timeline, 0, 0, 0);
	for (int i = 0; i < CLIPS; i++) {
		const struct row *row = rows[i % (int)UNIT_COUNT(rows)];
		int64_t origin = origins[i / 7 % (int)UNIT_COUNT(origins)];
		int64_t from = timeline_end(&timeline);

		assert_int_equal(from, length);
		clip(origin, origin, INT64_MIN / 2);
		for (int k = 0; k < TIMELINE_KINDS; k++)
			for (int n = 0; n < row[k].count; n++) {
				int64_t at = row_time(&row[k], n);
				int64_t step = row_time(&row[k], n + 1) - at;
				put((enum timeline_kind)k, origin + at,
					origin + at + 2 * step, step);
				/* Both of them are where the source has them, to the
				 * millisecond. */
				assert_int_equal(dts_ms, (from + at) / MS);
				assert_int_equal(pts_ms, (from + at + 2 * step) / MS);
				assert_true(dts_ms > last[k]);
				last[k] = dts_ms;
			}
		int64_t video = row_time(&row[0], row[0].count);
		int64_t audio = row_time(&row[1], row[1].count);
		length += video > audio ? video : audio;
	}
	assert_int_equal(timeline_end(&timeline), length);
}

/* Where a clip starts: none of its streams overlaps, and they stay in step. */
/* Pictures that are shown 80 ms after they are sent keep the next clip's back. */
UNIT_TEST(test_shown)
{
	static const struct {
		int64_t delay, shown, shift;
	} rows[] = {{80, 0, 120}, {80, 80, 40}, {80, 79, 40}, {80, 78, 42}, {0, 0, 40},
		{0, 80, 40}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		timeline_start(&timeline, 0, 0, 0);
		clip(0, TIMELINE_NONE, INT64_MIN);
		put(TIMELINE_VIDEO, 0, rows[i].delay * MS, 40 * MS);
		timeline_clip(&timeline, (const int64_t[]){0, TIMELINE_NONE},
			rows[i].shown * MS, INT64_MIN);
		assert_true(timeline.shift == rows[i].shift * MS);
	}
}

UNIT_TEST(test_start)
{
	static const struct {
		int64_t end[TIMELINE_KINDS], first[TIMELINE_KINDS], earliest, video;
	} rows[] = {
		/* Milliseconds; -1: there is no such stream. */
		{{1000, 1000}, {0, 0}, 0, 1000},
		{{1000, 1300}, {0, 0}, 0, 1300},
		{{1300, 1000}, {0, 0}, 0, 1300},
		{{1000, 1300}, {0, 300}, 0, 1000},
		{{1000, 1300}, {0, 100}, 0, 1200},
		{{1000, 1300}, {200, 0}, 0, 1500},
		{{1000, 1300}, {0, -1}, 0, 1000},
		{{1000, 0}, {0, 0}, 0, 1000},
		/* After a wait. */
		{{1000, 1300}, {0, 0}, 1200, 1300},
		{{1000, 1300}, {0, 0}, 5000, 5000},
		{{1000, 1300}, {0, 300}, 5000, 5000},
		{{1000, 1300}, {300, 0}, 5000, 5300},
		{{1000, 1300}, {7000, 7000}, 5000, 5000},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int64_t first[TIMELINE_KINDS];

		timeline_start(&timeline, 0, 0, 0);
		clip(0, 0, 0);
		for (int k = 0; k < TIMELINE_KINDS; k++) {
			put((enum timeline_kind)k, 0, 0, rows[i].end[k] * MS);
			first[k] = rows[i].first[k] == -1 ? TIMELINE_NONE
							  : rows[i].first[k] * MS;
		}
		clip(first[0], first[1], rows[i].earliest * MS);
		put(TIMELINE_VIDEO, first[0], first[0], 40 * MS);
		if (dts_ms != rows[i].video)
			fail_msg("row %zu: %lld", i, (long long)dts_ms);
		if (first[1] == TIMELINE_NONE)
			continue;
		put(TIMELINE_AUDIO, first[1], first[1], 20 * MS);
		assert_int_equal(
			dts_ms - rows[i].video, rows[i].first[1] - rows[i].first[0]);
	}
}

/* A clip without any stream leaves all as it was. */
UNIT_TEST(test_nothing)
{
	timeline_start(&timeline, 7 * SECOND, 0, 0);
	assert_int_equal(timeline_end(&timeline), 7 * SECOND);
	clip(TIMELINE_NONE, TIMELINE_NONE, 9 * SECOND);
	assert_int_equal(timeline_end(&timeline), 7 * SECOND);
	clip(0, TIMELINE_NONE, 0);
	put(TIMELINE_VIDEO, 0, 0, 40 * MS);
	assert_int_equal(dts_ms, 7000);
	assert_int_equal(timeline_end(&timeline), 7 * SECOND + 40 * MS);
}

/* Times within one clip that are not as they should be. */
UNIT_TEST(test_times)
{
	static const struct {
		int64_t dts, pts, dts_ms, pts_ms;
	} rows[] = {
		{-200 * MS, 0, 0, 200},
		{-100 * MS, -100 * MS, 100, 100},
		{-100 * MS, 0, 101, 200}, /* the same again */
		{-100 * MS + 1, 0, 102, 200}, /* less than a millisecond later */
		{-150 * MS, -150 * MS, 103, 103}, /* before */
		{0, -500 * MS, 200, 200}, /* shown before it is decoded */
		{0, 0, 201, 201},
		{40 * MS, 40 * MS, 240, 240}, /* and nothing of that stays */
		{SECOND, SECOND, 1200, 1200},
		{SECOND - 1, SECOND, 1201, 1201},
	};

	timeline_start(&timeline, 0, 0, 0);
	clip(-200 * MS, -200 * MS, 0);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		put(TIMELINE_VIDEO, rows[i].dts, rows[i].pts, 40 * MS);
		if (dts_ms != rows[i].dts_ms || pts_ms != rows[i].pts_ms)
			fail_msg("row %zu: %lld, %lld", i, (long long)dts_ms,
				(long long)pts_ms);
	}
	/* The other stream has nothing to do with it. */
	put(TIMELINE_AUDIO, -200 * MS, -200 * MS, 20 * MS);
	assert_int_equal(dts_ms, 0);
	assert_int_equal(timeline_end(&timeline), 1240 * MS);
}

/* What starts before 0 is rounded like the rest. */
UNIT_TEST(test_before_zero)
{
	timeline_start(&timeline, -3 * MS / 2, 0, 0);
	clip(0, TIMELINE_NONE, INT64_MIN / 2);
	for (int i = 0; i < 5; i++) {
		put(TIMELINE_VIDEO, i * MS, i * MS, MS);
		assert_int_equal(dts_ms, i - 2);
		assert_int_equal(pts_ms, i - 2);
	}
}

/* What is due goes on with the clock, however often it is asked, and faster if it is to.
 */
UNIT_TEST(test_due)
{
	int64_t now = 77777;

	timeline_start(&timeline, 5 * SECOND, 0, now);
	assert_int_equal(timeline_due(&timeline, now, 0), 5 * SECOND);
	for (int i = 0; i < 1000; i++)
		timeline_due(&timeline, now += 7, 0);
	assert_int_equal(timeline_due(&timeline, now, 0), 12 * SECOND);
	for (int i = 0; i < 1000; i++)
		timeline_due(&timeline, now += 50, 20);
	assert_int_equal(timeline_due(&timeline, now, 20), 63 * SECOND);
	/* A session that goes on where another was ahead of real time. */
	timeline_start(&timeline, 0, 3 * SECOND, now);
	assert_int_equal(timeline_due(&timeline, now + 1000, 0), -2 * SECOND);
	timeline_start(&timeline, 63 * SECOND, 0, now);
	/* What was gained is kept. */
	assert_int_equal(timeline_due(&timeline, now + 1000, 0), 64 * SECOND);
}

/* A packet that does not tell its duration lasts as long as the one before. */
UNIT_TEST(test_duration)
{
	timeline_start(&timeline, 0, 0, 0);
	for (int i = 0; i < 1000; i++) {
		clip(5 * SECOND, 5 * SECOND, 0);
		put(TIMELINE_VIDEO, 5 * SECOND, 5 * SECOND, 40 * MS);
		for (int n = 0; n < 3; n++) {
			int64_t at = 5 * SECOND + n * 20 * MS;
			put(TIMELINE_AUDIO, at, at, n == 1 ? -1 : 0);
			assert_int_equal(dts_ms, i * 60 + n * 20);
		}
		assert_int_equal(timeline_end(&timeline), (i + 1) * 60 * MS);
	}
	/* The wait before a clip is none. */
	clip(0, 0, 100 * SECOND);
	put(TIMELINE_AUDIO, 0, 0, 0);
	assert_int_equal(timeline_end(&timeline), 100 * SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_clips),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_before_zero),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_duration),
	};

	return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
