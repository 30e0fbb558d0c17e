/* clip_list: equal bytes, lines of an index. */
#include "unit.h"

#include <archive.h>
#include <archive_entry.h>

#include "clip_list.h"

UNIT_TEST(test_same)
{
	unit_put_text("a", "0123456789");
	unit_put_text("b", "x0123456780");
	int a = openat(unit_folder, "a", O_RDONLY),
	    b = openat(unit_folder, "b", O_RDONLY);

	assert_int_equal(clip_list_same(a, 0, b, 1, 9), 1);
	assert_int_equal(clip_list_same(a, 0, b, 1, 10), 0);
	assert_int_equal(clip_list_same(a, 0, b, 0, 1), 0);
	assert_int_equal(clip_list_same(a, 10, b, 11, 0), 1);
	assert_int_equal(clip_list_same(a, 5, a, 5, 6), 0); /* it is shorter */
	assert_int_equal(clip_list_same(a, 0, -1, 0, 1), -1);
	close(a);
	close(b);
}

UNIT_TEST(test_index)
{
	const struct listed_clip rows[] = {
		{NULL, 1234567890123456789, 61005, 10, 512},
		{NULL, -1, CLIP_LIST_NO_DURATION, 20, 1024},
		{NULL, 5000000000, 7, 30, 2048},
	};
	static const char *const names[] = {"a b.mp4", "t\tn\n.mp4", "z.mp4"};
	struct clip_list packed = {0};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		assert_int_equal(clip_list_add(&packed, names[i], rows[i]), 0);
	assert_ptr_equal(clip_list_find(&packed, "z.mp4"), &packed.clips[2]);
	assert_null(clip_list_find(&packed, "z.mp"));
	assert_int_equal(clip_list_index(&packed, unit_folder, "index"), 0);
	assert_string_equal(unit_get("index"),
		"a b.mp4\t2009-02-13T23:31:30.123Z\t61.005\t10\t512\n"
		"t\\x09n\\x0a.mp4\t1969-12-31T23:59:59.999Z\t-\t20\t1024\n"
		"z.mp4\t1970-01-01T00:00:05.000Z\t0.007\t30\t2048\n");

	/* What an archive does not tell is learnt from it, by name and size. */
	clip_list_cut(&packed, 0);
	for (size_t i = UNIT_COUNT(rows); i-- > 0;) {
		struct listed_clip clip = rows[i];
		clip.duration_ms = CLIP_LIST_NO_DURATION;
		clip.mtime_ns = clip.mtime_ns / 1000000000 * 1000000000;
		clip.size += i == 2;
		assert_int_equal(clip_list_add(&packed, names[i], clip), 0);
	}
	clip_list_learn(&packed, unit_folder, "index");
	assert_int_equal(packed.clips[2].duration_ms, 61005);
	assert_int_equal(packed.clips[2].mtime_ns, 1234567890123000000);
	assert_int_equal(packed.clips[0].duration_ms, CLIP_LIST_NO_DURATION);
	clip_list_learn(&packed, unit_folder, "nothing");
	clip_list_free(&packed);
}

/* One that is broken tells less, and nothing wrong. */
UNIT_TEST(test_learn)
{
	static const struct {
		const char *index;
		int64_t duration_ms, mtime_ms;
	} rows[] = {
		{"a\t1970-01-01T00:00:05.123Z\t2.500\t10\t512\n", 2500, 5123},
		{"a\t1970-01-01T00:00:05.123Z\t-\t10\n", CLIP_LIST_NO_DURATION, 5123},
		{"a\t1970-01-01T00:00:05.123Z\t2.x00\t10\n", CLIP_LIST_NO_DURATION, 5123},
		{"a\t1970-01-01T00:00:05.123Z\tx.500\t10\n", CLIP_LIST_NO_DURATION, 5123},
		{"a\t1970-01-01T00:00:06.123Z\t2.500\t10\n", 2500, 5000},
		{"a\t1970-01-01T00:00:05.1x3Z\t2.500\t10\n", CLIP_LIST_NO_DURATION, 5000},
		{"a\t1970-01-01T00:00:05Z\t2.500\t10\n", CLIP_LIST_NO_DURATION, 5000},
		{"a\tnever\t2.500\t10\n", CLIP_LIST_NO_DURATION, 5000},
		{"a\t1970-01-01T00:00:05.123Z\t2.500\t1x\n", CLIP_LIST_NO_DURATION, 5000},
		{"a\t1970-01-01T00:00:05.123Z\t2.500\n", CLIP_LIST_NO_DURATION, 5000},
		{"a\n\n\n", CLIP_LIST_NO_DURATION, 5000},
		{"\\x6\t1970-01-01T00:00:05.123Z\t2.500\t10\n", CLIP_LIST_NO_DURATION,
			5000},
		{"a\t1970-01-01T00:00:05.123Z\t2.500\t10", CLIP_LIST_NO_DURATION, 5000},
		{"b\nnot\na line\na\t1970-01-01T00:00:05.123Z\t0.007\t10\n", 7, 5123},
	};
	const struct listed_clip clip = {
		NULL, 5000000000, CLIP_LIST_NO_DURATION, 10, 512};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct clip_list packed = {0};

		unit_put_text("index", rows[i].index);
		assert_int_equal(clip_list_add(&packed, "a", clip), 0);
		clip_list_learn(&packed, unit_folder, "index");
		if (packed.clips->duration_ms != rows[i].duration_ms ||
			packed.clips->mtime_ns != rows[i].mtime_ms * 1000000)
			fail_msg("row %zu: %lld, %lld", i,
				(long long)packed.clips->duration_ms,
				(long long)packed.clips->mtime_ns);
		clip_list_free(&packed);
	}
}

