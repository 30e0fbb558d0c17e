/*
 * missed: finds the clips that the cursor has passed but that are still in the drop
 * folder, because segpack was killed before it could pack them. The clip that the cursor
 * stands in is not among them. No link is followed.
 */
#ifndef STREAMHUB_MISSED_H
#define STREAMHUB_MISSED_H

#include "clip/clips.h"
#include "clip/cursor.h"

#define MISSED_MAX 1000000

/*
 * Adds the clips that the cursor has passed to the queue of clips, which starts as zeros,
 * in order, with paths below the folder. Folders whose names begin with a dot or an
 * underscore are left out, except ".unpacked". Returns 0; or -1 with errno (EFBIG: there
 * are more than MISSED_MAX) and the clips found so far.
 */
int missed_read(struct clips *clips, const char *folder, const struct cursor *cursor);

#endif
