/*
 * libarchive reads headers and data; every entry is first checked by refuse, whatever its
 * name, and after each block the limits are checked. libarchive accepts some broken
 * archives, so two more checks follow at the end: a TAR must have its end mark (has_end),
 * and a gzip file its checksum (gzip.h).
 */
#include "read_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/text.h"
#include "clip/clipname.h"
#include "gzip.h"

#define BLOCK (256 << 10) /* bytes to read at once */

static const char *const names[READ_ARCHIVE_CODES] = {
	[READ_ARCHIVE_GOOD] = "good",
	[READ_ARCHIVE_BROKEN] = "broken",
	[READ_ARCHIVE_ENCRYPTED] = "encrypted",
	[READ_ARCHIVE_LINK] = "link",
	[READ_ARCHIVE_DEVICE] = "device",
	[READ_ARCHIVE_SET_ID] = "set-id",
	[READ_ARCHIVE_SPARSE] = "sparse",
	[READ_ARCHIVE_NESTED] = "nested",
	[READ_ARCHIVE_NAME] = "name",
	[READ_ARCHIVE_TOO_MANY] = "entries",
	[READ_ARCHIVE_SIZE] = "size",
	[READ_ARCHIVE_RATIO] = "ratio",
	[READ_ARCHIVE_TIME] = "time",
	[READ_ARCHIVE_NO_CLIPS] = "no-clips",
	[READ_ARCHIVE_DIED] = "parser-died",
	[READ_ARCHIVE_STOPPED] = "stopped",
};

const char *read_archive_code_name(enum read_archive_code code)
{
	return names[code];
}

bool read_archive_knows(const void *head, size_t len)
{
	static const struct {
		size_t at, len;
		const char *bytes;
	} marks[] = {
		{0, 4, "PK\3\4"},
		{0, 4, "PK\5\6"},
		{0, 3, "\x1f\x8b\x08"},
		{0, 3, "BZh"},
		{0, 6,
			"\xfd"
			"7zXZ"},
		{0, 4, "\x28\xb5\x2f\xfd"},
		{257, 5, "ustar"},
	};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (len >= marks[i].at + marks[i].len &&
			memcmp((const char *)head + marks[i].at, marks[i].bytes,
				marks[i].len) == 0)
			return true;
	return false;
}

enum read_archive_code read_archive_limit(int64_t clips, int64_t bytes, int64_t size)
{
	if (clips > READ_ARCHIVE_MAX)
		return READ_ARCHIVE_TOO_MANY;
	if (bytes > READ_ARCHIVE_BYTES_MAX)
		return READ_ARCHIVE_SIZE;
	if (bytes > READ_ARCHIVE_RATIO_FREE && bytes / READ_ARCHIVE_RATIO_MAX > size)
		return READ_ARCHIVE_RATIO;
	return READ_ARCHIVE_GOOD;
}

static const char *last_component(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/' || *path == '\\')
			name = path + 1;
	return name;
}

static bool name_ok(const char *name)
{
	return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
		strlen(name) <= READ_ARCHIVE_NAME_MAX && !text_has_control(name);
}

/* The reason to refuse an entry, even one that is no clip; or READ_ARCHIVE_GOOD. */
static enum read_archive_code refuse(struct archive_entry *entry, const char *path)
{
	unsigned type = archive_entry_filetype(entry);

	if (archive_entry_hardlink(entry) || archive_entry_symlink(entry) ||
		type == AE_IFLNK)
		return READ_ARCHIVE_LINK;
	if (type == AE_IFBLK || type == AE_IFCHR || type == AE_IFIFO || type == AE_IFSOCK)
		return READ_ARCHIVE_DEVICE;
	if (!path)
		return READ_ARCHIVE_NAME;
	if (type == AE_IFDIR)
		return READ_ARCHIVE_GOOD;
	const char *name = last_component(path);
	if (!name_ok(name))
		return READ_ARCHIVE_NAME;
	if (archive_entry_perm(entry) & (S_ISUID | S_ISGID))
		return READ_ARCHIVE_SET_ID;
	if (archive_entry_sparse_count(entry) > 0)
		return READ_ARCHIVE_SPARSE;
	if (archive_entry_is_encrypted(entry))
		return READ_ARCHIVE_ENCRYPTED;
	return clipname_archive(name) ? READ_ARCHIVE_NESTED : READ_ARCHIVE_GOOD;
}

struct reading {
	struct archive *archive;
	struct read_archive_sink *sink;
	int64_t size, entries, clips, bytes;
};

static enum read_archive_code limit(const struct reading *reading)
{
	int64_t filtered = archive_filter_bytes(reading->archive, 0);

	return read_archive_limit(reading->entries,
		filtered > reading->bytes ? filtered : reading->bytes, reading->size);
}

/* Reads the bytes of an entry, and passes them to the sink if wanted. There must be as
 * many as declared, unless that is -1. */
