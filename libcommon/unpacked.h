/*
 * unpacked: the hidden folder .unpacked beside archives, with a folder for each archive
 * that was unpacked. Such a folder is whole or not there: it is filled as ".NAME.partial"
 * and then renamed. Its file ".of" says which archive it is of.
 *
 * Errors are -1 with errno.
 */
#ifndef STREAMHUB_UNPACKED_H
#define STREAMHUB_UNPACKED_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "path.h"
#include "unpack.h"

#define UNPACKED_PLACE ".unpacked"
#define UNPACKED_NAME_MAX 215 /* with room for what is put around it */

/* Opens the place below the folder of archives, and makes it. */
int unpacked_open(int parent);

/*
 * Looks for the folder of an archive, by its name and id. Returns 1: it is there, whole;
 * or 0: there is none. name is what it is called, or is to be. EEXIST: too many others.
 */
int unpacked_find(int place, const char *archive, struct path_id id,
	char name[UNPACKED_NAME_MAX + 1]);

/* Makes it anew and empty, as a partial one. Its descriptor is the caller's. */
int unpacked_begin(int place, const char *name);

/* It is whole, with so many clips. */
int unpacked_commit(int place, const char *name, struct path_id id, size_t count);

/* Removes the partial one. Safe twice. */
void unpacked_abort(int place, const char *name);

/*
 * The clips that are still in it, by mtime and then natural order, to be freed. NULL:
 * there are none, or with errno an error. *all: none has left it.
 */
struct unpack_clip *unpacked_list(int place, const char *name, size_t *count, bool *all);

/* Removes it if all clips have left it: 1. Else 0. */
int unpacked_remove(int place, const char *name);

/* Removes all that clips have left and whose archive has gone. */
void unpacked_sweep(int place, int parent);

#endif
