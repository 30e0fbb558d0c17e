/*
 * hourzip: hours that are over, turned from TAR into ZIP, uncompressed.
 */
#ifndef STREAMHUB_HOURZIP_H
#define STREAMHUB_HOURZIP_H

#include <stddef.h>

/*
 * Puts the clips of the archives STEM.tar in the folder of a day into TARGET.zip, beside
 * those that are in it, each once, with its index; then the TARs and their indexes go.
 * Killed in between, it can be done again. Names are UTF-8 as in hour.h.
 *
 * Returns 0, or -1 with errno and the TARs as they were: EBADMSG when one of the
 * archives is not whole, ECANCELED when the descriptor stop (or -1) got readable.
 */
int hourzip_make(
	int folder, const char *target, const char *const *stems, size_t count, int stop);

#endif
