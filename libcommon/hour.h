/*
 * hour: one hour's archive of clips, STEM.tar in a folder of the day, and its index,
 * STEM.index. Whatever kills its writer, tar(1) reads the archive, and what was not yet
 * committed is not in it:
 *
 * A batch is written behind the end marker, but for its first two blocks, so the marker
 * stands; it is synced, the index too, and compared with its sources. Only then the two
 * blocks are written, the second one first.
 *
 * Names are UTF-8: the caller has set such a locale. Errors are -1 with errno.
 */
#ifndef STREAMHUB_HOUR_H
#define STREAMHUB_HOUR_H

#include "packed.h"
#include "path.h"

#define HOUR_STEM_MAX 16
#define HOUR_BATCH_MAX 64 /* clips in one batch */

struct hour {
	int folder; /* of the day: the hour's own */
	char stem[HOUR_STEM_MAX], tar_name[HOUR_STEM_MAX + 8],
		index_name[HOUR_STEM_MAX + 8];
	int tar, index;
	off_t end; /* where the end marker begins */
	struct packed packed;
};

/*
 * Opens the archive for more, makes it if it is not there, and takes back what a killed
 * writer left half done. The folder becomes the hour's own if that succeeds. EBADMSG,
 * and ELOOP, EISDIR, EINVAL, EFBIG: what is there is no archive that can be added to;
 * it is left as it is.
 */
int hour_open(struct hour *hour, int folder, const char *stem);

void hour_close(struct hour *hour);

/* Whether both files are still those of their names. */
bool hour_stands(const struct hour *hour);

enum hour_state {
	HOUR_WAITS,
	HOUR_PACKED, /* it is in the archive now */
	HOUR_AGAIN, /* it was there already, under whatever number */
	HOUR_CHANGED, /* it is not what it was: left out */
	HOUR_UNREADABLE, /* error says why: left out */
};

struct hour_source {
	int fd; /* open for reading, the caller's */
	struct path_id id; /* of when it was looked into */
	const char *name; /* that it is to have */
	int64_t duration_ms;
	enum hour_state state;
	int error;
};

/*
 * Adds a batch. A name that another clip has gets a number. Returns 0 when it is on the
 * disk and verified, and each source has its state. -1: nothing was added, and what was
 * begun is taken back; ECANCELED: the descriptor stop (or -1) got readable; ESTALE:
 * the archive does not stand any more; EFBIG: no more goes into it.
 */
int hour_add(struct hour *hour, struct hour_source *sources, size_t count, int stop);

#endif
