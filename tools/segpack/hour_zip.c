/*
 * All archives of the hour are opened and listed, an existing ZIP first. A new ZIP is
 * written beside them as a temporary; a clip that is in two archives is written once. The
 * new ZIP is then read back and every clip compared with its origin before it is renamed
 * into place and the TARs are removed.
 */
#include "hour_zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"
#include "clip/clipname.h"
#include "clip_list.h"
#include "hour_tar.h"

#define CHUNK (256 << 10)
#define WRITE_SIZE (64 << 10)
#define NAME_SIZE (HOUR_TAR_STEM_MAX + 8)

/* An archive to merge. */
struct part {
	int fd;
	struct clip_list packed;
};

/* The place that a clip of the new archive comes from. */
struct origin {
	int fd;
	off_t offset;
};

struct merge {
	struct clip_list packed; /* the clips of the new archive; offsets are filled in at
				    the end */
	struct origin origins[CLIP_LIST_MAX];
	struct archive *archive;
	int fd; /* of the new archive */
	int error; /* if not 0, nothing more is written, for this reason */
	int stop;
};

/* The write callback of libarchive. Never fails; sets merge->error, as in hour_tar.c. */
static la_ssize_t put(struct archive *archive, void *data, const void *bytes, size_t len)
{
	struct merge *merge = data;

	(void)archive;
	if (!merge->error && path_write_all(merge->fd, bytes, len) < 0)
		merge->error = errno;
	return (la_ssize_t)len;
}

/* True if libarchive or put has failed. Sets errno. */
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

	snprintf(name, sizeof name, "%.*s%s", HOUR_TAR_STEM_MAX - 1, stem, suffix);
	snprintf(index, sizeof index, "%.*s.index", HOUR_TAR_STEM_MAX - 1, stem);
	*part = (struct part){.fd = path_open_file(folder, name, NULL)};
	if (part->fd < 0 ||
		clip_list_walk(&part->packed, part->fd,
			strcmp(suffix, ".zip") == 0 ? CLIP_LIST_ZIP : CLIP_LIST_TAR,
			&end) < 0)
		return -1;
	clip_list_learn(&part->packed, folder, index);
	return 0;
}

static void close_part(struct part *part)
{
	path_close(part->fd);
	clip_list_free(&part->packed);
}

/* Puts '_' in the place of bytes that are not valid in a ZIP name, which is UTF-8, and of
 * backslashes, which some programs take for slashes. */
static void make_fit(char *name)
{
	bool utf8 = text_is_utf8(name);

	for (; *name; name++)
		if (*name == '\\' || (!utf8 && (unsigned char)*name >= 0x80))
			*name = '_';
}

/* Finds a free name for the clip. 1: the same clip is in the ZIP already; 0: it is not;
 * -1: an error. */
static int find_name(const struct merge *merge, const struct part *part,
	const struct listed_clip *clip, char *name, size_t size)
{
	char wanted[PATH_MAX];

	snprintf(wanted, sizeof wanted, "%s", clip->name);
	make_fit(wanted);
	for (unsigned number = 0;; number++) {
		if (clipname_number(name, size, wanted, number) < 0)
			return -1;
		const struct listed_clip *other = clip_list_find(&merge->packed, name);
		if (!other)
			return 0;
		if (other->size != clip->size ||
			other->mtime_ns / CLOCK_SECOND_NS !=
				clip->mtime_ns / CLOCK_SECOND_NS)
			continue;
		const struct origin *from = &merge->origins[other - merge->packed.clips];
		int same = clip_list_same(
			part->fd, clip->offset, from->fd, from->offset, clip->size);
		if (same)
			return same;
	}
}

static int copy(
	struct merge *merge, const struct part *part, const struct listed_clip *clip)
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
	struct merge *merge, const struct part *part, const struct listed_clip *clip)
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
	archive_entry_set_mtime(entry, clip->mtime_ns / CLOCK_SECOND_NS, 0);
	int code = archive_write_header(merge->archive, entry);
	archive_entry_free(entry);
	if (has_failed(merge, code) || clip_list_add(&merge->packed, name, *clip) < 0)
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
		merge->error = ECANCELED; /* else freeing would write the end */
	archive_write_free(merge->archive);
	errno = error;
	return code;
}

/* Reads the new archive back and compares each clip with its origin. */
static int verify(struct merge *merge, int fd)
{
	struct clip_list found = {0};
	off_t end;
	int code = clip_list_walk(&found, fd, CLIP_LIST_ZIP, &end);

	if (code == 0 && found.count != merge->packed.count) {
		errno = EIO;
		code = -1;
	}
	for (size_t i = 0; i < found.count && code == 0; i++) {
		struct listed_clip *clip = &merge->packed.clips[i];
		const struct origin *from = &merge->origins[i];
		int same = strcmp(found.clips[i].name, clip->name) == 0 &&
				found.clips[i].size == clip->size
			? clip_list_same(fd, found.clips[i].offset, from->fd,
				  from->offset, clip->size)
			: 0;
		if (same == 0)
			errno = EIO;
		code = same > 0 ? 0 : -1;
		clip->offset = found.clips[i].offset;
	}
	int error = errno;
	clip_list_free(&found);
	errno = error;
	return code;
}

/* Removes the old archives, each after its index. The new one is in place. */
static int remove_old(
	int folder, const char *target, const char *const *stems, size_t count)
{
	char name[NAME_SIZE];

	for (size_t i = 0; i < count; i++) {
		snprintf(
			name, sizeof name, "%.*s.index", HOUR_TAR_STEM_MAX - 1, stems[i]);
		if (strcmp(stems[i], target) != 0 && unlinkat(folder, name, 0) < 0 &&
			errno != ENOENT)
			return -1;
		snprintf(name, sizeof name, "%.*s.tar", HOUR_TAR_STEM_MAX - 1, stems[i]);
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

	snprintf(zip, sizeof zip, "%.*s.zip", HOUR_TAR_STEM_MAX - 1, target);
	snprintf(index, sizeof index, "%.*s.index", HOUR_TAR_STEM_MAX - 1, target);
	atomic_sweep(folder, zip);
	if (atomic_begin(&file, folder, zip, 0644) == 0 &&
		write_all(merge, file.fd, parts, count) == 0 && atomic_sync(&file) == 0 &&
		(fd = path_open_file(folder, file.temporary, NULL)) >= 0 &&
		verify(merge, fd) == 0 && atomic_commit(&file) == 0 &&
		fsync(folder) == 0 && clip_list_index(&merge->packed, folder, index) == 0)
		code = fsync(folder);
	int error = errno;
	if (code < 0)
		atomic_abort(&file);
	path_close(fd);
	errno = error;
	return code;
}

int hour_zip_make(
	int folder, const char *target, const char *const *stems, size_t count, int stop)
{
	struct part *parts = calloc(count + 1, sizeof *parts);
	struct merge *merge = calloc(1, sizeof *merge);
	size_t opened = 0;
	int code = parts && merge ? 0 : -1;

	/* The clips of an existing ZIP come first, so that they keep their names. */
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
		clip_list_free(&merge->packed);
	free(merge);
	free(parts);
	errno = error;
	return code;
}
