/*
 * entries: the clips in an archive, one after the other, by libarchive. To be run in a
 * sandbox.
 *
 * An archive is a ZIP or a TAR, compressed or not. Of an entry's name only what is behind
 * the last slash or backslash counts. What is no clip by its name is passed over; but a
 * single entry that is a link, a device, set-id, sparse, encrypted, an archive, or one
 * whose name is none, makes the whole archive bad.
 */
#ifndef STREAMHUB_ENTRIES_H
#define STREAMHUB_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENTRIES_MAX 1000
#define ENTRIES_NAME_MAX 200
#define ENTRIES_BYTES_MAX (INT64_C(4) << 30)
#define ENTRIES_RATIO_MAX 200 /* times the bytes of the archive */
#define ENTRIES_RATIO_FREE (1 << 20) /* that much may come out of any */

enum entries_code {
	ENTRIES_GOOD,
	ENTRIES_BROKEN,
	ENTRIES_ENCRYPTED,
	ENTRIES_LINK,
	ENTRIES_DEVICE,
	ENTRIES_SET_ID,
	ENTRIES_SPARSE,
	ENTRIES_NESTED,
	ENTRIES_NAME,
	ENTRIES_TOO_MANY,
	ENTRIES_SIZE,
	ENTRIES_RATIO,
	ENTRIES_TIME,
	ENTRIES_NO_CLIPS,
	ENTRIES_DIED,
	ENTRIES_STOPPED, /* by the sink */
	ENTRIES_CODES,
};

const char *entries_code_name(enum entries_code code);

/* Whether these first bytes, up to ENTRIES_HEAD, are those of an archive. */
#define ENTRIES_HEAD 512
bool entries_is_archive(const void *head, size_t len);

/* Whether so many clips and bytes are too much from an archive of that size. */
enum entries_code entries_limit(int64_t clips, int64_t bytes, int64_t size);

/* Who gets them: a clip, then its bytes. What is not 0 ends it. */
struct entries_sink {
	int (*clip)(struct entries_sink *sink, const char *name, int64_t mtime_ns);
	int (*data)(struct entries_sink *sink, const void *bytes, size_t len);
};

/* Reads the archive, of size bytes. Returns what it is; detail says what is wrong. */
enum entries_code entries_read(int archive, int64_t size, struct entries_sink *sink,
	char *detail, size_t detail_size);

#endif
