/* hour_tar: clips that are added to an archive, and what is mended when it is opened. */
#include "unit.h"

#include <locale.h>

#include "hour_tar.h"

#define SECOND INT64_C(1000000000)

/* A source with that text. The descriptor is the source's. */
static struct batch_source source(const char *name, const char *text, int64_t mtime_ns)
{
	const struct timespec times[2] = {{0, 0}, {mtime_ns / SECOND, mtime_ns % SECOND}};
	struct batch_source source = {.name = name, .duration_ms = 1500};
	struct stat st;

	unit_put_text("source", text);
	source.fd = openat(unit_folder, "source", O_RDONLY | O_CLOEXEC);
	assert_int_equal(unlinkat(unit_folder, "source", 0), 0);
	assert_int_equal(futimens(source.fd, times), 0);
	assert_int_equal(fstat(source.fd, &st), 0);
	source.id = path_id(&st);
	return source;
}

static void open_hour(struct hour_tar *hour)
{
	assert_int_equal(hour_tar_open(hour, dup(unit_folder), "10"), 0);
}

/* The names of what is in the archive, for who opens it now. */
static const char *names(void)
{
	static char text[1024];
	struct clip_list packed = {0};
	off_t end;
	int fd = openat(unit_folder, "10.tar", O_RDONLY | O_CLOEXEC);

	text[0] = '\0';
	assert_int_equal(clip_list_walk(&packed, fd, CLIP_LIST_TAR, &end), 0);
	for (size_t i = 0; i < packed.count; i++)
		strcat(strcat(text, packed.clips[i].name), " ");
	clip_list_free(&packed);
	close(fd);
	return text;
}

static off_t size_of(const char *rel)
{
	struct stat st;

	assert_int_equal(fstatat(unit_folder, rel, &st, 0), 0);
	return st.st_size;
}

UNIT_TEST(test_add)
{
	struct batch_source one[] = {source("a/1.mp4", "one", SECOND + 1),
		source("\xc3\xa4.mp4", "", 2 * SECOND), source("2", "two", 3)};
	struct hour_tar hour;
	int free_before = unit_free_descriptor();

	open_hour(&hour);
	assert_string_equal(names(), "");
	assert_int_equal(size_of("10.tar"), 1024);
	assert_int_equal(hour_tar_add(&hour, one, 3, -1), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(one[i].state, BATCH_PACKED);
	assert_string_equal(names(), "a/1.mp4 \xc3\xa4.mp4 2 ");
	assert_string_equal(unit_get("10.index"),
		"a/1.mp4\t1970-01-01T00:00:01.000Z\t1.500\t3\t1536\n"
		"\xc3\xa4.mp4\t1970-01-01T00:00:02.000Z\t1.500\t0\t3584\n"
		"2\t1970-01-01T00:00:00.000Z\t1.500\t3\t5120\n");
	hour_tar_close(&hour);
	assert_int_equal(unit_free_descriptor(), free_before);

	/* The same again; another one of the same name; the same twice in a batch. */
	open_hour(&hour);
	one[0].state = BATCH_WAITS;
	struct batch_source two[] = {one[0], source("a/1.mp4", "new", SECOND + 1),
		source("2", "two", 4), source("2", "two", 4)};
	assert_int_equal(hour_tar_add(&hour, two, 4, -1), 0);
	assert_int_equal(two[0].state, BATCH_AGAIN);
	assert_int_equal(two[1].state, BATCH_PACKED);
	assert_int_equal(two[2].state, BATCH_PACKED);
	assert_int_equal(two[3].state, BATCH_AGAIN);
	assert_string_equal(names(), "a/1.mp4 \xc3\xa4.mp4 2 a/1.1.mp4 2.1 ");
	off_t size = size_of("10.tar");
	assert_int_equal(hour_tar_add(&hour, two, 1, -1), 0);
	assert_int_equal(two[0].state, BATCH_AGAIN);
	assert_int_equal(size_of("10.tar"), size);
	hour_tar_close(&hour);
	for (size_t i = 0; i < 3; i++)
		close(one[i].fd);
	for (size_t i = 1; i < 4; i++)
		close(two[i].fd);
}

UNIT_TEST(test_left_out)
{
	struct batch_source some[] = {source("1.mp4", "one", 1),
		source("shorter.mp4", "two", 2), source("touched.mp4", "three", 3),
		source("4.mp4", "four", 4)};
	const struct timespec later[2] = {{9, 9}, {9, 9}};
	struct hour_tar hour;

	some[1].id.size = 100;
	assert_int_equal(futimens(some[2].fd, later), 0);
	open_hour(&hour);
	assert_int_equal(hour_tar_add(&hour, some, 4, -1), 0);
	assert_int_equal(some[0].state, BATCH_PACKED);
	assert_int_equal(some[1].state, BATCH_CHANGED);
	assert_int_equal(some[2].state, BATCH_CHANGED);
	assert_int_equal(some[3].state, BATCH_PACKED);
	assert_string_equal(names(), "1.mp4 4.mp4 ");

	struct batch_source folder = {.fd = unit_folder, .name = "folder", .id.size = 5};
	assert_int_equal(hour_tar_add(&hour, &folder, 1, -1), 0);
	assert_int_equal(folder.state, BATCH_UNREADABLE);
	assert_int_equal(folder.error, EISDIR);
	assert_string_equal(names(), "1.mp4 4.mp4 ");
	hour_tar_close(&hour);
	for (size_t i = 0; i < UNIT_COUNT(some); i++)
		close(some[i].fd);
}

UNIT_TEST(test_stop)
{
	struct batch_source one = source("1.mp4", "one", 1);
	struct hour_tar hour;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "", 1), 1);
	open_hour(&hour);
	assert_int_equal(hour_tar_add(&hour, &one, 1, ends[0]), -1);
	assert_int_equal(errno, ECANCELED);
	assert_string_equal(names(), "");
	assert_int_equal(size_of("10.tar"), 1024);
	assert_int_equal(size_of("10.index"), 0);
	assert_int_equal(hour_tar_add(&hour, &one, 1, -1), 0);
	assert_string_equal(names(), "1.mp4 ");
	hour_tar_close(&hour);
	close(one.fd);
	close(ends[0]);
	close(ends[1]);
}

