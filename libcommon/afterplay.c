#include "afterplay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "msg.h"

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

int afterplay_read(struct afterplay *after, const char *option, const char *text)
{
	path_close(after->folder); /* the option came twice */
	const char *folder = afterplay_folder(text);
	*after = (struct afterplay){AFTERPLAY_KEEP, -1};
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
	after->folder = path_open_folder(folder);
	if (after->folder < 0)
		msg_error("option %s: '%s':", option, text);
	return after->folder < 0 ? EX_NOINPUT : EX_OK;
}

static int move(
	const struct afterplay *after, int parent, const char *name, struct path_id id)
{
	struct stat st;
	int fd = path_open_file(parent, name, &st);

	if (fd < 0)
		return -1;
	close(fd);
	if (!path_same(path_id(&st), id)) {
		errno = ESTALE;
		return -1;
	}
	return renameat2(parent, name, after->folder, name, RENAME_NOREPLACE);
}

int afterplay_do(const struct afterplay *after, const char *path, struct path_id id)
{
	const char *name;

	if (after->what == AFTERPLAY_KEEP)
		return 0;
	int parent = path_open_parent(path, &name);
	if (parent < 0)
		return -1;
	int code = after->what == AFTERPLAY_DELETE ? path_remove_same(parent, name, id)
						   : move(after, parent, name, id);
	int error = errno;
	close(parent);
	errno = error;
	return code;
}
