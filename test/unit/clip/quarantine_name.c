/* quarantine_name: which names a quarantine can hold, and which it gives. */
#include "unit.h"

#include <limits.h>

#include "base/atomic.h"
#include "clip/quarantine_name.h"

static char longest[NAME_MAX + 2];

UNIT_TEST(test_name)
{
	static const char *const good[] = {"1.mp4", "-n", "a\nb\t\x1b", "\xff", "reason",
		"x.moving", "x.reason.1", "x.reason ", "x.REASON", "a..b", " "};
	static const char *const bad[] = {"", ".", "..", ".x", ".x.moving", "x.reason",
		".reason", "a/b", "/", "x.reason.reason"};
	struct quarantine_name file;

	for (size_t i = 0; i < UNIT_COUNT(good); i++)
		if (!quarantine_name_set(&file, good[i]) ||
			strcmp(file.name, good[i]) != 0)
			fail_msg("'%s'", good[i]);
	for (size_t i = 0; i < UNIT_COUNT(bad); i++)
		if (quarantine_name_set(&file, bad[i]))
			fail_msg("'%s'", bad[i]);
	memset(longest, 'n', NAME_MAX + 1);
	assert_false(quarantine_name_set(&file, longest));
	longest[NAME_MAX] = '\0';
	assert_true(quarantine_name_set(&file, longest));
	assert_int_equal(strlen(file.reason), NAME_MAX + strlen(".reason"));
	assert_int_equal(strlen(file.moving), NAME_MAX + strlen("..moving"));
	assert_true(quarantine_name_set(&file, "a b"));
	assert_string_equal(file.reason, "a b.reason");
	assert_string_equal(file.moving, ".a b.moving");
}

UNIT_TEST(test_within)
{
	static const struct {
		const char *entry, *start, *end, *name; /* NULL: is none */
	} rows[] = {{"x.reason", "", ".reason", "x"}, {".x.moving", ".", ".moving", "x"},
		{".x.moving.moving", ".", ".moving", "x.moving"},
		{"x.moving", ".", ".moving", NULL}, {".x.movin", ".", ".moving", NULL},
		{".moving", ".", ".moving", NULL}, {"..moving", ".", ".moving", NULL},
		{"...moving", ".", ".moving", NULL}, {".reason", "", ".reason", NULL},
		{"x.reason.reason", "", ".reason", NULL}, {"x", "", ".reason", NULL},
		{".x.reason.moving", ".", ".moving", NULL}};
	struct quarantine_name file;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		bool is = quarantine_name_within(
			&file, rows[i].entry, rows[i].start, rows[i].end);

		if (is != !!rows[i].name || (is && strcmp(file.name, rows[i].name) != 0))
			fail_msg("'%s'", rows[i].entry);
	}
}

UNIT_TEST(test_is_temporary)
{
	static const char *const good[] = {
		".x.reason.1.tmp", ".a b.1.reason.4194304.tmp"};
	static const char *const bad[] = {".x.reason.tmp", ".x.reason..tmp",
		".x.reason.1x.tmp", "x.reason.1.tmp", ".x.1.tmp", ".reason.1.tmp", ".tmp",
		"tmp", "..reason.1.tmp", ".x.reason.1.tmp.", ".x.reason.-1.tmp",
		".x.moving.1.tmp", ".in.x.mp4.tmp", ".1.tmp"};

	for (size_t i = 0; i < UNIT_COUNT(good); i++)
		if (!quarantine_name_is_temporary(good[i]))
			fail_msg("'%s'", good[i]);
	for (size_t i = 0; i < UNIT_COUNT(bad); i++)
		if (quarantine_name_is_temporary(bad[i]))
			fail_msg("'%s'", bad[i]);
}

/* What is there counts, be it a folder or a link that leads nowhere. */
UNIT_TEST(test_choose)
{
	static const struct {
		const char *own, *name;
	} rows[] = {{"new.mp4", "new.mp4"}, {"a.mp4", "a.mp4.1"}, {"b", "b.3"},
		{"c", "c.1"}, {"d", "d.1"}, {"e", "e.1"}, {"f", "f.1"}, {".h", "_.h"},
		{".i", "_.i.1"}, {"x.reason", "x.reason.1"}, {"y.reason", "y.reason.2"},
		{".reason", "_.reason.1"}, {"-rf", "-rf"}, {"a\nb", "a\nb"},
		{"\xff", "\xff"}, {"b.1", "b.1.1"}};
	static const char *const taken[] = {"a.mp4", "b", "b.1", "b.2.reason", "c.reason",
		".d.moving", "_.i", "y.reason.1"};
	struct quarantine_name file;

	for (size_t i = 0; i < UNIT_COUNT(taken); i++)
		unit_put_text(taken[i], "");
	mkdirat(unit_folder, "e", 0755);
	symlinkat("nothing", unit_folder, "f");
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		assert_int_equal(
			quarantine_name_choose(&file, unit_folder, rows[i].own), 0);
		if (strcmp(file.name, rows[i].name) != 0)
			fail_msg("'%s': '%s'", rows[i].own, file.name);
	}
	assert_true(unit_ended(quarantine_name_choose(&file, -1, "x"), EBADF));
}