/* What lies behind the end, and whatever the index says. */
UNIT_TEST(test_mend)
{
	static const char *const indexes[] = {"", "noise", "1.mp4\t1970",
		("1.mp4\t1970-01-01T00:00:00.000Z\t1.500\t3\t99\n"
		 "2.mp4\t1970-01-01T00:00:00.000Z\t1.500\t3\t9999\n")};
	struct batch_source one = source("1.mp4", "one", 1);
	struct hour_tar hour;
	char path[300];

	open_hour(&hour);
	assert_int_equal(hour_tar_add(&hour, &one, 1, -1), 0);
	hour_tar_close(&hour);
	off_t size = size_of("10.tar");
	for (size_t i = 0; i < UNIT_COUNT(indexes); i++) {
		unit_put_text("10.index", indexes[i]);
		int fd = openat(unit_folder, "10.tar", O_WRONLY | O_APPEND | O_CLOEXEC);
		assert_int_equal(write(fd, "something", 9), 9);
		close(fd);
		open_hour(&hour);
		assert_int_equal(size_of("10.tar"), size);
		assert_int_equal(hour.packed.count, 1);
		assert_int_equal(hour.packed.clips[0].mtime_ns, 1);
		hour_tar_close(&hour);
		assert_string_equal(unit_get("10.index"),
			i == 3 ? "1.mp4\t1970-01-01T00:00:00.000Z\t1.500\t3\t1536\n"
			       : "1.mp4\t1970-01-01T00:00:00.000Z\t-\t3\t1536\n");
	}
	/* The end marker is gone, in part or whole. */
	snprintf(path, sizeof path, "%s/10.tar", unit_path);
	for (off_t less = 0; less <= 1024; less += 512) {
		assert_int_equal(truncate(path, size - less), 0);
		open_hour(&hour);
		assert_int_equal(size_of("10.tar"), size);
		hour_tar_close(&hour);
	}
	close(one.fd);
}

UNIT_TEST(test_unfit)
{
	struct batch_source one = source("1.mp4", "one", 1);
	struct hour_tar hour;
	char path[300];
	int free_before = unit_free_descriptor();

	unit_put_text("11.tar", "this is no archive");
	open_hour(&hour);
	assert_int_equal(hour_tar_add(&hour, &one, 1, -1), 0);
	hour_tar_close(&hour);
	snprintf(path, sizeof path, "%s/10.tar", unit_path);
	assert_int_equal(truncate(path, 1537), 0); /* within the clip */
	assert_int_equal(symlinkat("10.tar", unit_folder, "12.tar"), 0);
	assert_int_equal(mkdirat(unit_folder, "13.tar", 0755), 0);
	assert_int_equal(mkfifoat(unit_folder, "14.tar", 0644), 0);
	assert_int_equal(linkat(unit_folder, "11.tar", unit_folder, "15.tar", 0), 0);
	static const struct {
		const char *stem;
		int error;
	} rows[] = {{"10", EBADMSG}, {"12", ELOOP}, {"13", EISDIR}, {"14", EINVAL},
		{"15", EINVAL}};
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		assert_int_equal(hour_tar_open(&hour, unit_folder, rows[i].stem), -1);
		assert_int_equal(errno, rows[i].error);
	}
	assert_int_equal(size_of("10.tar"), 1537);
	assert_string_equal(unit_get("11.tar"), "this is no archive");
	assert_int_equal(unit_free_descriptor(), free_before);
	close(one.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_add),
		UNIT_IN_FOLDER(test_left_out),
		UNIT_IN_FOLDER(test_stop),
		UNIT_IN_FOLDER(test_mend),
		UNIT_IN_FOLDER(test_unfit),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("hour_tar", tests, NULL, NULL);
}
