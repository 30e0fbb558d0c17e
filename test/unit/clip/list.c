/* list: lines as people write them, and the parts of a day, also of the days when clocks
 * are changed. */
#include "unit.h"

#include "clip/list.h"

static struct list list = {.folder = "/l"};
static unsigned complaints;

static void complain(unsigned line, const char *what, const char *text)
{
	(void)line, (void)what, (void)text;
	complaints++;
}

static void parse(const char *text)
{
	size_t len = strlen(text);
	char *own = malloc(len + 1);

	list_free(&list);
	complaints = 0;
	memcpy(own, text, len);
	assert_int_equal(list_parse(&list, own, len, complain), 0);
}

static const char *path_of(size_t n)
{
	static char path[64];

	assert_int_equal(list_path(&list, n, path, sizeof path), 0);
	return path;
}

UNIT_TEST(test_lines)
{
	static const struct {
		const char *line, *path; /* NULL: it is no entry */
		unsigned complaints;
	} rows[] = {{"a.mp4\n", "/l/a.mp4", 0}, {"a.mp4", "/l/a.mp4", 0},
		{"a.mp4\r\n", "/l/a.mp4", 0}, {"/b c.mp4\n", "/b c.mp4", 0},
		{"\xef\xbb\xbf"
		 "a\n",
			"/l/a", 0},
		{"../a\n", "/l/../a", 0}, {"-a\n", "/l/-a", 0}, {" a\n", "/l/ a", 0},
		{"\xe9.mp4\n", "/l/\xe9.mp4", 0}, {"file:///a%20%e9\n", "/a \xe9", 0},
		{"file://localhost/a%2\n", "/a%2", 0}, {"", NULL, 0}, {"\n", NULL, 0},
		{"\r\n", NULL, 0}, {" \t\n", NULL, 0}, {"#\n", NULL, 0},
		{"#EXTINF:3,x\n", NULL, 0}, {"#AT\n", NULL, 0}, {"#ATX 1:00\n", NULL, 0},
		{"#AT 6\n", NULL, 1}, {"#AT 24:00\n", NULL, 1}, {"#AT 6:60\n", NULL, 1},
		{"#AT 6:00 x\n", NULL, 1}, {"#AT 6:00 shuffle x\n", NULL, 1},
		{"#AT 6:00x\n", NULL, 1}, {"#AT -1:00\n", NULL, 1},
		{"http://h/a\n", NULL, 1}, {"file://h/a\n", NULL, 1},
		{"a\x01\n", NULL, 1}, {"file:///%00a\n", NULL, 1}, {"a\rb\n", NULL, 1},
		{"file:///%0a\n", NULL, 1}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		parse(rows[i].line);
		if (list.count != (rows[i].path != NULL) ||
			complaints != rows[i].complaints ||
			(list.count && strcmp(path_of(0), rows[i].path) != 0))
			fail_msg("'%s': %zu entries, %u complaints", rows[i].line,
				list.count, complaints);
	}
}

UNIT_TEST(test_folder)
{
	static const char *const names[] = {"b", "a10", "a9", "a/1", "B"};
	static const char *const sorted[] = {"/l/B", "/l/a/1", "/l/a9", "/l/a10", "/l/b"};

	list_free(&list);
	for (size_t i = 0; i < UNIT_COUNT(names); i++)
		assert_int_equal(list_add(&list, names[i]), 0);
	list_sort(&list);
	for (size_t i = 0; i < UNIT_COUNT(names); i++)
		assert_string_equal(path_of(i), sorted[i]);
	list_free(&list);
	for (size_t i = 0; i < 20000; i++)
		assert_int_equal(list_add(&list, "0123456789"), 0);
	assert_int_equal(list.parts[0].count, 20000);
	assert_string_equal(path_of(19999), "/l/0123456789");
}

/* The parts of "#AT 02:30" and "#AT 22:00 shuffle", and of what stands before: by the
 * first letter of their first entry. */
UNIT_TEST(test_day)
{
	static const struct {
		const char *zone;
		int64_t now; /* the clock in UTC */
		char part;
		int64_t day; /* later than the one of the first row of this zone */
	} rows[] = {
		/* An ordinary day. */
		{"Europe/Madrid", 1768431540, 'n', 0}, /* 2026-01-14 23:59 */
		{NULL, 1768431600, 'h', 1}, /* 00:00 */
		{NULL, 1768440540, 'h', 1}, /* 02:29 */
		{NULL, 1768440600, 'd', 1}, /* 02:30 */
		{NULL, 1768510799, 'd', 1}, /* 21:59:59 */
		{NULL, 1768510800, 'n', 1}, /* 22:00 */
		/* In spring 02:00 is 03:00: what begins at 02:30 begins then. */
		{"Europe/Madrid", 1774746000 - 1, 'h', 0}, /* 2026-03-29 01:59:59 */
		{NULL, 1774746000, 'd', 0}, /* 03:00 */
		/* In autumn 03:00 is 02:00: what has begun at 02:30 does not begin twice.
		 */
		{"Europe/Madrid", 1792888200 - 1, 'h', 0}, /* 2026-10-25 02:29:59 */
		{NULL, 1792888200, 'd', 0}, /* 02:30 */
		{NULL, 1792890000, 'd', 0}, /* 02:00 again */
		{NULL, 1792891799, 'd', 0}, /* 02:29:59 again */
		{NULL, 1792893600, 'd', 0}, /* 03:00 */
		/* Where the clock is changed at midnight. */
		{"America/Havana", 1772945999, 'n', 0}, /* 2026-03-07 23:59:59 */
		{NULL, 1772946000, 'h', 1}, /* 01:00 */
	};
	int64_t first = 0, day;

	parse("h\n#AT 02:30\nd\n#AT 22:00 shuffle\nn\n");
	assert_int_equal(list.part_count, 3);
	assert_true(list.parts[2].shuffle && !list.parts[1].shuffle);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		if (rows[i].zone) {
			setenv("TZ", rows[i].zone, 1);
			tzset();
		}
		const struct list_part *part =
			list_part_at(&list, (time_t)rows[i].now, &day);
		char name = path_of(part->first)[3];
		if (rows[i].zone)
			first = day;
		if (name != rows[i].part || day - first != rows[i].day)
			fail_msg("row %zu: %c, day %d", i, name, (int)(day - first));
	}
}

UNIT_TEST(test_parts)
{
	int64_t day, day_before;

	setenv("TZ", "UTC", 1);
	tzset();
	/* Before the first time of the day it is the last part of the day before. */
	parse("#AT 22:00\nn\n#AT 06:00\nd\n");
	assert_string_equal(
		path_of(list_part_at(&list, 5 * 3600, &day_before)->first), "/l/n");
	assert_string_equal(path_of(list_part_at(&list, 6 * 3600, &day)->first), "/l/d");
	assert_int_equal(day_before, day - 1);
	assert_string_equal(path_of(list_part_at(&list, 22 * 3600, &day)->first), "/l/n");
	/* No times: one part, that never begins again. */
	parse("a\nb\n");
	assert_int_equal(list_part_at(&list, 5 * 3600, &day)->start, LIST_ALL_DAY);
	assert_int_equal(day, 0);
	parse("");
	assert_null(list_part_at(&list, 0, &day));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_day),
		cmocka_unit_test(test_parts),
	};
	int code = cmocka_run_group_tests_name("list", tests, NULL, NULL);

	list_free(&list);
	return code;
}
