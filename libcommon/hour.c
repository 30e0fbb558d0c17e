#include "hour.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atomic.h"
#include "clipname.h"

#define BLOCK 512
#define MARKER (2 * BLOCK)
#define CHUNK (256 << 10)
#define SECOND_NS INT64_C(1000000000)
#define FLAGS (O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)

static const unsigned char zeros[MARKER];

/* A batch on its way into the archive. */
struct batch {
	struct hour *hour;
	off_t at; /* what comes next is put here */
	unsigned char held[MARKER]; /* its first two blocks */
	int error; /* why nothing is written any more, or 0 */
};

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

/* Ends the archive where its clips end: what is behind them is let go. */
static int put_marker(struct hour *hour)
{
	if (write_at(hour->tar, zeros, sizeof zeros, hour->end) < 0)
		return -1;
	return ftruncate(hour->tar, hour->end + MARKER);
}

static int open_regular(int folder, const char *name, int flags)
{
	struct stat st;
	int fd = openat(folder, name, FLAGS | flags, 0644);

	errno = fd < 0 ? errno : EINVAL; /* unless fstat fails, and has its own */
	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1))
		return fd;
	path_close(fd);
	return -1;
}

int hour_open(struct hour *hour, int folder, const char *stem)
{
	const char *tar = hour->tar_name, *index = hour->index_name;

	*hour = (struct hour){.folder = folder, .tar = -1, .index = -1};
	snprintf(hour->stem, sizeof hour->stem, "%s", stem);
	snprintf(hour->tar_name, sizeof hour->tar_name, "%s.tar", hour->stem);
	snprintf(hour->index_name, sizeof hour->index_name, "%s.index", hour->stem);
	atomic_sweep(folder, tar);
	hour->tar = open_regular(folder, tar, O_RDWR);
	/* tar(1) refuses a file that is empty, so there never is one. */
	if (hour->tar < 0 && errno == ENOENT &&
		atomic_put(folder, tar, 0644, zeros, sizeof zeros) == 0)
		hour->tar = open_regular(folder, tar, O_RDWR);
	bool fit = hour->tar >= 0 &&
		packed_walk(&hour->packed, hour->tar, PACKED_TAR, &hour->end) == 0;
	if (fit && hour->packed.count > PACKED_CLIPS_MAX - HOUR_BATCH_MAX) {
		errno = EFBIG;
		fit = false;
	}
	if (fit) {
		packed_learn(&hour->packed, folder, index);
		if (put_marker(hour) == 0 && fsync(hour->tar) == 0 &&
			packed_index(&hour->packed, folder, index) == 0 &&
			fsync(folder) == 0)
			hour->index = open_regular(
				folder, index, O_WRONLY | O_APPEND | O_CREAT);
	}
	if (hour->index >= 0)
		return 0;
	int error = errno;
	hour->folder = -1;
	hour_close(hour);
	errno = error;
	return -1;
}

void hour_close(struct hour *hour)
{
	const int fds[] = {hour->folder, hour->tar, hour->index};

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		path_close(fds[i]);
	packed_free(&hour->packed);
	hour->folder = hour->tar = hour->index = -1;
}

/*
 * libarchive's writes: the first two blocks are held back. Never fails, for libarchive
 * frees not all that it has after a failure: who writes looks at the error.
 */
static la_ssize_t put(struct archive *archive, void *data, const void *bytes, size_t len)
{
	struct batch *batch = data;
	off_t from = batch->at - batch->hour->end;
	size_t held = from >= MARKER ? 0 : (size_t)(MARKER - from);

	(void)archive;
	held = held < len ? held : len;
	if (batch->error)
		return (la_ssize_t)len;
	memcpy(batch->held + (held ? from : 0), bytes, held);
	if (write_at(batch->hour->tar, (const char *)bytes + held, len - held,
		    batch->at + (off_t)held) < 0)
		batch->error = errno;
	batch->at += (off_t)len;
	return (la_ssize_t)len;
}

/* Whether libarchive, or what it writes to, has failed. Sets errno. */
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
	archive_write_set_bytes_per_block(archive, 0); /* put sees all at once */
	if (archive_write_open(archive, batch, NULL, put, NULL) == ARCHIVE_OK)
		return archive;
	archive_write_free(archive);
	errno = ENOMEM;
	return NULL;
}

/* The bytes as they will be: those held back are not yet in the file. */
static int is_packed(
	const struct batch *batch, const struct hour_source *source, off_t offset)
{
	off_t size = source->id.size, from = offset - batch->hour->end;
	off_t held = from >= 0 && from < MARKER ? MARKER - from : 0;
	char start[MARKER];

	held = held < size ? held : size;
	ssize_t n = held ? pread(source->fd, start, (size_t)held, 0) : 0;
	if (n < 0)
		return -1;
	if (n != held || (held && memcmp(start, batch->held + from, (size_t)held) != 0))
		return 0;
	return packed_same(
		source->fd, held, batch->hour->tar, offset + held, size - held);
}

