/* store: names of its files, lists, bounds, and hours that become ZIPs. */
#include "unit.h"

#include <locale.h>
#include <sys/file.h>

#include "base/path.h"
#include "store.h"

#define HOUR INT64_C(3600)

static struct store store;

static void open_store(void)
{
	assert_int_equal(store_open(&store, NULL, unit_path), 0);
}

static void close_store(void)
{
	close(store.lock);
	close(store.folder);
}

/* All files, a word each. */
static const char *all(void)
{
	static char text[1024];
	struct store_file *files;
	char day[STORE_DAY_SIZE], stem[HOUR_TAR_STEM_MAX];
	ssize_t count = store_list(&store, &files);

	assert_true(count >= 0);
	text[0] = '\0';
	for (ssize_t i = 0; i < count; i++) {
		store_day(day, files[i].hour);
		store_stem(stem, files[i].hour, files[i].number);
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s/%s%c ", day,
			stem, "tzi"[files[i].kind]);
	}
	free(files);
	return text;
}

/* Adds a clip with that text. */
static void add(int64_t hour, const char *name, const char *text)
{
	struct batch_source source = {.name = name, .duration_ms = 2000};
	struct hour_tar use;
	struct stat st;

	unit_put_text("clip", text);
	source.fd = openat(unit_folder, "clip", O_RDONLY | O_CLOEXEC);
	const struct timespec times[2] = {{hour * HOUR, 7000000}, {hour * HOUR, 7000000}};
	assert_int_equal(futimens(source.fd, times), 0);
	assert_int_equal(fstat(source.fd, &st), 0);
	source.id = path_id(&st);
	assert_int_equal(store_use(&store, &use, hour), 0);
	assert_int_equal(hour_tar_add(&use, &source, 1, -1), 0);
	hour_tar_close(&use);
	close(source.fd);
	assert_int_equal(unlinkat(unit_folder, "clip", 0), 0);
}

UNIT_TEST(test_parse)
{
	static const struct {
		const char *day, *name;
		bool ok;
		int64_t hour;
		unsigned number;
		enum store_kind kind;
	} rows[] = {
		{"1970-01-01", "00.tar", true, 0, 0, STORE_TAR},
		{"1970-01-02", "23.12.zip", true, 47, 12, STORE_ZIP},
		{"2026-11-21", "10.index", true, 498682, 0, STORE_INDEX},
		{"9999-12-31", "23.1.index", true, 70389527, 1, STORE_INDEX},
		{.day = "1970-01-01", .name = "24.tar"},
		{.day = "1970-01-01", .name = "0.tar"},
		{.day = "1970-01-01", .name = "00.0.tar"},
		{.day = "1970-01-01", .name = "00.01.tar"},
		{.day = "1970-01-01", .name = "00.tar.1"},
		{.day = "1970-01-01", .name = "00.100.tar"},
		{.day = "1970-01-01", .name = "00.TAR"},
		{.day = "1970-01-01", .name = "+1.tar"},
		{.day = "1970-01-01", .name = " 1.tar"},
		{.day = "1970-01-01", .name = ".00.tar.7.tmp"},
		{.day = "1970-01-01", .name = ""},
		{.day = "1970-1-1", .name = "00.tar"},
		{.day = "1970-02-30", .name = "00.tar"},
		{.day = "1969-12-31", .name = "00.tar"},
		{.day = "10000-01-01", .name = "00.tar"},
		{.day = "1970-01-01x", .name = "00.tar"},
		{.day = "", .name = "00.tar"},
	};
	struct store_file file;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		if (store_parse(rows[i].day, rows[i].name, &file) != rows[i].ok)
			fail_msg("'%s/%s'", rows[i].day, rows[i].name);
		if (!rows[i].ok)
			continue;
		assert_int_equal(file.hour, rows[i].hour);
		assert_int_equal(file.number, rows[i].number);
		assert_int_equal(file.kind, rows[i].kind);
	}
}

