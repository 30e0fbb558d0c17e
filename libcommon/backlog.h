/*
 * backlog: the clips of a drop folder that the cursor has passed, and that lie there
 * still: who they were told to was killed. The clip that the cursor stands in is not
 * among them. No link is followed.
 */
#ifndef STREAMHUB_BACKLOG_H
#define STREAMHUB_BACKLOG_H

#include "clips.h"
#include "cursor.h"

#define BACKLOG_MAX 1000000

/*
 * Fills clips, which is zeros, with the clips below the folder, in the queue and in
 * order; paths are below the folder. Folders whose names begin with a dot or an
 * underscore are left out, but for ".unpacked". Returns 0; or -1 with errno, EFBIG when
 * there are more than BACKLOG_MAX, and what was found until then.
 */
int backlog_read(struct clips *clips, const char *folder, const struct cursor *cursor);

#endif
