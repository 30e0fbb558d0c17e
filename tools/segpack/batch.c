/*
 * libarchive writes a batch through put, which keeps the first two blocks in memory and
 * writes the rest. Bytes that are held back are compared there, too.
 */
#include "batch.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "clip/clipname.h"

#define BLOCK BATCH_BLOCK
#define MARKER BATCH_HELD
#define CHUNK (256 << 10)

static const unsigned char zeros[MARKER];

static int write_at(int fd, const void *data, size_t len, off_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, at);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			data = (const char *)data + n;
			len -= (size_t)n;
			at += n;
		}
	}
	return 0;
}

int batch_put_marker(int tar, off_t end)
{
	if (write_at(tar, zeros, sizeof zeros, end) < 0)
		return -1;
	return ftruncate(tar, end + MARKER);
}

/*
 * The write callback of libarchive; holds back the first two blocks. It never fails,
 * because libarchive leaks memory after a failure. Instead it sets batch->error, which
 * has_failed looks at.
 */
static la_ssize_t put(struct archive *archive, void *data, const void *bytes, size_t len)
{
	struct batch *batch = data;
	off_t from = batch->at - batch->end;
	size_t held = from >= MARKER ? 0 : (size_t)(MARKER - from);

	(void)archive;
	held = held < len ? held : len;
	if (batch->error)
		return (la_ssize_t)len;
	memcpy(batch->held + (held ? from : 0), bytes, held);
	if (write_at(batch->tar, (const char *)bytes + held, len - held,
		    batch->at + (off_t)held) < 0)
		batch->error = errno;
	batch->at += (off_t)len;
	return (la_ssize_t)len;
}

/* True if libarchive or put has failed. Sets errno. */
static bool has_failed(
	struct archive *archive, const struct batch *batch, la_ssize_t code)
{
	if (batch->error || code < ARCHIVE_WARN)
		errno = batch->error ? batch->error : archive_errno(archive);
	return batch->error || code < ARCHIVE_WARN;
}

static struct archive *begin(struct batch *batch)
{
	struct archive *archive = archive_write_new();

	if (!archive)
		return NULL;
	archive_write_set_format_pax(archive);
	archive_write_set_bytes_per_block(archive, 0); /* put gets bytes without delay */
	if (archive_write_open(archive, batch, NULL, put, NULL) == ARCHIVE_OK)
		return archive;
	archive_write_free(archive);
	errno = ENOMEM;
	return NULL;
}

/* 1 if the archive has the bytes of the source at offset, 0 if not, or -1. Bytes that are
 * held back are compared in memory. */
static int is_packed(
	const struct batch *batch, const struct batch_source *source, off_t offset)
{
	off_t size = source->id.size, from = offset - batch->end;
	off_t held = from >= 0 && from < MARKER ? MARKER - from : 0;
	char start[MARKER];

	held = held < size ? held : size;
	ssize_t n = held ? pread(source->fd, start, (size_t)held, 0) : 0;
	if (n < 0)
		return -1;
	if (n != held || (held && memcmp(start, batch->held + from, (size_t)held) != 0))
		return 0;
	return clip_list_same(source->fd, held, batch->tar, offset + held, size - held);
}

/* Finds a free name for the source. 1: the same clip is in the archive already; 0: it is
 * not; -1: an error. */
static int find_name(const struct batch *batch, const struct batch_source *source,
	char *name, size_t size)
{
	for (unsigned number = 0;; number++) {
		if (clipname_number(name, size, source->name, number) < 0)
			return -1;
		const struct listed_clip *clip = clip_list_find(batch->packed, name);
		if (!clip)
			return 0;
		if (clip->size != source->id.size ||
			clip->mtime_ns != source->id.mtime_ns)
			continue;
		int same = is_packed(batch, source, clip->offset);
		if (same)
			return same;
	}
}

static bool stopped(int stop)
{
	struct pollfd fd = {stop, POLLIN, 0};

	return stop >= 0 && poll(&fd, 1, 0) > 0;
}

/* Copies the bytes of a source. 0; -1 with errno; 1: the source cannot be read to its
 * end, and its state says why. */
