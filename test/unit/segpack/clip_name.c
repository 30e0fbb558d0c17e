/* clip_name: what a clip is called in an archive. */
#include "unit.h"

#include "clip_name.h"

UNIT_TEST(test_names)
{
	static const struct {
		const char *path, *watch, *name;
	} rows[] = {
		{"a.mp4", NULL, "a.mp4"},
		{"/srv/a.mp4", NULL, "srv/a.mp4"},
		{"//srv/a.mp4", NULL, "srv/a.mp4"},
		{"/srv/cam/day/a.mp4", "/srv/cam", "day/a.mp4"},
		{"/srv/cam/day/a.mp4", "/srv/cam/", "day/a.mp4"},
		{"/srv/cam//a.mp4", "/srv/cam", "a.mp4"},
		{"/srv/camera/a.mp4", "/srv/cam", "srv/camera/a.mp4"},
		{"a.mp4", "/", "a.mp4"},
		{"/a.mp4", "/", "a.mp4"},
		{"../a.mp4", NULL, "a.mp4"},
		{"/srv/cam/../../etc/a.mp4", "/srv/cam", "a.mp4"},
		{"x/..", NULL, ".."},
		{"./a.mp4", NULL, "a.mp4"},
		{"x//a.mp4", NULL, "a.mp4"},
		{"x/..a/b..mp4", NULL, "x/..a/b..mp4"},
		{"x/...", NULL, "x/..."},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		assert_string_equal(clip_name(rows[i].path, rows[i].watch), rows[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("clip_name", tests, NULL, NULL);
}
