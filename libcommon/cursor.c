#include "cursor.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "path.h"
#include "text.h"

int cursor_read(struct cursor *cursor, const char *path)
{
	char line[PATH_MAX + 64], *save;
	long long mtime, position;
	const char *name;

	int folder = path_open_parent(path, &name);
	if (folder < 0)
		return -1;
	ssize_t n = path_read(folder, name, line, sizeof line - 1);
	int error = errno;
	close(folder);
	if (n < 0) {
		errno = error == EFBIG ? EBADMSG : error;
		return -1;
	}
	line[n] = '\0';
	bool ended = n > 0 && line[n - 1] == '\n';
	char *mtime_text = strtok_r(line, "\t", &save);
	char *clip = strtok_r(NULL, "\t", &save);
	char *position_text = strtok_r(NULL, "\n", &save);
	if (!mtime_text || !clip || !position_text || *save || !ended ||
		strlen(clip) >= sizeof cursor->path ||
		text_number(mtime_text, INT64_MIN, INT64_MAX, &mtime) < 0 ||
		text_number(position_text, 0, INT64_MAX, &position) < 0) {
		errno = EBADMSG;
		return -1;
	}
	cursor->mtime_ns = mtime;
	cursor->position = position;
	strcpy(cursor->path, clip);
	return 0;
}