/* There is room for all that is put behind it, whatever the name. */
UNIT_TEST(test_choose_long)
{
	static const char *const patterns[] = {"n", ".", "\xc3\xa9", "\xe2\x82\xac",
		"\xf0\x9f\x8e\xa5", "\x80", "\xff", ".mp4", "a.reason", "\n"};
	static const char *const ends[] = {
		"", ".mp4", ".reason", ".0123456789abcde", ".0123456789abcdef", "."};
	struct quarantine_name first, second;

	for (size_t i = 0; i < UNIT_COUNT(patterns) * UNIT_COUNT(ends); i++) {
		const char *pattern = patterns[i % UNIT_COUNT(patterns)];
		const char *end = ends[i / UNIT_COUNT(patterns)];
		char own[NAME_MAX + 1];
		size_t len = NAME_MAX - strlen(end);

		for (size_t n = 0; n < len; n++)
			own[n] = pattern[n % strlen(pattern)];
		strcpy(own + len, end);
		assert_int_equal(quarantine_name_choose(&first, unit_folder, own), 0);
		assert_true(strlen(first.name) > 200);
		assert_true(strlen(first.reason) <= ATOMIC_NAME_MAX - strlen(".999"));
		unit_put_text(first.name, "");
		unit_put_text(first.reason, "");
		unit_put_text(first.moving, "");
		assert_int_equal(quarantine_name_choose(&second, unit_folder, own), 0);
		assert_string_not_equal(second.name, first.name);
		unlinkat(unit_folder, first.name, 0);
		unlinkat(unit_folder, first.reason, 0);
		unlinkat(unit_folder, first.moving, 0);
		if (strlen(end) > 1 && strlen(end) <= 16)
			assert_non_null(strstr(first.name, end));
	}
	/* Cut between two characters. */
	char own[NAME_MAX + 1] = "";
	for (int i = 0; i < 83; i++)
		strcat(own, "\xe2\x82\xac");
	strcat(own, ".mp4");
	assert_int_equal(quarantine_name_choose(&first, unit_folder, own), 0);
	size_t stem = strlen(first.name) - strlen(".mp4");
	assert_int_equal(stem % 3, 0);
	assert_memory_equal(first.name, own, stem);
	assert_string_equal(first.name + stem, ".mp4");
}

UNIT_TEST(test_choose_ends)
{
	struct quarantine_name file;
	char name[32];

	unit_put_text("x", "");
	for (int i = 1; i < 9999; i++) {
		snprintf(name, sizeof name, "x.%d", i);
		assert_int_equal(linkat(unit_folder, "x", unit_folder, name, 0), 0);
	}
	assert_int_equal(quarantine_name_choose(&file, unit_folder, "x"), 0);
	assert_string_equal(file.name, "x.9999");
	linkat(unit_folder, "x", unit_folder, "x.9999", 0);
	assert_true(unit_ended(quarantine_name_choose(&file, unit_folder, "x"), EEXIST));
}

UNIT_TEST(test_find)
{
	struct stat st;

	unit_put_odd();
	memset(longest, 'n', NAME_MAX + 1);
	assert_int_equal(quarantine_name_find(unit_folder, "file", &st), 1);
	assert_int_equal(st.st_size, 4);
	assert_int_equal(quarantine_name_find(unit_folder, "dangling", &st), 1);
	assert_int_equal(quarantine_name_find(unit_folder, "nothing", &st), 0);
	assert_int_equal(quarantine_name_find(unit_folder, longest, &st), 0);
	assert_true(unit_ended(quarantine_name_find(-1, "file", &st), EBADF));
	assert_int_equal(quarantine_name_regular(unit_folder, "file", &st), 1);
	assert_int_equal(quarantine_name_regular(unit_folder, "link", &st), 0);
	assert_int_equal(quarantine_name_regular(unit_folder, "folder", &st), 0);
	assert_int_equal(quarantine_name_regular(unit_folder, "fifo", &st), 0);
	assert_true(unit_ended(quarantine_name_regular(-1, "file", &st), EBADF));
	longest[NAME_MAX] = '\0';
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_is_temporary),
		UNIT_IN_FOLDER(test_choose),
		UNIT_IN_FOLDER(test_choose_long),
		UNIT_IN_FOLDER(test_choose_ends),
		UNIT_IN_FOLDER(test_find),
	};

	return cmocka_run_group_tests_name("quarantine_name", tests, NULL, NULL);
}
