/* station_quarantine: what a quarantine shows, and its files by their numbers. */
#include "unit.h"

#include "station/station_quarantine.h"

static uint64_t number(const char *rel)
{
	struct stat st;

	assert_int_equal(fstatat(unit_folder, rel, &st, AT_SYMLINK_NOFOLLOW), 0);
	return station_quarantine_number(st.st_ino);
}

/* What the file of this number holds, or its errno. */
static const char *get(uint64_t of)
{
	static char text[64];
	struct stat st;

	int fd = station_quarantine_open_file(
		openat(unit_folder, ".", O_RDONLY | O_CLOEXEC), of, &st);
	if (fd < 0)
		return strerrorname_np(errno);
	assert_int_equal(station_quarantine_number(st.st_ino), of);
	ssize_t n = read(fd, text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return text;
}

UNIT_TEST(test_number)
{
	int before = unit_free_descriptor();

	unit_put_odd();
	unit_put_text("other", "another");
	unit_put_text(".hidden", "hidden");
	uint64_t file = number("file"), other = number("other");
	assert_string_equal(get(file), "text");
	assert_string_equal(get(number(".hidden")), "ENOENT");
	assert_string_equal(get(number("folder")), "ENOENT");
	assert_string_equal(get(number("fifo")), "ENOENT");
	assert_string_equal(get(number("link")), "ENOENT");
	/* A name that was remembered is no more than a hint. */
	station_quarantine_remember(other, "other");
	assert_string_equal(get(other), "another");
	station_quarantine_remember(other, "file");
	assert_string_equal(get(other), "another");
	station_quarantine_remember(other, "gone");
	assert_string_equal(get(other), "another");
	assert_int_equal(renameat(unit_folder, "other", unit_folder, "moved"), 0);
	assert_string_equal(get(other), "another");
	assert_int_equal(unlinkat(unit_folder, "moved", 0), 0);
	assert_string_equal(get(other), "ENOENT");
	assert_int_equal(unit_free_descriptor(), before);
}

/* A quarantine that is not there is empty; one that is no folder cannot be told. */
UNIT_TEST(test_count)
{
	char path[512];
	struct stat st;

	assert_int_equal(mkdirat(unit_folder, "q", 0755), 0);
	unit_put_text("q/clip.mp4", "");
	unit_put_text("q/clip.mp4.reason", "");
	unit_put_text("file", "");
	snprintf(path, sizeof path, "%s/q", unit_path);
	assert_int_equal(station_quarantine_count(path), 1);
	int fd = station_quarantine_open(path, &st);
	assert_true(fd >= 0 && S_ISDIR(st.st_mode));
	close(fd);
	snprintf(path, sizeof path, "%s/none", unit_path);
	assert_int_equal(station_quarantine_count(path), 0);
	assert_true(unit_ended(station_quarantine_open(path, &st), ENOENT));
	snprintf(path, sizeof path, "%s/file", unit_path);
	assert_true(unit_ended(station_quarantine_count(path), ENOTDIR));
}

UNIT_TEST(test_path)
{
	static const struct {
		const char *settings, *path;
	} rows[] = {{"WATCH_DIR=/srv/cam\n", "/srv/cam/_failed"}, {"", NULL},
		{"WATCH_DIR=relative\n", NULL}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct conf conf;

		assert_int_equal(
			conf_parse(&conf, rows[i].settings, strlen(rows[i].settings)), 0);
		char *path = station_quarantine_path(&conf);
		if (rows[i].path)
			assert_string_equal(path, rows[i].path);
		else
			assert_null(path);
		free(path);
		conf_free(&conf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_number),
		UNIT_IN_FOLDER(test_count),
		cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests_name("station_quarantine", tests, NULL, NULL);
}
