#include "entries.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "clipname.h"

#define BLOCK (256 << 10) /* read at once */

static const char *const names[ENTRIES_CODES] = {
	[ENTRIES_GOOD] = "good",
	[ENTRIES_BROKEN] = "broken",
	[ENTRIES_ENCRYPTED] = "encrypted",
	[ENTRIES_LINK] = "link",
	[ENTRIES_DEVICE] = "device",
	[ENTRIES_SET_ID] = "set-id",
	[ENTRIES_SPARSE] = "sparse",
	[ENTRIES_NESTED] = "nested",
	[ENTRIES_NAME] = "name",
	[ENTRIES_TOO_MANY] = "entries",
	[ENTRIES_SIZE] = "size",
	[ENTRIES_RATIO] = "ratio",
	[ENTRIES_TIME] = "time",
	[ENTRIES_NO_CLIPS] = "no-clips",
	[ENTRIES_DIED] = "parser-died",
	[ENTRIES_STOPPED] = "stopped",
};

const char *entries_code_name(enum entries_code code)
{
	return names[code];
}

bool entries_is_archive(const void *head, size_t len)
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

enum entries_code entries_limit(int64_t clips, int64_t bytes, int64_t size)
{
	if (clips > ENTRIES_MAX)
		return ENTRIES_TOO_MANY;
	if (bytes > ENTRIES_BYTES_MAX)
		return ENTRIES_SIZE;
	if (bytes > ENTRIES_RATIO_FREE && bytes / ENTRIES_RATIO_MAX > size)
		return ENTRIES_RATIO;
	return ENTRIES_GOOD;
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
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		strlen(name) > ENTRIES_NAME_MAX)
		return false;
	for (const unsigned char *c = (const unsigned char *)name; *c; c++)
		if (*c < ' ' || *c == 0x7f)
			return false;
	return true;
}

/* What forbids an entry, whatever it is called. */
static enum entries_code refuse(struct archive_entry *entry, const char *path)
{
	unsigned type = archive_entry_filetype(entry);

	if (archive_entry_hardlink(entry) || archive_entry_symlink(entry) ||
		type == AE_IFLNK)
		return ENTRIES_LINK;
	if (type == AE_IFBLK || type == AE_IFCHR || type == AE_IFIFO || type == AE_IFSOCK)
		return ENTRIES_DEVICE;
	if (!path)
		return ENTRIES_NAME;
	if (type == AE_IFDIR)
		return ENTRIES_GOOD;
	const char *name = last_component(path);
	if (!name_ok(name))
		return ENTRIES_NAME;
	if (archive_entry_perm(entry) & (S_ISUID | S_ISGID))
		return ENTRIES_SET_ID;
	if (archive_entry_sparse_count(entry) > 0)
		return ENTRIES_SPARSE;
	if (archive_entry_is_encrypted(entry))
		return ENTRIES_ENCRYPTED;
	return clipname_archive(name) ? ENTRIES_NESTED : ENTRIES_GOOD;
}

struct reading {
	struct archive *archive;
	struct entries_sink *sink;
	int64_t size, entries, clips, bytes;
};

static enum entries_code limit(const struct reading *reading)
{
	int64_t filtered = archive_filter_bytes(reading->archive, 0);

	return entries_limit(reading->entries,
		filtered > reading->bytes ? filtered : reading->bytes, reading->size);
}

/* The bytes of an entry, to the sink if it is wanted: so many, unless it is -1. */
static enum entries_code read_data(struct reading *reading, bool wanted, int64_t declared)
{
	const void *bytes;
	la_int64_t offset, expected = 0;
	enum entries_code code;
	size_t len;
	int got;

	while ((got = archive_read_data_block(reading->archive, &bytes, &len, &offset)) ==
		ARCHIVE_OK) {
		if (offset != expected)
			return ENTRIES_SPARSE;
		if (wanted && expected == 0 && entries_is_archive(bytes, len))
			return ENTRIES_NESTED;
		expected += (la_int64_t)len;
		reading->bytes += (int64_t)len;
		if ((code = limit(reading)) != ENTRIES_GOOD)
			return code;
		if (wanted && len > 0 && reading->sink->data(reading->sink, bytes, len))
			return ENTRIES_STOPPED;
	}
	return got == ARCHIVE_EOF && (declared < 0 || expected == declared)
		? ENTRIES_GOOD
		: ENTRIES_BROKEN;
}

static enum entries_code read_entry(
	struct reading *reading, struct archive_entry *entry, const char *path)
{
	enum entries_code code = refuse(entry, path);

	reading->entries++;
	if (code == ENTRIES_GOOD)
		code = limit(reading);
	if (code != ENTRIES_GOOD || archive_entry_filetype(entry) == AE_IFDIR)
		return code;
	const char *name = last_component(path);
	bool wanted = clipname_ok(name, NULL);
	if (!wanted && archive_filter_count(reading->archive) == 1)
		return archive_read_data_skip(reading->archive) < ARCHIVE_WARN
			? ENTRIES_BROKEN
			: ENTRIES_GOOD;
	int64_t mtime =
		archive_entry_mtime_is_set(entry) ? archive_entry_mtime(entry) : 0;
	bool known = mtime > 0 && mtime < INT64_MAX / 2000000000;
	mtime = known ? mtime * 1000000000 + archive_entry_mtime_nsec(entry) : 0;
	reading->clips += wanted;
	if (wanted && reading->sink->clip(reading->sink, name, mtime))
		return ENTRIES_STOPPED;
	return read_data(reading, wanted,
		archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1);
}

/* A TAR that breaks off between two entries has no end mark. */
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

/* All entries, until one is not good. *path is that of the last, or NULL. */
static enum entries_code read_all(struct reading *reading, const char **path)
{
	enum entries_code code = ENTRIES_GOOD;
	struct archive_entry *entry;
	int got;

	while ((got = archive_read_next_header(reading->archive, &entry)) == ARCHIVE_OK) {
		*path = archive_entry_pathname(entry);
		code = read_entry(reading, entry, *path);
		if (code != ENTRIES_GOOD)
			return code;
		*path = NULL; /* it does not live on */
	}
	/* A warning is about something that was left out. */
	if (got != ARCHIVE_EOF)
		return archive_read_has_encrypted_entries(reading->archive) == 1
			? ENTRIES_ENCRYPTED
			: ENTRIES_BROKEN;
	return reading->clips > 0 ? ENTRIES_GOOD : ENTRIES_NO_CLIPS;
}

enum entries_code entries_read(int file, int64_t size, struct entries_sink *sink,
	char *detail, size_t detail_size)
{
	struct archive *archive = archive_read_new();
	struct reading reading = {archive, sink, size, 0, 0, 0};
	enum entries_code code = ENTRIES_BROKEN;
	const char *path = NULL, *why = NULL;

	*detail = '\0';
	if (!archive)
		return ENTRIES_DIED;
	support(archive);
	if (archive_read_open_fd(archive, file, BLOCK) == ARCHIVE_OK)
		code = read_all(&reading, &path);
	if (code == ENTRIES_BROKEN)
		why = archive_error_string(archive);
	if ((code == ENTRIES_GOOD || code == ENTRIES_NO_CLIPS) && !has_end(archive)) {
		code = ENTRIES_BROKEN;
		why = "it breaks off";
	}
	why = why ? why : path;
	if (why)
		snprintf(detail, detail_size, "%s", why);
	archive_read_free(archive);
	return code;
}
