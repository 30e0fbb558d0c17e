/*
 * hour_tar: one hour's archive of clips, STEM.tar in the folder of the day, and its
 * index, STEM.index. At whatever moment the writer is killed, tar(1) can read the
 * archive, and a batch is in it either whole or not at all:
 *
 * A TAR ends with a marker of two zero blocks. A batch is written from the marker on, but
 * its first two blocks are held back, so the marker stays. The rest is synced, and so is
 * the index, and compared with the sources. Only then the two blocks are written, the
 * second one first.
 *
 * Names are UTF-8: the caller has set such a locale. Errors are -1 with errno.
 */
#ifndef STREAMHUB_HOUR_TAR_H
#define STREAMHUB_HOUR_TAR_H

#include "batch.h"
#include "clip_list.h"

#define HOUR_TAR_STEM_MAX 16

struct hour_tar {
	int folder; /* the day's folder; the hour closes it */
	char stem[HOUR_TAR_STEM_MAX], tar_name[HOUR_TAR_STEM_MAX + 8],
		index_name[HOUR_TAR_STEM_MAX + 8];
	int tar, index;
	off_t end; /* where the end marker begins */
	struct clip_list packed;
};

/*
 * Opens the archive to add clips, makes it if it does not exist, and removes a batch that
 * a killed writer left half done. After success hour_tar_close closes the folder.
 * EBADMSG, ELOOP, EISDIR, EINVAL, EFBIG: the existing file is no archive that can be
 * added to, and stays as it is.
 */
int hour_tar_open(struct hour_tar *hour, int folder, const char *stem);

void hour_tar_close(struct hour_tar *hour);

/* True if the names of both files still lead to the open files. */
bool hour_tar_stands(const struct hour_tar *hour);

/*
 * Adds a batch. If another clip has the name already, a number is added. Returns 0 when
 * the batch is on the disk and compared with its sources; each source has its state. -1:
 * nothing was added, and the archive is as before. ECANCELED: the descriptor stop (or -1)
 * became readable; ESTALE: the archive was removed or replaced; EFBIG: it is full.
 */
int hour_tar_add(
	struct hour_tar *hour, struct batch_source *sources, size_t count, int stop);

#endif