static int copy(struct archive *archive, const struct batch *batch,
	struct batch_source *source, int stop)
{
	static char chunk[CHUNK];
	off_t left = source->id.size;

	while (left > 0) {
		size_t want = left < CHUNK ? (size_t)left : CHUNK;
		ssize_t n = pread(source->fd, chunk, want, source->id.size - left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			source->state = n < 0 ? BATCH_UNREADABLE : BATCH_CHANGED;
			source->error = errno;
			return 1;
		}
		if (has_failed(archive, batch,
			    archive_write_data(archive, chunk, (size_t)n)))
			return -1;
		left -= n;
		if (stopped(stop)) {
			errno = ECANCELED;
			return -1;
		}
	}
	return 0;
}

static int write_header(struct archive *archive, const struct batch *batch,
	const char *name, const struct batch_source *source)
{
	struct archive_entry *entry = archive_entry_new();

	if (!entry)
		return -1;
	int64_t second = source->id.mtime_ns / CLOCK_SECOND_NS;
	long part = (long)(source->id.mtime_ns % CLOCK_SECOND_NS);
	archive_entry_set_pathname(entry, name);
	archive_entry_set_mode(entry, AE_IFREG | 0644);
	archive_entry_set_size(entry, source->id.size);
	archive_entry_set_mtime(entry, part < 0 ? second - 1 : second,
		part < 0 ? part + CLOCK_SECOND_NS : part);
	int code = archive_write_header(archive, entry);
	archive_entry_free(entry);
	return has_failed(archive, batch, code) ? -1 : 0;
}

/* Writes one source, or finds that it is in the archive. Returns as copy does. */
static int write_one(struct archive *archive, struct batch *batch,
	struct batch_source *source, int stop)
{
	char name[PATH_MAX];
	int code = find_name(batch, source, name, sizeof name);

	if (code != 0) {
		source->state = code > 0 ? BATCH_AGAIN : BATCH_UNREADABLE;
		source->error = errno;
		return code < 0;
	}
	if (write_header(archive, batch, name, source) < 0)
		return -1;
	struct listed_clip clip = {NULL, source->id.mtime_ns, source->duration_ms,
		source->id.size, batch->at};
	source->state = BATCH_PACKED;
	if (clip_list_add(batch->packed, name, clip) < 0)
		return -1;
	code = copy(archive, batch, source, stop);
	if (code == 0 && has_failed(archive, batch, archive_write_finish_entry(archive)))
		return -1;
	return code;
}

int batch_write(struct batch *batch, struct batch_source *sources, size_t count, int stop)
{
	struct archive *archive = begin(batch);
	int code = archive ? 0 : -1;

	for (size_t i = 0; i < count && code == 0; i++)
		if (sources[i].state == BATCH_WAITS)
			code = write_one(archive, batch, &sources[i], stop);
	if (code == 0 && has_failed(archive, batch, archive_write_close(archive)))
		code = -1;
	int error = errno;
	if (code != 0)
		batch->error = ECANCELED; /* else freeing would write the end */
	archive_write_free(archive);
	errno = error;
	return code;
}

int batch_verify(const struct batch *batch, struct batch_source *sources, size_t count,
	size_t clip, int stop)
{
	for (size_t i = 0; i < count; i++) {
		struct batch_source *source = &sources[i];
		struct stat st;

		if (source->state != BATCH_PACKED)
			continue;
		int same = is_packed(batch, source, batch->packed->clips[clip++].offset);
		if (same < 0 || fstat(source->fd, &st) < 0)
			return -1;
		if (!path_same(path_id(&st), source->id)) {
			source->state = BATCH_CHANGED;
			return 1;
		}
		errno = same ? ECANCELED : EIO;
		if (!same || stopped(stop))
			return -1;
	}
	return 0;
}

int batch_commit(const struct batch *batch)
{
	const unsigned char *held = batch->held;

	if (write_at(batch->tar, held + BLOCK, BLOCK, batch->end + BLOCK) < 0 ||
		fdatasync(batch->tar) < 0 ||
		write_at(batch->tar, held, BLOCK, batch->end) < 0)
		return -1;
	return fdatasync(batch->tar);
}
