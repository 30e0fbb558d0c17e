/* missed: the clips that the cursor has passed, in order. */
#include "unit.h"

#include "missed.h"

static void put_clip(const char *rel, int64_t second)
{
	const struct timespec times[2] = {{second, 0}, {second, 0}};

	unit_put_text(rel, rel);
	assert_int_equal(utimensat(unit_folder, rel, times, 0), 0);
}

/* All of them, a line each. */
static const char *all(struct clips *clips)
{
	static char text[1024];
	struct clip *clip;

	text[0] = '\0';
	while ((clip = clips_first(clips, CLIPS_QUEUE))) {
		strcat(strcat(text, clip->path), "\n");
		clips_drop(clips, clip);
	}
	return text;
}

/* A list has its bounds. */
UNIT_TEST(test_too_many)
{
	static const struct cursor cursor = {
		.mtime_ns = INT64_C(1000) * 1000000000, .path = "9.mp4"};
	struct clips clips = {.count = MISSED_MAX - 1};

	put_clip("1.mp4", 1);
	assert_int_equal(missed_read(&clips, unit_path, &cursor), 0);
	assert_string_equal(all(&clips), "1.mp4\n");
	put_clip("2.mp4", 2);
	assert_true(unit_ended(missed_read(&clips, unit_path, &cursor), EFBIG));
	assert_int_equal(clips.count, MISSED_MAX);
	all(&clips);
}

UNIT_TEST(test_passed)
{
	static const struct cursor cursor = {
		.mtime_ns = INT64_C(1000) * 1000000000, .path = "day/5.mp4"};
	static const char *const folders[] = {
		"day", "_failed", ".hidden", ".unpacked", ".unpacked/a.zip"};
	struct clips clips = {0};

	for (size_t i = 0; i < UNIT_COUNT(folders); i++)
		assert_int_equal(mkdirat(unit_folder, folders[i], 0755), 0);
	put_clip("day/5.mp4", 1000); /* the one that is played */
	put_clip("day/6.mp4", 1000);
	put_clip("day/4.mp4", 1000);
	put_clip("day/10.mp4", 999);
	put_clip("day/9.mp4", 999);
	put_clip("0.mp4", 1001);
	put_clip("1\n\x1b.mp4", 1);
	put_clip(".unpacked/a.zip/2.mp4", 2);
	put_clip("_failed/3.mp4", 3);
	put_clip(".hidden/3.mp4", 3);
	put_clip(".3.mp4", 3);
	put_clip("3.mp4.part", 3);
	put_clip("3.txt", 3);
	assert_int_equal(symlinkat("day/9.mp4", unit_folder, "link.mp4"), 0);
	assert_int_equal(symlinkat("day", unit_folder, "days"), 0);
	assert_int_equal(mkfifoat(unit_folder, "fifo.mp4", 0644), 0);
	char slash[300];
	snprintf(slash, sizeof slash, "%s/", unit_path);
	const char *const names[] = {unit_path, slash};
	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		assert_int_equal(missed_read(&clips, names[i], &cursor), 0);
		assert_string_equal(all(&clips),
			".unpacked/a.zip/2.mp4\nday/9.mp4\nday/10.mp4\n"
			"day/4.mp4\n");
	}
}

UNIT_TEST(test_missing)
{
	static const struct cursor cursor = {.path = "a.mp4"};
	struct clips clips = {0};

	assert_int_equal(missed_read(&clips, "/nowhere/at/all", &cursor), -1);
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_too_many),
		UNIT_IN_FOLDER(test_passed),
		UNIT_IN_FOLDER(test_missing),
	};

	return cmocka_run_group_tests_name("missed", tests, NULL, NULL);
}
