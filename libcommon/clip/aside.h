/*
 * aside: deletes or moves a file only if it is the one that is meant.
 *
 * Between a look at a file and unlink(2), an upload may replace the file under the same
 * name. So the file is first renamed to ".aside.NAME" in its own folder, a hidden name
 * that nobody else uses. Then it is compared: if it is the right file it is deleted or
 * moved, else it gets its name back. A tool that is killed in between leaves the file
 * whole under its hidden name, and aside_put_back gives it its name back. camwatch calls
 * that for each folder that it reads, segcheck for the quarantine, stationctl clean for
 * the folders that it looks into. A tool that is deleting or moving a file holds a lock
 * on it, so that nobody else puts it back. Errors are -1 with errno.
 */
#ifndef STREAMHUB_ASIDE_H
#define STREAMHUB_ASIDE_H

#include "base/path.h"

/*
 * Removes the regular file rel below the folder at if it is the one with this id. ESTALE
 * when it is another file by now: that file stays. If its name was taken while it was
 * aside, it gets a number before its suffix.
 */
int aside_remove(int at, const char *rel, struct path_id id);

/*
 * The same, but moves the file to the folder to. If its name is taken there, it gets a
 * number before its suffix. EEXIST: it lies in that folder already, or too many numbers
 * are taken.
 */
int aside_move(int at, const char *rel, struct path_id id, int to);

/* Gives files that killed tools left aside in the folder their names back. Only regular
 * files, as nothing else is ever set aside. Returns how many, or -1. */
int aside_put_back(int folder);

#endif
