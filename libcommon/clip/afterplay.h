/*
 * afterplay: keeps, deletes or moves a clip that was played or passed over, but only if
 * it is still the file that was meant.
 */
#ifndef STREAMHUB_AFTERPLAY_H
#define STREAMHUB_AFTERPLAY_H

#include "base/path.h"
#include "base/root.h"

enum afterplay_what { AFTERPLAY_KEEP, AFTERPLAY_DELETE, AFTERPLAY_MOVE };

/* "keep" and "delete", for options without move; NULL after the last. */
extern const char *const afterplay_names[];

/*
 * What to do with late clips, "keep" or "delete", by the settings AFTER_PLAY and LATE. A
 * clip that was played and kept looks like one that came late, so late clips are deleted
 * only where played clips are deleted.
 */
const char *afterplay_late(const char *after_play, const char *late);

struct afterplay {
	enum afterplay_what what;
	int folder; /* to move to, or -1 */
	const char *path; /* that folder's, in the text that was read; or NULL */
};

/* The DIR of "move:DIR", or NULL. */
const char *afterplay_folder(const char *text);

/* The DIR of "archive:DIR", or NULL. */
const char *afterplay_archive(const char *text);

/*
 * Reads an option's "keep", "delete", "move:DIR" or "archive:DIR" into after, and closes
 * the folder that after held before, unless that is -1. "archive:DIR" becomes keep, as
 * segpack packs the clip. A DIR below the root is opened below it. Returns 0; or reports
 * what is wrong and returns an exit code.
 */
int afterplay_read(
	struct afterplay *after, struct root *root, const char *option, const char *text);

/*
 * Keeps, deletes or moves the file name in the open folder, by aside.h. Returns 0, or -1
 * with errno: ESTALE when name is another file by now, EXDEV when the folder to move to
 * is on another file system.
 */
int afterplay_do(
	const struct afterplay *after, int folder, const char *name, struct path_id id);

#endif
