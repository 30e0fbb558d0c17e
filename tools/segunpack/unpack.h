/*
 * unpack: unpacks the clips of an archive into a folder. A sandboxed process reads the
 * archive. It can only send names, times and bytes; files are opened and written on this
 * side.
 *
 * Errors are -1 with errno.
 */
#ifndef STREAMHUB_UNPACK_H
#define STREAMHUB_UNPACK_H

#include <limits.h>
#include <sys/stat.h>

#include "proc/sandboxed.h"
#include "read_archive.h"

#define UNPACK_SECONDS 300 /* for one archive */
#define UNPACK_MEMORY ((size_t)256 << 20)
#define UNPACK_FREE (INT64_C(64) << 20) /* bytes of the disk that stay free */

struct unpack_clip {
	char name[READ_ARCHIVE_NAME_MAX + 16];
	int64_t mtime_ns;
};

struct unpack {
	bool open; /* without a sandbox; set by the caller */
	enum read_archive_code code; /* the result, when it is done */
	char detail[160];
	struct unpack_clip *clips; /* in the order of the archive */
	size_t count;

	struct sandboxed child; /* poll its socket */
	int64_t deadline; /* of clock.h */
	void *ring; /* memory that both processes see */
	size_t taken; /* slots of the ring that were written so far */
	int folder, fd; /* the caller's; the clip that is being written */
	int64_t size, newest_ns, bytes, checked;
};

/*
 * Starts with an archive and an empty folder. The caller keeps both open until it is
 * done. ENOTSUP: this kernel allows no sandbox.
 */
int unpack_begin(struct unpack *unpack, int archive, const struct stat *st, int folder);

/*
 * Writes what has come from the child. Returns 1 when it is done: see code; 0 when more
 * is to come; -1 with errno when a file could not be written (ENOSPC, say): call
 * unpack_end and empty the folder.
 */
int unpack_take(struct unpack *unpack);

/* Ends it, at any time. Safe twice. */
void unpack_end(struct unpack *unpack);

#endif
