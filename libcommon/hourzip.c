#include "hourzip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atomic.h"
#include "clipname.h"
#include "hour.h"
#include "packed.h"
#include "path.h"
#include "text.h"

#define CHUNK (256 << 10)
#define WRITE_SIZE (64 << 10)
#define SECOND_NS INT64_C(1000000000)
#define NAME_SIZE (HOUR_STEM_MAX + 8)

/* One of the archives that are merged. */
struct part {
	int fd;
	struct packed packed;
};

/* Where a clip of the new archive comes from. */
struct origin {
	int fd;
	off_t offset;
};

struct merge {
	struct packed packed; /* what is in the new one; offsets are known at the end */
	struct origin origins[PACKED_CLIPS_MAX];
	struct archive *archive;
	int fd; /* of the new one */
	int error; /* why nothing is written any more, or 0 */
	int stop;
};

/* libarchive's writes. Never fails, as in hour.c: who writes looks at the error. */
static la_ssize_t put(struct archive *archive, void *data, const void *bytes, size_t len)
{
	struct merge *merge = data;

	(void)archive;
	for (size_t at = 0; at < len && !merge->error;) {
		ssize_t n = write(merge->fd, (const char *)bytes + at, len - at);
		if (n < 0 && errno != EINTR)
			merge->error = errno;
		at += n > 0 ? (size_t)n : 0;
	}
	return (la_ssize_t)len;
}

/* Whether libarchive, or what it writes to, has failed. Sets errno. */
static bool has_failed(const struct merge *merge, la_ssize_t code)
{
	if (merge->error || code < ARCHIVE_WARN)
		errno = merge->error ? merge->error : archive_errno(merge->archive);
	return merge->error || code < ARCHIVE_WARN;
}

static int open_part(struct part *part, int folder, const char *stem, const char *suffix)
{
	char name[NAME_SIZE], index[NAME_SIZE];
	off_t end;

	snprintf(name, sizeof name, "%.*s%s", HOUR_STEM_MAX - 1, stem, suffix);
	snprintf(index, sizeof index, "%.*s.index", HOUR_STEM_MAX - 1, stem);
	*part = (struct part){.fd = path_open_file(folder, name, NULL)};
	if (part->fd < 0 ||
		packed_walk(&part->packed, part->fd,
			strcmp(suffix, ".zip") == 0 ? PACKED_ZIP : PACKED_TAR, &end) < 0)
		return -1;
	packed_learn(&part->packed, folder, index);
	return 0;
}

static void close_part(struct part *part)
{
	path_close(part->fd);
	packed_free(&part->packed);
}

/* ZIP names are UTF-8, and some take a backslash for a slash: '_' in their place. */
static void make_fit(char *name)
{
	bool utf8 = text_is_utf8(name);

	for (; *name; name++)
		if (*name == '\\' || (!utf8 && (unsigned char)*name >= 0x80))
			*name = '_';
}

/* Finds its name. 1: it is there already; 0: it is not; -1: an error. */
static int find_name(const struct merge *merge, const struct part *part,
	const struct packed_clip *clip, char *name, size_t size)
{
	char wanted[PATH_MAX];

	snprintf(wanted, sizeof wanted, "%s", clip->name);
	make_fit(wanted);
	for (unsigned number = 0;; number++) {
		if (clipname_number(name, size, wanted, number) < 0)
			return -1;
		const struct packed_clip *other = packed_find(&merge->packed, name);
		if (!other)
			return 0;
		if (other->size != clip->size ||
			other->mtime_ns / SECOND_NS != clip->mtime_ns / SECOND_NS)
			continue;
		const struct origin *from = &merge->origins[other - merge->packed.clips];
		int same = packed_same(
			part->fd, clip->offset, from->fd, from->offset, clip->size);
		if (same)
			return same;
	}
}

static int copy(
	struct merge *merge, const struct part *part, const struct packed_clip *clip)
{
	static char chunk[CHUNK];
	struct pollfd stop = {merge->stop, POLLIN, 0};

	for (off_t at = 0; at < clip->size;) {
		size_t want = clip->size - at < CHUNK ? (size_t)(clip->size - at) : CHUNK;
		ssize_t n = pread(part->fd, chunk, want, clip->offset + at);
		if (n <= 0) {
			errno = n < 0 ? errno : EBADMSG;
			return -1;
		}
		if (has_failed(
			    merge, archive_write_data(merge->archive, chunk, (size_t)n)))
			return -1;
		at += n;
		if (merge->stop >= 0 && poll(&stop, 1, 0) > 0) {
			errno = ECANCELED;
			return -1;
		}
	}
	return 0;
}

static int add_clip(
	struct merge *merge, const struct part *part, const struct packed_clip *clip)
{
	char name[PATH_MAX];
	int there = find_name(merge, part, clip, name, sizeof name);

	if (there != 0)
		return there < 0 ? -1 : 0;
	struct archive_entry *entry = archive_entry_new();
	if (!entry)
		return -1;
	archive_entry_set_pathname(entry, name);
	archive_entry_set_mode(entry, AE_IFREG | 0644);
	archive_entry_set_size(entry, clip->size);
	archive_entry_set_mtime(entry, clip->mtime_ns / SECOND_NS, 0);
	int code = archive_write_header(merge->archive, entry);
	archive_entry_free(entry);
	if (has_failed(merge, code) || packed_add(&merge->packed, name, *clip) < 0)
		return -1;
	merge->origins[merge->packed.count - 1] = (struct origin){part->fd, clip->offset};
	return copy(merge, part, clip);
}

