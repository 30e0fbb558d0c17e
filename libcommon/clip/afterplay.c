#include "clip/afterplay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/msg.h"
#include "clip/aside.h"

const char *const afterplay_names[] = {
	[AFTERPLAY_KEEP] = "keep", [AFTERPLAY_DELETE] = "delete", NULL};

static const char *behind(const char *start, const char *text)
{
	return strncmp(text, start, strlen(start)) == 0 ? text + strlen(start) : NULL;
}

const char *afterplay_folder(const char *text)
{
	return behind("move:", text);
}

const char *afterplay_archive(const char *text)
{
	return behind("archive:", text);
}

const char *afterplay_late(const char *after_play, const char *late)
{
	const char *own = afterplay_names[AFTERPLAY_DELETE];

	return strcmp(after_play, own) == 0 ? late : afterplay_names[AFTERPLAY_KEEP];
}

int afterplay_read(
	struct afterplay *after, struct root *root, const char *option, const char *text)
{
	path_close(after->folder); /* the option came twice */
	const char *folder = afterplay_folder(text);
	*after = (struct afterplay){AFTERPLAY_KEEP, -1, NULL};
	const char *archive = afterplay_archive(text);
	if (strcmp(text, "keep") == 0 || (archive && *archive))
		return EX_OK;
	if (strcmp(text, "delete") == 0) {
		after->what = AFTERPLAY_DELETE;
		return EX_OK;
	}
	if (!folder || !*folder) {
		msg_error("option %s: '%s' is none of keep delete move:DIR archive:DIR",
			option, text);
		return EX_USAGE;
	}
	after->what = AFTERPLAY_MOVE;
	after->path = folder;
	after->folder = root_open_folder(root, folder);
	if (after->folder < 0)
		msg_error("option %s: '%s':", option, text);
	return after->folder < 0 ? EX_NOINPUT : EX_OK;
}

int afterplay_do(
	const struct afterplay *after, int folder, const char *name, struct path_id id)
{
	if (after->what == AFTERPLAY_KEEP)
		return 0;
	return after->what == AFTERPLAY_DELETE
		? aside_remove(folder, name, id)
		: aside_move(folder, name, id, after->folder);
}
