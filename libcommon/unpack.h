/*
 * unpack: gets the clips out of an archive into a folder. A cell (cell.h) reads the
 * archive; all that it can do is send names, times and bytes, and only this side opens
 * and writes files.
 *
 * Errors are -1 with errno.
 */
#ifndef STREAMHUB_UNPACK_H
#define STREAMHUB_UNPACK_H

#include <limits.h>
#include <sys/stat.h>

#include "cell.h"
#include "entries.h"

#define UNPACK_SECONDS 300 /* for one archive */
#define UNPACK_MEMORY ((size_t)256 << 20)
#define UNPACK_FREE (INT64_C(64) << 20) /* so much of the disk stays free */

struct unpack_clip {
	char name[ENTRIES_NAME_MAX + 16];
	int64_t mtime_ns;
};

struct unpack {
	bool open; /* without a sandbox; set before */
	enum entries_code code; /* when it is done */
	char detail[160];
	struct unpack_clip *clips; /* in the order of the archive */
	size_t count;

	struct cell cell; /* poll its socket */
	int64_t deadline; /* of tick.h */
	void *ring; /* of memory that both see */
	size_t taken; /* slots of it */
	int folder, fd; /* of the caller; of the clip that is written */
	int64_t size, newest_ns, bytes, checked;
};

/*
 * Starts with an archive and an empty folder; both stay the caller's, and open until it
 * is done. ENOTSUP: no sandbox can be had here.
 */
int unpack_begin(struct unpack *unpack, int archive, const struct stat *st, int folder);

/*
 * Takes what has come. Returns 1 when it is done: see code; 0 when there is more to come;
 * -1 with errno when a file could not be written, as ENOSPC: unpack_end, and the folder
 * is to be emptied.
 */
int unpack_take(struct unpack *unpack);

/* At any time, and safe twice. */
void unpack_end(struct unpack *unpack);

#endif
