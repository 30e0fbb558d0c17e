/*
 * hour_zip: turns hours that are over from TAR into uncompressed ZIP.
 */
#ifndef STREAMHUB_HOUR_ZIP_H
#define STREAMHUB_HOUR_ZIP_H

#include <stddef.h>

/*
 * Puts the clips of the archives STEM.tar in the folder of a day into TARGET.zip, each
 * only once, keeping those that TARGET.zip has already, and makes its index. Then removes
 * the TARs and their indexes. If it is killed at any point, it can be done again. Names
 * are UTF-8 as in hour_tar.h.
 *
 * Returns 0; or -1 with errno: EBADMSG when one of the archives is not whole, ECANCELED
 * when the descriptor stop (or -1) became readable. A TAR is removed only when the ZIP is
 * on the disk.
 */
int hour_zip_make(
	int folder, const char *target, const char *const *stems, size_t count, int stop);

#endif