static enum read_archive_code read_data(
	struct reading *reading, bool wanted, int64_t declared)
{
	const void *bytes;
	la_int64_t offset, expected = 0;
	enum read_archive_code code;
	size_t len;
	int got;

	while ((got = archive_read_data_block(reading->archive, &bytes, &len, &offset)) ==
		ARCHIVE_OK) {
		if (offset != expected)
			return READ_ARCHIVE_SPARSE;
		if (wanted && expected == 0 && read_archive_knows(bytes, len))
			return READ_ARCHIVE_NESTED;
		expected += (la_int64_t)len;
		reading->bytes += (int64_t)len;
		if ((code = limit(reading)) != READ_ARCHIVE_GOOD)
			return code;
		if (wanted && len > 0 && reading->sink->data(reading->sink, bytes, len))
			return READ_ARCHIVE_STOPPED;
	}
	return got == ARCHIVE_EOF && (declared < 0 || expected == declared)
		? READ_ARCHIVE_GOOD
		: READ_ARCHIVE_BROKEN;
}

static enum read_archive_code read_entry(
	struct reading *reading, struct archive_entry *entry, const char *path)
{
	enum read_archive_code code = refuse(entry, path);

	reading->entries++;
	if (code == READ_ARCHIVE_GOOD)
		code = limit(reading);
	if (code != READ_ARCHIVE_GOOD || archive_entry_filetype(entry) == AE_IFDIR)
		return code;
	const char *name = last_component(path);
	bool wanted = clipname_ok(name, NULL);
	if (!wanted && archive_filter_count(reading->archive) == 1)
		return archive_read_data_skip(reading->archive) < ARCHIVE_WARN
			? READ_ARCHIVE_BROKEN
			: READ_ARCHIVE_GOOD;
	int64_t mtime =
		archive_entry_mtime_is_set(entry) ? archive_entry_mtime(entry) : 0;
	bool known = mtime > 0 && mtime < INT64_MAX / 2000000000;
	mtime = known ? mtime * CLOCK_SECOND_NS + archive_entry_mtime_nsec(entry) : 0;
	reading->clips += wanted;
	if (wanted && reading->sink->clip(reading->sink, name, mtime))
		return READ_ARCHIVE_STOPPED;
	return read_data(reading, wanted,
		archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1);
}

/* False for a TAR without an end mark: it was cut between two entries. */
static bool has_end(struct archive *archive)
{
	bool tar = (archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK) ==
		ARCHIVE_FORMAT_TAR;

	return !tar ||
		archive_filter_bytes(archive, 0) > archive_read_header_position(archive);
}

static void support(struct archive *archive)
{
	archive_read_support_format_tar(archive);
	archive_read_support_format_zip(archive);
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_zstd(archive);
}

/* Reads all entries, up to the first bad one. *path is the name of that one, or NULL. */
static enum read_archive_code read_all(struct reading *reading, const char **path)
{
	enum read_archive_code code = READ_ARCHIVE_GOOD;
	struct archive_entry *entry;
	int got;

	while ((got = archive_read_next_header(reading->archive, &entry)) == ARCHIVE_OK) {
		*path = archive_entry_pathname(entry);
		code = read_entry(reading, entry, *path);
		if (code != READ_ARCHIVE_GOOD)
			return code;
		*path = NULL; /* the text is freed with the entry */
	}
	/* Warnings count as errors: libarchive warns when it leaves something out. */
	if (got != ARCHIVE_EOF)
		return archive_read_has_encrypted_entries(reading->archive) == 1
			? READ_ARCHIVE_ENCRYPTED
			: READ_ARCHIVE_BROKEN;
	return reading->clips > 0 ? READ_ARCHIVE_GOOD : READ_ARCHIVE_NO_CLIPS;
}

enum read_archive_code read_archive(int file, int64_t size,
	struct read_archive_sink *sink, char *detail, size_t detail_size)
{
	struct archive *archive = archive_read_new();
	struct reading reading = {archive, sink, size, 0, 0, 0};
	enum read_archive_code code = READ_ARCHIVE_BROKEN;
	const char *path = NULL, *why = NULL;

	*detail = '\0';
	if (!archive)
		return READ_ARCHIVE_DIED;
	support(archive);
	if (archive_read_open_fd(archive, file, BLOCK) == ARCHIVE_OK)
		code = read_all(&reading, &path);
	if (code == READ_ARCHIVE_BROKEN)
		why = archive_error_string(archive);
	if ((code == READ_ARCHIVE_GOOD || code == READ_ARCHIVE_NO_CLIPS) &&
		!has_end(archive)) {
		code = READ_ARCHIVE_BROKEN;
		why = "it breaks off";
	}
	if ((code == READ_ARCHIVE_GOOD || code == READ_ARCHIVE_NO_CLIPS) &&
		!gzip_is_whole(file)) {
		code = READ_ARCHIVE_BROKEN;
		why = "the checksum of gzip is another";
	}
	why = why ? why : path;
	if (why)
		snprintf(detail, detail_size, "%s", why);
	archive_read_free(archive);
	return code;
}
