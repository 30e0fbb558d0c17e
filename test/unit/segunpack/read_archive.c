/* read_archive: what an archive begins with, how much may come out of one, and who stops
 * it.
 */
#include "unit.h"

#include "read_archive.h"

UNIT_TEST(test_limit)
{
	static const struct {
		int64_t clips, bytes, size;
		enum read_archive_code code;
	} rows[] = {
		{0, 0, 0, READ_ARCHIVE_GOOD},
		{READ_ARCHIVE_MAX, 1, 1, READ_ARCHIVE_GOOD},
		{READ_ARCHIVE_MAX + 1, 1, 1, READ_ARCHIVE_TOO_MANY},
		{1, READ_ARCHIVE_BYTES_MAX, 1 << 30, READ_ARCHIVE_GOOD},
		{1, READ_ARCHIVE_BYTES_MAX + 1, 1 << 30, READ_ARCHIVE_SIZE},
		{1, READ_ARCHIVE_RATIO_FREE, 1, READ_ARCHIVE_GOOD},
		{1, READ_ARCHIVE_RATIO_FREE + 1, 1, READ_ARCHIVE_RATIO},
		{1, 2000000 * READ_ARCHIVE_RATIO_MAX, 2000000, READ_ARCHIVE_GOOD},
		{1, 2000000 * READ_ARCHIVE_RATIO_MAX, 1999999, READ_ARCHIVE_RATIO},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		if (read_archive_limit(rows[i].clips, rows[i].bytes, rows[i].size) !=
			rows[i].code)
			fail_msg("row %zu", i);
}

UNIT_TEST(test_is_archive)
{
	static const struct {
		size_t at;
		const char *bytes;
		bool archive;
	} rows[] = {
		{0, "PK\3\4", true},
		{0, "PK\5\6", true},
		{0, "PK\3\5", false},
		{1, "PK\3\4", false},
		{0, "\x1f\x8b\x08", true},
		{0, "BZh", true},
		{0,
			"\xfd"
			"7zXZ",
			true},
		{0, "\x28\xb5\x2f\xfd", true},
		{257, "ustar", true},
		{256, "ustar", false},
		{4, "ftyp", false},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		char head[READ_ARCHIVE_HEAD] = "";
		size_t end = rows[i].at + strlen(rows[i].bytes);

		memcpy(head + rows[i].at, rows[i].bytes, end - rows[i].at);
		if (read_archive_knows(head, sizeof head) != rows[i].archive)
			fail_msg("row %zu", i);
		if (read_archive_knows(head, end - 1))
			fail_msg("row %zu, cut", i);
	}
}

/* A sink that has enough of it after so many calls. */
struct taker {
	struct read_archive_sink sink;
	int clips, data, last;
};

static int stop(struct taker *taker)
{
	return taker->clips + taker->data == taker->last;
}

static int take_clip(struct read_archive_sink *sink, const char *name, int64_t mtime_ns)
{
	struct taker *taker = (struct taker *)sink;

	(void)name;
	(void)mtime_ns;
	taker->clips++;
	return stop(taker);
}

static int take_data(struct read_archive_sink *sink, const void *bytes, size_t len)
{
	struct taker *taker = (struct taker *)sink;

	(void)bytes;
	(void)len;
	taker->data++;
	return stop(taker);
}

UNIT_TEST(test_stopped)
{
	static const struct {
		int last;
		enum read_archive_code code;
		int clips, data;
	} rows[] = {{0, READ_ARCHIVE_GOOD, 2, 2}, {1, READ_ARCHIVE_STOPPED, 1, 0},
		{2, READ_ARCHIVE_STOPPED, 1, 1}, {3, READ_ARCHIVE_STOPPED, 2, 1}};
	char detail[256];

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct taker taker = {{take_clip, take_data}, 0, 0, rows[i].last};
		int fd = open("test/fuzz/corpus/read_archive/tar", O_RDONLY | O_CLOEXEC);

		enum read_archive_code code =
			read_archive(fd, 3072, &taker.sink, detail, sizeof detail);
		close(fd);
		if (code != rows[i].code || taker.clips != rows[i].clips ||
			taker.data != rows[i].data)
			fail_msg("row %zu: %s, %d, %d", i, read_archive_code_name(code),
				taker.clips, taker.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_is_archive),
		cmocka_unit_test(test_stopped),
	};

	return cmocka_run_group_tests_name("read_archive", tests, NULL, NULL);
}
