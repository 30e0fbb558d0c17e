/*
 * unpack_folder: the hidden folder .unpacked beside archives, with a folder for each
 * archive that was unpacked. Such a folder is always complete: it is filled under the
 * name
 * ".NAME.partial" and then renamed. Its file ".of" says which archive it belongs to.
 *
 * Errors are -1 with errno.
 */
#ifndef STREAMHUB_UNPACK_FOLDER_H
#define STREAMHUB_UNPACK_FOLDER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/path.h"
#include "unpack.h"

#define UNPACK_FOLDER_PLACE ".unpacked"
#define UNPACK_FOLDER_NAME_MAX 215 /* with room for what is put around it */

/* Opens .unpacked in the folder of archives; makes it if need be. */
int unpack_folder_open(int parent);

/*
 * Looks for the folder of an archive, by its name and id. Returns 1 if it exists, 0 if
 * not; name gets the name that it has or should get. EEXIST: too many folders have such
 * names.
 */
int unpack_folder_find(int place, const char *archive, struct path_id id,
	char name[UNPACK_FOLDER_NAME_MAX + 1]);

/* Makes an empty partial folder, in place of an older one. The caller closes it. */
int unpack_folder_begin(int place, const char *name);

/* Gives the partial folder, with count clips in it, its final name. */
int unpack_folder_commit(int place, const char *name, struct path_id id, size_t count);

/* Removes the partial folder. Safe twice. */
void unpack_folder_abort(int place, const char *name);

/*
 * The clips that are still in the folder, by mtime and then natural order; the caller
 * frees them. NULL: there are none; or, if errno is not 0, an error. *all: no clip is
 * missing.
 */
struct unpack_clip *unpack_folder_list(
	int place, const char *name, size_t *count, bool *all);

/* Removes the folder if no clip is left in it. Returns 1 if it was removed, else 0. */
int unpack_folder_remove(int place, const char *name);

/* Removes all folders without clips whose archive is gone. */
void unpack_folder_sweep(int place, int parent);

#endif