/* On a full disk the index stays as it is. */
UNIT_TEST(test_index_full)
{
	const struct listed_clip clip = {NULL, 0, 1, 10, 512};
	struct clip_list packed = {0};

	assert_int_equal(clip_list_index(&packed, unit_folder, "index"), 0);
	assert_int_equal(clip_list_add(&packed, "a", clip), 0);
	unit_disk(20);
	int code = clip_list_index(&packed, unit_folder, "index");
	unit_disk(RLIM_INFINITY);
	assert_true(unit_ended(code, EFBIG));
	assert_string_equal(unit_get("index"), "");
	assert_int_equal(unit_entries(), 1);
	clip_list_free(&packed);
}

/* Writes an archive of "a" and then an entry of this kind. Its descriptor. */
static int put_archive(
	enum clip_list_format format, unsigned kind, const char *compression)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	int fd = openat(
		unit_folder, "archive", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (format == CLIP_LIST_TAR)
		archive_write_set_format_pax_restricted(archive);
	else
		archive_write_set_format_zip(archive);
	if (compression)
		archive_write_set_options(archive, compression);
	assert_int_equal(archive_write_open_fd(archive, fd), ARCHIVE_OK);
	for (int i = 0; i < 2; i++) {
		archive_entry_clear(entry);
		archive_entry_set_pathname(entry, i == 0 ? "a" : "b");
		archive_entry_set_filetype(entry, i == 0 ? AE_IFREG : kind);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_mtime(entry, 1000000000, 0);
		if (i == 0 || kind == AE_IFREG)
			archive_entry_set_size(entry, 4);
		if (i == 1 && kind == AE_IFLNK)
			archive_entry_set_symlink(entry, "a");
		if (i == 1 && kind == 0)
			archive_entry_set_hardlink(entry, "a");
		assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
		if (i == 0 || kind == AE_IFREG)
			assert_int_equal(archive_write_data(archive, "clip", 4), 4);
	}
	archive_entry_free(entry);
	assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
	return fd;
}

/* Only where bytes lie as they are can others be put behind them, or be taken out. */
UNIT_TEST(test_walk)
{
	static const struct {
		enum clip_list_format format;
		unsigned kind; /* 0: a hard link */
		const char *compression;
		int cut; /* bytes at the end */
		int error;
	} rows[] = {
		{CLIP_LIST_TAR, AE_IFREG, NULL, 0, 0},
		{CLIP_LIST_TAR, AE_IFDIR, NULL, 0, EBADMSG},
		{CLIP_LIST_TAR, AE_IFLNK, NULL, 0, EBADMSG},
		{CLIP_LIST_TAR, AE_IFIFO, NULL, 0, EBADMSG},
		{CLIP_LIST_TAR, 0, NULL, 0, EBADMSG},
		{CLIP_LIST_TAR, AE_IFREG, NULL, 1200, EBADMSG},
		{CLIP_LIST_ZIP, AE_IFREG, "compression=store", 0, 0},
		{CLIP_LIST_ZIP, AE_IFREG, "compression=deflate", 0, EBADMSG},
		{CLIP_LIST_ZIP, AE_IFREG, "compression=store", 1, EBADMSG},
	};
	off_t end;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int fd = put_archive(rows[i].format, rows[i].kind, rows[i].compression);
		struct clip_list packed = {0};

		off_t size = lseek(fd, 0, SEEK_END);
		assert_int_equal(ftruncate(fd, size - rows[i].cut), 0);
		int code = clip_list_walk(&packed, fd, rows[i].format, &end);
		if (!unit_ended(code, rows[i].error) || (code == 0 && packed.count != 2))
			fail_msg("row %zu: %d, errno %d, %zu", i, code, errno,
				packed.count);
		clip_list_free(&packed);
		close(fd);
	}
	assert_int_equal(
		clip_list_walk(&(struct clip_list){0}, -1, CLIP_LIST_TAR, &end), -1);
}

UNIT_TEST(test_limit)
{
	struct clip_list packed = {0};

	for (size_t i = 0; i < CLIP_LIST_MAX; i++)
		assert_int_equal(clip_list_add(&packed, "", (struct listed_clip){0}), 0);
	assert_int_equal(clip_list_add(&packed, "", (struct listed_clip){0}), -1);
	assert_int_equal(errno, EFBIG);
	clip_list_free(&packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_same),
		UNIT_IN_FOLDER(test_index),
		UNIT_IN_FOLDER(test_learn),
		UNIT_IN_FOLDER(test_index_full),
		UNIT_IN_FOLDER(test_walk),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests_name("clip_list", tests, NULL, NULL);
}
