/* clipname: which names are clips'. */
#include "unit.h"

#include "clip/clipname.h"

static void check(const char *const *names, size_t count, const char *glob, bool ok)
{
	for (size_t i = 0; i < count; i++)
		if (clipname_ok(names[i], glob) != ok)
			fail_msg("'%s', glob %s", names[i], glob ? glob : "none");
}

UNIT_TEST(test_suffixes)
{
	static const char *const clips[] = {"a.mp4", "a.m4v", "a.mov", "a.3gp", "a.ts",
		"a.mts", "a.m2ts", "a.mpg", "a.mpeg", "a.flv", "a.mkv", "a.webm", "a.avi",
		"A.MP4", "a.Mp4", "a b.mp4", "-a.mp4", "_a.mp4", "a.tmp.mp4", "\xff.mp4",
		"a.mp4.1", "a.mp4.20", "1.mp4", "21.04.49-21.05.14[M][0@0][0].mp4"};
	static const char *const others[] = {"", "a", "mp4", ".mp4", "a.mp4 ", "a.mp4x",
		"a.mp", "a.mp4.", "a.mp4.x", "a.mp4.1.2", "a.mp4.1x", "amp4", "a.jpg",
		"a.txt", "a.idx", "a.264", ".1", "1", "a.1", ".mp4.1", "a_mp4"};

	check(clips, UNIT_COUNT(clips), NULL, true);
	check(others, UNIT_COUNT(others), NULL, false);
}

/* Hidden and temporary names are none, whatever the glob. */
UNIT_TEST(test_temporary)
{
	static const char *const names[] = {".a.mp4", ".in.a.mp4.",
		".pureftpd-upload.5f1a.15.1a2b.mp4", "a.mp4_", "a.mp4~", "a.mp4.part",
		"a.mp4.partial", "a.mp4.filepart", "a.mp4.tmp", "a.mp4.temp",
		"a.mp4.upload", "a.mp4.uploading", "a.mp4.lock", "a.mp4.PART",
		"a.mp4.Tmp", ".", ".."};

	check(names, UNIT_COUNT(names), NULL, false);
	check(names, UNIT_COUNT(names), "*", false);
	check(names, UNIT_COUNT(names), ".*", false);
}

UNIT_TEST(test_glob)
{
	static const struct {
		const char *glob, *name;
		bool ok;
	} rows[] = {{"*", "a.txt", true}, {"*", "a.mp4", true}, {"*.mp4", "a.mp4", true},
		{"*.mp4", "a.MP4", false}, {"*.mp4", "a.mkv", false},
		{"*.[mM][pP]4", "a.mP4", true}, {"cam?_*.dav", "cam1_x.dav", true},
		{"cam?_*.dav", "cam10_x.dav", false}, {"*.mp4", "a.mp4.1", false},
		{"a", "a", true}, {"", "a", false}, {"[", "a", false}, {"\\*", "*", true},
		{"\\*", "a", false}, {"_*", "_a", true}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		check(&rows[i].name, 1, rows[i].glob, rows[i].ok);
}

UNIT_TEST(test_unfinished)
{
	static const char *const names[] = {".in.a.mp4.", ".pureftpd-upload.5f1a.15.1a2b",
		"a.mp4_", "a.mp4.part", "A.MP4.TMP", "a.mp4.1.part", "a.mkv~"};
	static const char *const others[] = {"", ".", ".in", "a.mp4", ".a.mp4",
		".htaccess", "a.part", "notes~", "a.txt.part", "a_", ".ftpquota",
		".a.mp4.swp"};

	for (size_t i = 0; i < UNIT_COUNT(names); i++)
		if (!clipname_unfinished(names[i]) || clipname_ok(names[i], NULL))
			fail_msg("'%s'", names[i]);
	for (size_t i = 0; i < UNIT_COUNT(others); i++)
		if (clipname_unfinished(others[i]))
			fail_msg("'%s'", others[i]);
}

UNIT_TEST(test_long)
{
	char name[256];

	memset(name, '1', 255);
	name[255] = '\0';
	assert_false(clipname_ok(name, NULL));
	memcpy(name, "a.mp4.", 6);
	assert_true(clipname_ok(name, NULL));
	strcpy(name + 251, ".mp4");
	assert_true(clipname_ok(name, NULL));
}

UNIT_TEST(test_number)
{
	static const struct {
		const char *name;
		unsigned number;
		const char *result;
	} rows[] = {{"a.mp4", 0, "a.mp4"}, {"a.mp4", 1, "a.1.mp4"}, {"a", 12, "a.12"},
		{"x.y/a", 2, "x.y/a.2"}, {".mp4", 3, ".mp4.3"}, {"a.", 4, "a.4."}};
	char out[16];

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		assert_int_equal(
			clipname_number(out, sizeof out, rows[i].name, rows[i].number),
			0);
		assert_string_equal(out, rows[i].result);
	}
	assert_int_equal(clipname_number(out, 8, "abc.mp4", 0), 0);
	assert_int_equal(clipname_number(out, 8, "abc.mp4", 1), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suffixes),
		cmocka_unit_test(test_temporary),
		cmocka_unit_test(test_glob),
		cmocka_unit_test(test_unfinished),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_number),
	};

	return cmocka_run_group_tests_name("clipname", tests, NULL, NULL);
}