/* Finds its name. 1: it is there already; 0: it is not; -1: an error. */
static int find_name(const struct batch *batch, const struct hour_source *source,
	char *name, size_t size)
{
	for (unsigned number = 0;; number++) {
		if (clipname_number(name, size, source->name, number) < 0)
			return -1;
		const struct packed_clip *clip = packed_find(&batch->hour->packed, name);
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

/* Copies it. 0; -1 with errno; 1: the source cannot be had, as its state says. */
static int copy(struct archive *archive, const struct batch *batch,
	struct hour_source *source, int stop)
{
	static char chunk[CHUNK];
	off_t left = source->id.size;

	while (left > 0) {
		size_t want = left < CHUNK ? (size_t)left : CHUNK;
		ssize_t n = pread(source->fd, chunk, want, source->id.size - left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			source->state = n < 0 ? HOUR_UNREADABLE : HOUR_CHANGED;
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
	const char *name, const struct hour_source *source)
{
	struct archive_entry *entry = archive_entry_new();

	if (!entry)
		return -1;
	int64_t second = source->id.mtime_ns / SECOND_NS;
	long part = (long)(source->id.mtime_ns % SECOND_NS);
	archive_entry_set_pathname(entry, name);
	archive_entry_set_mode(entry, AE_IFREG | 0644);
	archive_entry_set_size(entry, source->id.size);
	archive_entry_set_mtime(entry, part < 0 ? second - 1 : second,
		part < 0 ? part + SECOND_NS : part);
	int code = archive_write_header(archive, entry);
	archive_entry_free(entry);
	return has_failed(archive, batch, code) ? -1 : 0;
}

/* Writes one. Returns as copy does. */
static int write_one(struct archive *archive, struct batch *batch,
	struct hour_source *source, int stop)
{
	char name[PATH_MAX];
	int code = find_name(batch, source, name, sizeof name);

	if (code != 0) {
		source->state = code > 0 ? HOUR_AGAIN : HOUR_UNREADABLE;
		source->error = errno;
		return code < 0;
	}
	if (write_header(archive, batch, name, source) < 0)
		return -1;
	struct packed_clip clip = {NULL, source->id.mtime_ns, source->duration_ms,
		source->id.size, batch->at};
	source->state = HOUR_PACKED;
	if (packed_add(&batch->hour->packed, name, clip) < 0)
		return -1;
	code = copy(archive, batch, source, stop);
	if (code == 0 && has_failed(archive, batch, archive_write_finish_entry(archive)))
		return -1;
	return code;
}

static int write_all(
	struct batch *batch, struct hour_source *sources, size_t count, int stop)
{
	struct archive *archive = begin(batch);
	int code = archive ? 0 : -1;

	for (size_t i = 0; i < count && code == 0; i++)
		if (sources[i].state == HOUR_WAITS)
			code = write_one(archive, batch, &sources[i], stop);
	if (code == 0 && has_failed(archive, batch, archive_write_close(archive)))
		code = -1;
	int error = errno;
	if (code != 0)
		batch->error = ECANCELED; /* it would be ended and padded */
	archive_write_free(archive);
	errno = error;
	return code;
}

static int add_to_index(const struct hour *hour, size_t from)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = from; out && i < hour->packed.count; i++)
		packed_line(out, &hour->packed.clips[i]);
	if (!out || fclose(out) != 0)
		return -1;
	ssize_t n = write(hour->index, text, len);
	free(text);
	if (n >= 0 && (size_t)n < len)
		errno = ENOSPC; /* the next write would tell */
	return n < 0 || (size_t)n < len ? -1 : fsync(hour->index);
}

/* 0; -1 with errno; 1: a source is not what was packed, as its state says. */
static int verify(const struct batch *batch, struct hour_source *sources, size_t count,
	size_t clip, int stop)
{
	for (size_t i = 0; i < count; i++) {
		struct hour_source *source = &sources[i];
		struct stat st;

		if (source->state != HOUR_PACKED)
			continue;
		int same = is_packed(
			batch, source, batch->hour->packed.clips[clip++].offset);
		if (same < 0 || fstat(source->fd, &st) < 0)
			return -1;
		if (!path_same(path_id(&st), source->id)) {
			source->state = HOUR_CHANGED;
			return 1;
		}
		errno = same ? ECANCELED : EIO;
		if (!same || stopped(stop))
			return -1;
	}
	return 0;
}

bool hour_stands(const struct hour *hour)
{
	return path_is_named(hour->folder, hour->tar_name, hour->tar) &&
		path_is_named(hour->folder, hour->index_name, hour->index);
}

/* Shows the batch to the readers. */
static int commit(struct batch *batch)
{
	int tar = batch->hour->tar;
	off_t end = batch->hour->end;

	if (!hour_stands(batch->hour)) {
		errno = ESTALE;
		return -1;
	}
	if (write_at(tar, batch->held + BLOCK, BLOCK, end + BLOCK) < 0 ||
		fdatasync(tar) < 0 || write_at(tar, batch->held, BLOCK, end) < 0 ||
		fdatasync(tar) < 0)
		return -1;
	batch->hour->end = batch->at - MARKER;
	return 0;
}

/* 0; -1 with errno; 1: to be done again, without one of the sources. */
static int add(struct hour *hour, struct hour_source *sources, size_t count, int stop)
{
	struct batch batch = {.hour = hour, .at = hour->end};
	size_t had = hour->packed.count;
	off_t index_end = lseek(hour->index, 0, SEEK_END);

	int code = write_all(&batch, sources, count, stop);
	if (code == 0 && hour->packed.count == had)
		return put_marker(hour); /* nothing was new */
	if (code == 0 && (fsync(hour->tar) < 0 || add_to_index(hour, had) < 0))
		code = -1;
	if (code == 0)
		code = verify(&batch, sources, count, had, stop);
	if (code == 0)
		code = commit(&batch);
	if (code == 0)
		return 0;
	int error = errno;
	packed_cut(&hour->packed, had);
	put_marker(hour);
	if (index_end >= 0 && ftruncate(hour->index, index_end) < 0)
		error = errno;
	errno = error;
	return code;
}

int hour_add(struct hour *hour, struct hour_source *sources, size_t count, int stop)
{
	int code;

	do {
		for (size_t i = 0; i < count; i++)
			if (sources[i].state < HOUR_CHANGED)
				sources[i].state = HOUR_WAITS;
		code = add(hour, sources, count, stop);
	} while (code > 0);
	return code;
}