static int write_all(struct merge *merge, int fd, const struct part *parts, size_t count)
{
	int code = -1;

	merge->archive = archive_write_new();
	if (!merge->archive)
		return -1;
	archive_write_set_format_zip(merge->archive);
	archive_write_zip_set_compression_store(merge->archive);
	archive_write_set_bytes_per_block(merge->archive, WRITE_SIZE);
	archive_write_set_bytes_in_last_block(merge->archive, 1);
	errno = ENOMEM;
	merge->fd = fd;
	if (archive_write_open(merge->archive, merge, NULL, put, NULL) == ARCHIVE_OK)
		code = 0;
	for (size_t p = 0; p < count && code == 0; p++)
		for (size_t i = 0; i < parts[p].packed.count && code == 0; i++)
			code = add_clip(merge, &parts[p], &parts[p].packed.clips[i]);
	if (code == 0 && has_failed(merge, archive_write_close(merge->archive)))
		code = -1;
	int error = errno;
	if (code < 0)
		merge->error = ECANCELED; /* it would be ended and padded */
	archive_write_free(merge->archive);
	errno = error;
	return code;
}

/* Compares the new archive, as others will read it, with what it was made of. */
static int verify(struct merge *merge, int fd)
{
	struct packed found = {0};
	off_t end;
	int code = packed_walk(&found, fd, PACKED_ZIP, &end);

	if (code == 0 && found.count != merge->packed.count) {
		errno = EIO;
		code = -1;
	}
	for (size_t i = 0; i < found.count && code == 0; i++) {
		struct packed_clip *clip = &merge->packed.clips[i];
		const struct origin *from = &merge->origins[i];
		int same = strcmp(found.clips[i].name, clip->name) == 0 &&
				found.clips[i].size == clip->size
			? packed_same(fd, found.clips[i].offset, from->fd, from->offset,
				  clip->size)
			: 0;
		if (same == 0)
			errno = EIO;
		code = same > 0 ? 0 : -1;
		clip->offset = found.clips[i].offset;
	}
	int error = errno;
	packed_free(&found);
	errno = error;
	return code;
}

/* The new archive is in place: the old ones go, each after its index. */
static int remove_old(
	int folder, const char *target, const char *const *stems, size_t count)
{
	char name[NAME_SIZE];

	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof name, "%.*s.index", HOUR_STEM_MAX - 1, stems[i]);
		if (strcmp(stems[i], target) != 0 && unlinkat(folder, name, 0) < 0 &&
			errno != ENOENT)
			return -1;
		snprintf(name, sizeof name, "%.*s.tar", HOUR_STEM_MAX - 1, stems[i]);
		if (unlinkat(folder, name, 0) < 0)
			return -1;
	}
	return fsync(folder);
}

static int make(int folder, const char *target, struct merge *merge,
	const struct part *parts, size_t count)
{
	char zip[NAME_SIZE], index[NAME_SIZE];
	struct atomic file = {.fd = -1};
	int fd = -1, code = -1;

	snprintf(zip, sizeof zip, "%.*s.zip", HOUR_STEM_MAX - 1, target);
	snprintf(index, sizeof index, "%.*s.index", HOUR_STEM_MAX - 1, target);
	atomic_sweep(folder, zip);
	if (atomic_begin(&file, folder, zip, 0644) == 0 &&
		write_all(merge, file.fd, parts, count) == 0 && atomic_sync(&file) == 0 &&
		(fd = path_open_file(folder, file.temporary, NULL)) >= 0 &&
		verify(merge, fd) == 0 && atomic_commit(&file) == 0 &&
		fsync(folder) == 0 && packed_index(&merge->packed, folder, index) == 0)
		code = fsync(folder);
	int error = errno;
	if (code < 0)
		atomic_abort(&file);
	path_close(fd);
	errno = error;
	return code;
}

int hourzip_make(
	int folder, const char *target, const char *const *stems, size_t count, int stop)
{
	struct part *parts = calloc(count + 1, sizeof *parts);
	struct merge *merge = calloc(1, sizeof *merge);
	size_t opened = 0;
	int code = parts && merge ? 0 : -1;

	/* What is in the ZIP comes first, and keeps its names. */
	if (code == 0 && open_part(&parts[opened++], folder, target, ".zip") < 0 &&
		errno != ENOENT)
		code = -1;
	for (size_t i = 0; i < count && code == 0; i++)
		code = open_part(&parts[opened++], folder, stems[i], ".tar");
	if (code == 0) {
		merge->stop = stop;
		code = make(folder, target, merge, parts, opened);
	}
	if (code == 0)
		code = remove_old(folder, target, stems, count);
	int error = errno;
	for (size_t i = 0; i < opened; i++)
		close_part(&parts[i]);
	if (merge)
		packed_free(&merge->packed);
	free(merge);
	free(parts);
	errno = error;
	return code;
}
