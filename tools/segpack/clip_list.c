/*
 * clip_list_walk lets libarchive read the archive and notes for each clip where its bytes
 * begin. The index is text, made from the list; when it is read back, its lines are
 * matched to clips by name and size, and only durations and fractions of seconds are
 * taken.
 */
#include "clip_list.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"

#define READ_SIZE (64 << 10)
#define COMPARE_SIZE (128 << 10)
#define INDEX_MAX (64 << 20)
#define TIME_FORMAT "%Y-%m-%dT%H:%M:%S"

int clip_list_add(struct clip_list *packed, const char *name, struct listed_clip clip)
{
	if (packed->count == CLIP_LIST_MAX) {
		errno = EFBIG;
		return -1;
	}
	if (packed->count == packed->room) {
		size_t room = packed->room ? packed->room * 2 : 64;
		struct listed_clip *more =
			reallocarray(packed->clips, room, sizeof *more);
		if (!more)
			return -1;
		packed->clips = more;
		packed->room = room;
	}
	clip.name = strdup(name);
	if (!clip.name)
		return -1;
	packed->clips[packed->count++] = clip;
	return 0;
}

void clip_list_cut(struct clip_list *packed, size_t count)
{
	while (packed->count > count)
		free(packed->clips[--packed->count].name);
}

void clip_list_free(struct clip_list *packed)
{
	clip_list_cut(packed, 0);
	free(packed->clips);
	*packed = (struct clip_list){0};
}

/* True if offset and size can be relied on. */
static bool is_plain(struct archive *archive, struct archive_entry *entry)
{
	const char *format = archive_format_name(archive);

	return archive_entry_filetype(entry) == AE_IFREG &&
		!archive_entry_hardlink(entry) && archive_entry_size_is_set(entry) &&
		archive_entry_sparse_count(entry) == 0 && archive_entry_pathname(entry) &&
		(archive_format(archive) != ARCHIVE_FORMAT_ZIP ||
			strstr(format, "uncompressed"));
}

static int walk(struct clip_list *packed, struct archive *archive, off_t *end)
{
	struct archive_entry *entry;
	int code;

	while ((code = archive_read_next_header(archive, &entry)) == ARCHIVE_OK ||
		code == ARCHIVE_WARN) {
		if (!is_plain(archive, entry)) {
			errno = EBADMSG;
			return -1;
		}
		struct timespec mtime = {
			archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)};
		struct listed_clip clip = {NULL, path_nanoseconds(mtime),
			CLIP_LIST_NO_DURATION, archive_entry_size(entry),
			archive_filter_bytes(archive, 0)};
		if (clip_list_add(packed, archive_entry_pathname(entry), clip) < 0)
			return -1;
	}
	*end = archive_read_header_position(archive);
	if (code == ARCHIVE_EOF)
		return 0;
	int error = archive_errno(archive);
	errno = error == EIO || error == ENOMEM ? error : EBADMSG;
	return -1;
}

int clip_list_walk(
	struct clip_list *packed, int fd, enum clip_list_format format, off_t *end)
{
	struct archive *archive = NULL;
	off_t size = lseek(fd, 0, SEEK_END);
	int result = -1;

	*end = 0;
	if (size <= 0)
		return size < 0 ? -1 : 0;
	if (lseek(fd, 0, SEEK_SET) < 0 || !(archive = archive_read_new()))
		return -1;
	if (format == CLIP_LIST_TAR)
		archive_read_support_format_tar(archive);
	else
		archive_read_support_format_zip_seekable(archive);
	errno = EBADMSG;
	if (archive_read_open_fd(archive, fd, READ_SIZE) == ARCHIVE_OK)
		result = walk(packed, archive, end);
	int error = errno;
	archive_read_free(archive);
	if (result == 0 &&
		*end > size) { /* libarchive skips beyond the end of a cut file */
		result = -1;
		error = EBADMSG;
	}
	errno = error;
	return result;
}

struct listed_clip *clip_list_find(const struct clip_list *packed, const char *name)
{
	for (size_t i = 0; i < packed->count; i++)
		if (strcmp(packed->clips[i].name, name) == 0)
			return &packed->clips[i];
	return NULL;
}

