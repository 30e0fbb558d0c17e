/*
 * read_archive: reads the clips in an archive, one after the other, with libarchive. Run
 * it in a sandbox.
 *
 * An archive is a ZIP or a TAR, compressed or not. Of an entry's name only the part
 * behind the last slash or backslash counts. Entries whose names are no clips' are
 * skipped. But a single entry that is a link, a device, set-id, sparse, encrypted or an
 * archive, or that has no valid name, makes the whole archive bad.
 */
#ifndef STREAMHUB_READ_ARCHIVE_H
#define STREAMHUB_READ_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define READ_ARCHIVE_MAX 1000
#define READ_ARCHIVE_NAME_MAX 200
#define READ_ARCHIVE_BYTES_MAX (INT64_C(4) << 30)
#define READ_ARCHIVE_RATIO_MAX 200 /* bytes unpacked from each byte of the archive */
#define READ_ARCHIVE_RATIO_FREE (1 << 20) /* bytes that any archive may unpack to */

enum read_archive_code {
	READ_ARCHIVE_GOOD,
	READ_ARCHIVE_BROKEN,
	READ_ARCHIVE_ENCRYPTED,
	READ_ARCHIVE_LINK,
	READ_ARCHIVE_DEVICE,
	READ_ARCHIVE_SET_ID,
	READ_ARCHIVE_SPARSE,
	READ_ARCHIVE_NESTED,
	READ_ARCHIVE_NAME,
	READ_ARCHIVE_TOO_MANY,
	READ_ARCHIVE_SIZE,
	READ_ARCHIVE_RATIO,
	READ_ARCHIVE_TIME,
	READ_ARCHIVE_NO_CLIPS,
	READ_ARCHIVE_DIED,
	READ_ARCHIVE_STOPPED, /* by the sink */
	READ_ARCHIVE_CODES,
};

const char *read_archive_code_name(enum read_archive_code code);

/* True if these first bytes, up to READ_ARCHIVE_HEAD, are those of an archive. */
#define READ_ARCHIVE_HEAD 512
bool read_archive_knows(const void *head, size_t len);

/* The limit that so many clips and bytes from an archive of this size exceed, or GOOD. */
enum read_archive_code read_archive_limit(int64_t clips, int64_t bytes, int64_t size);

/* Gets each clip: first its name and time, then its bytes. If a call returns anything but
 * 0, reading ends. */
struct read_archive_sink {
	int (*clip)(struct read_archive_sink *sink, const char *name, int64_t mtime_ns);
	int (*data)(struct read_archive_sink *sink, const void *bytes, size_t len);
};

/* Reads the archive, of size bytes. Returns its code; detail says what is wrong. */
enum read_archive_code read_archive(int archive, int64_t size,
	struct read_archive_sink *sink, char *detail, size_t detail_size);

#endif