UNIT_TEST(test_hour)
{
	assert_int_equal(store_hour(0), 0);
	assert_int_equal(store_hour(-1), 0);
	assert_int_equal(store_hour(INT64_MIN), 0);
	assert_int_equal(store_hour(HOUR * 1000000000 - 1), 0);
	assert_int_equal(store_hour(HOUR * 1000000000), 1);
	assert_true(store_hour(INT64_MAX) <= 70389527);
}

UNIT_TEST(test_open)
{
	struct store other;

	open_store();
	assert_int_equal(store_open(&other, NULL, unit_path), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	close(other.lock);
	close(other.folder);
	close_store();
	assert_int_equal(store_open(&other, NULL, "/nowhere/at/all"), -1);
	assert_int_equal(errno, ENOENT);
}

UNIT_TEST(test_bound)
{
	open_store();
	for (int64_t hour = 1; hour <= 60; hour += 20)
		add(hour, "a.mp4", "text");
	assert_int_equal(mkdirat(unit_folder, "1970-01-09", 0755), 0);
	unit_put_text("1970-01-09/notes", "not ours");
	assert_int_equal(symlinkat("1970-01-01", unit_folder, "1970-01-08"), 0);
	assert_string_equal(all(),
		"1970-01-01/01t 1970-01-01/01i 1970-01-01/21t "
		"1970-01-01/21i 1970-01-02/17t 1970-01-02/17i ");
	/* 01 ended at the second hour: it is too old one second after age. */
	assert_int_equal(store_bound(&store, 100, -1, STORE_NO_HOUR, 2 * HOUR + 100), 0);
	assert_int_equal(store_bound(&store, 100, -1, 1, 2 * HOUR + 101), 0);
	assert_int_equal(store_bound(&store, 100, -1, 21, 2 * HOUR + 101), 1);
	assert_string_equal(
		all(), "1970-01-01/21t 1970-01-01/21i 1970-01-02/17t 1970-01-02/17i ");
	assert_int_equal(store_bound(&store, -1, 1 << 20, STORE_NO_HOUR, 0), 0);
	assert_int_equal(store_bound(&store, -1, 4000, 21, 0), 1);
	assert_string_equal(all(), "1970-01-01/21t 1970-01-01/21i ");
	assert_false(unit_exists("1970-01-02"));
	assert_int_equal(store_bound(&store, -1, 0, 21, 0), 0);
	assert_int_equal(store_bound(&store, -1, 0, STORE_NO_HOUR, 0), 1);
	assert_string_equal(all(), "");
	assert_string_equal(unit_get("1970-01-09/notes"), "not ours");
	unit_put_text("1970-01-09/05.index", "its archive is gone");
	assert_int_equal(store_bound(&store, -1, 1, STORE_NO_HOUR, 0), 0);
	assert_string_equal(all(), "");
	close_store();
}

/* Where these bytes lie in an archive; how much stands before them is for libarchive to
 * say. */
static size_t place_of(const char *archive, const char *bytes)
{
	static char all_bytes[8192];
	ssize_t len = path_read(unit_folder, archive, all_bytes, sizeof all_bytes);

	assert_true(len > 0);
	const char *at = memmem(all_bytes, (size_t)len, bytes, strlen(bytes));
	assert_non_null(at);
	return (size_t)(at - all_bytes);
}

/* The index tells where in the ZIP each clip's bytes are; two is NULL: there is one only.
 */
static void expect_zip_index(const char *one, const char *two)
{
	char wanted[256];
	int len = snprintf(wanted, sizeof wanted,
		"a.mp4\t1970-01-01T01:00:00.007Z\t2.000\t3\t%zu\n",
		place_of("1970-01-01/01.zip", one));

	if (two)
		snprintf(wanted + len, sizeof wanted - (size_t)len,
			"b.mp4\t1970-01-01T01:00:00.007Z\t2.000\t3\t%zu\n",
			place_of("1970-01-01/01.zip", two));
	assert_string_equal(unit_get("1970-01-01/01.index"), wanted);
}

UNIT_TEST(test_zip)
{
	open_store();
	add(1, "a.mp4", "one");
	add(1, "b.mp4", "two");
	add(2, "a.mp4", "three");
	assert_int_equal(store_zip(&store, false, 0, 0, -1), 0);
	assert_int_equal(store_zip(&store, true, 1, 2, -1), 0);
	assert_string_equal(all(),
		"1970-01-01/01t 1970-01-01/01i 1970-01-01/02t "
		"1970-01-01/02i ");
	assert_int_equal(store_zip(&store, true, 2, 2, -1), 0);
	assert_string_equal(all(),
		"1970-01-01/01z 1970-01-01/01i 1970-01-01/02t "
		"1970-01-01/02i ");
	expect_zip_index("one", "two");

	/* What comes late waits beside it: the same again, and another by that name. */
	add(1, "a.mp4", "one");
	add(1, "a.mp4", "four");
	assert_string_equal(all(),
		"1970-01-01/01z 1970-01-01/01i 1970-01-01/01.1t "
		"1970-01-01/01.1i 1970-01-01/02t 1970-01-01/02i ");
	assert_int_equal(store_zip(&store, true, 2, 2, -1), 0);
	const char *index = unit_get("1970-01-01/01.index");
	assert_non_null(strstr(index, "\na.1.mp4\t1970-01-01T01:00:00.007Z\t2.000\t4\t"));
	assert_null(strstr(index, "a.2.mp4"));
	assert_string_equal(all(),
		"1970-01-01/01z 1970-01-01/01i 1970-01-01/02t "
		"1970-01-01/02i ");
	close_store();
}

/* What is no archive is not touched, and the rest goes on. */
UNIT_TEST(test_zip_unfit)
{
	open_store();
	add(1, "a.mp4", "one");
	add(2, "b.mp4", "two");
	unit_put_text("1970-01-01/01.zip", "noise");
	unit_put_text("1970-01-01/02.2.tar", "noise");
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "", 1), 1);
	assert_int_equal(store_zip(&store, true, -1, -1, ends[0]), -1);
	assert_string_equal(unit_get("1970-01-01/01.index"),
		"a.mp4\t1970-01-01T01:00:00.007Z\t2.000\t3\t1536\n");
	assert_int_equal(store_zip(&store, true, -1, -1, -1), 0);
	assert_string_equal(unit_get("1970-01-01/01.zip"), "noise");
	assert_string_equal(unit_get("1970-01-01/02.2.tar"), "noise");
	assert_string_equal(all(),
		"1970-01-01/01z 1970-01-01/01.1z 1970-01-01/01.1i 1970-01-01/02z "
		"1970-01-01/02i 1970-01-01/02.2t ");
	close(ends[0]);
	close(ends[1]);
	close_store();
}

/* Killed when the ZIP is there and the TAR should go: done again, each clip once. */
UNIT_TEST(test_zip_half_done)
{
	char tar[8192];

	open_store();
	add(1, "a.mp4", "one");
	ssize_t len = path_read(unit_folder, "1970-01-01/01.tar", tar, sizeof tar);
	assert_true(len > 0);
	assert_int_equal(store_zip(&store, true, -1, -1, -1), 0);
	unit_put("1970-01-01/01.tar", tar, (size_t)len);
	assert_int_equal(store_zip(&store, false, 1, -1, -1), 0);
	assert_string_equal(
		all(), "1970-01-01/01t 1970-01-01/01z 1970-01-01/01i "); /* it is open */
	assert_int_equal(store_zip(&store, false, -1, 1, -1), 0);
	assert_string_equal(all(), "1970-01-01/01z 1970-01-01/01i ");
	expect_zip_index("one", NULL);
	close_store();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_hour),
		UNIT_IN_FOLDER(test_open),
		UNIT_IN_FOLDER(test_bound),
		UNIT_IN_FOLDER(test_zip),
		UNIT_IN_FOLDER(test_zip_unfit),
		UNIT_IN_FOLDER(test_zip_half_done),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