/* Reads until size bytes are there, or the end. */
static ssize_t read_at(int fd, char *buf, size_t size, off_t at)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = pread(fd, buf + len, size - len, at + (off_t)len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int clip_list_same(int a, off_t at_a, int b, off_t at_b, off_t size)
{
	static char buf_a[COMPARE_SIZE], buf_b[COMPARE_SIZE];

	for (off_t at = 0; at < size; at += COMPARE_SIZE) {
		size_t len =
			size - at < COMPARE_SIZE ? (size_t)(size - at) : COMPARE_SIZE;
		ssize_t n = read_at(a, buf_a, len, at_a + at);
		if (n < 0 || read_at(b, buf_b, len, at_b + at) < 0)
			return -1;
		if (n != (ssize_t)len || memcmp(buf_a, buf_b, len) != 0)
			return 0;
	}
	return 1;
}

static int64_t seconds(int64_t ns)
{
	return ns >= 0 ? ns / CLOCK_SECOND_NS
		       : (ns - CLOCK_SECOND_NS + 1) / CLOCK_SECOND_NS;
}

void clip_list_line(FILE *out, const struct listed_clip *clip)
{
	char name[4 * PATH_MAX], date[64];
	time_t second = seconds(clip->mtime_ns);
	struct tm tm;

	text_escape(name, sizeof name, clip->name, strlen(clip->name));
	gmtime_r(&second, &tm);
	strftime(date, sizeof date, TIME_FORMAT, &tm);
	fprintf(out, "%s\t%s.%03dZ\t", name, date,
		(int)((clip->mtime_ns - second * CLOCK_SECOND_NS) / CLOCK_MS_NS));
	if (clip->duration_ms < 0)
		fputc('-', out);
	else
		fprintf(out, "%" PRId64 ".%03d", clip->duration_ms / 1000,
			(int)(clip->duration_ms % 1000));
	fprintf(out, "\t%lld\t%lld\n", (long long)clip->size, (long long)clip->offset);
}

/* The whole index as text, to be freed. */
static char *make_text(const struct clip_list *packed, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		return NULL;
	for (size_t i = 0; i < packed->count; i++)
		clip_list_line(out, &packed->clips[i]);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* The text of the index file, to be freed; NULL: there is none that can be used. */
static char *get_text(int folder, const char *index, size_t *len)
{
	struct stat st;
	int fd = path_open_file(folder, index, &st);
	char *text =
		fd < 0 || st.st_size > INDEX_MAX ? NULL : malloc((size_t)st.st_size + 1);
	ssize_t n = text ? read_at(fd, text, (size_t)st.st_size, 0) : -1;

	path_close(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*len = (size_t)n;
	return text;
}

/* Reads a line of the index. The offset is ignored: the archive itself gives it. */
static bool parse(
	char *line, char **name, int64_t *ms, int64_t *duration, long long *size)
{
	long long whole, part;
	struct tm tm = {0};

	*name = strsep(&line, "\t");
	char *date = strsep(&line, "\t");
	char *length = strsep(&line, "\t");
	char *bytes = strsep(&line, "\t");
	char *rest = date ? strptime(date, TIME_FORMAT, &tm) : NULL;
	if (!bytes || !rest || rest[0] != '.' || strlen(rest) != strlen(".000Z") ||
		text_number(bytes, 0, INT64_MAX, size) < 0)
		return false;
	rest[4] = '\0';
	char *point = strchr(length, '.');
	if (text_number(rest + 1, 0, 999, &part) < 0)
		return false;
	*ms = timegm(&tm) * 1000 + part;
	*duration = CLIP_LIST_NO_DURATION;
	if (!point)
		return true;
	*point = '\0';
	if (text_number(length, 0, INT32_MAX, &whole) == 0 &&
		text_number(point + 1, 0, 999, &part) == 0)
		*duration = whole * 1000 + part;
	return true;
}

void clip_list_learn(struct clip_list *packed, int folder, const char *index)
{
	char name[PATH_MAX], *escaped, *line;
	int64_t ms, duration;
	long long size;
	size_t len, at = 0;
	char *text = get_text(folder, index, &len);
	char *rest = text;

	while (rest && (line = strsep(&rest, "\n")) && rest) {
		if (!parse(line, &escaped, &ms, &duration, &size) ||
			text_decode(name, sizeof name, escaped) < 0)
			continue;
		/* Go on from the last match, as both are mostly in the same order. */
		for (size_t tries = 0; tries < packed->count; tries++, at++) {
			struct listed_clip *clip = &packed->clips[at % packed->count];
			if (clip->size != size || strcmp(clip->name, name) != 0)
				continue;
			clip->duration_ms = duration;
			/* A ZIP has whole seconds only. */
			if (clip->mtime_ns == ms / 1000 * CLOCK_SECOND_NS)
				clip->mtime_ns = ms * CLOCK_MS_NS;
			at++;
			break;
		}
	}
	free(text);
}

int clip_list_index(const struct clip_list *packed, int folder, const char *index)
{
	struct atomic file = {.fd = -1};
	size_t len, old_len = 0;
	int result = 0, error = 0;
	char *text = make_text(packed, &len);
	char *old = get_text(folder, index, &old_len);

	atomic_sweep(folder, index);
	if (!text)
		result = -1;
	else if (!old || old_len != len || memcmp(old, text, len) != 0) {
		if (atomic_begin(&file, folder, index, 0644) < 0 ||
			dprintf(file.fd, "%s", text) != (int)len ||
			atomic_sync(&file) < 0 || atomic_commit(&file) < 0)
			result = -1;
	}
	error = errno;
	if (result < 0)
		atomic_abort(&file);
	free(text);
	free(old);
	errno = error;
	return result;
}
