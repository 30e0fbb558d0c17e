/*
 * afterplay: what is done with a clip that was played, or need not be any more: it is
 * kept, deleted or moved, and only if it still is the file that was meant.
 */
#ifndef STREAMHUB_AFTERPLAY_H
#define STREAMHUB_AFTERPLAY_H

#include "path.h"

enum afterplay_what { AFTERPLAY_KEEP, AFTERPLAY_DELETE, AFTERPLAY_MOVE };

/* Of the first two, for options that have no folder; NULL after the last. */
extern const char *const afterplay_names[];

struct afterplay {
	enum afterplay_what what;
	int folder; /* to move to, or -1 */
};

/* The DIR of "move:DIR", or NULL if it is another word. */
const char *afterplay_folder(const char *text);

/* The DIR of "archive:DIR", or NULL. */
const char *afterplay_archive(const char *text);

/*
 * Reads an option's "keep", "delete" or "move:DIR" over what after held: its folder is
 * -1, or is closed. "archive:DIR" is keep: another
 * tool packs it. Returns 0; or says what is wrong with it and returns an exit code.
 */
int afterplay_read(struct afterplay *after, const char *option, const char *text);

/*
 * Does it. Nothing is overwritten: EEXIST. Returns 0, or -1 with errno: ESTALE when it is
 * another file by now, EXDEV when the folder is on another file system.
 */
int afterplay_do(const struct afterplay *after, const char *path, struct path_id id);

#endif
