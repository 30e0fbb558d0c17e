#include "clip/cursor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/path.h"
#include "base/text.h"
#include "clip/order.h"

int cursor_read(struct cursor *cursor, const char *path)
{
	const char *name;

	int folder = path_open_parent(path, &name);
	if (folder < 0)
		return -1;
	int code = cursor_read_at(cursor, folder, name);
	int error = errno;
	close(folder);
	errno = error;
	return code;
}

int cursor_read_at(struct cursor *cursor, int at, const char *rel)
{
	char line[PATH_MAX + 64], *rest = line;
	long long mtime, position;

	ssize_t n = path_read(at, rel, line, sizeof line - 1);
	if (n < 0) {
		errno = errno == EFBIG ? EBADMSG : errno;
		return -1;
	}
	line[n] = '\0';
	bool whole = strlen(line) == (size_t)n;
	char *mtime_text = strsep(&rest, "\t");
	char *clip = strsep(&rest, "\t");
	char *position_text = strsep(&rest, "\n");
	if (!whole || !rest || *rest || !*clip || strlen(clip) >= sizeof cursor->path ||
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

int cursor_write(const struct cursor *cursor, int folder, const char *name)
{
	struct atomic file;

	if (!*cursor->path || strpbrk(cursor->path, "\t\n") || cursor->position < 0) {
		errno = EINVAL;
		return -1;
	}
	if (atomic_begin(&file, folder, name, 0644) < 0)
		return -1;
	if (dprintf(file.fd, "%" PRId64 "\t%s\t%" PRId64 "\n", cursor->mtime_ns,
		    cursor->path, cursor->position) < 0 ||
		atomic_sync(&file) < 0 || atomic_commit(&file) < 0) {
		int error = errno;
		atomic_abort(&file);
		errno = error;
		return -1;
	}
	return 0;
}

int64_t cursor_ahead(const struct cursor *cursor, enum order_by by, int64_t wall_ns)
{
	int64_t key;

	return order_key(by, cursor->path, cursor->mtime_ns, &key)
		? order_ahead(by, key, wall_ns)
		: 0;
}

bool cursor_has_passed(const struct cursor *cursor, enum order_by by, int64_t wall_ns,
	int64_t mtime_ns, const char *path)
{
	int64_t own, other;

	if (by == ORDER_GIVEN || cursor_ahead(cursor, by, wall_ns) > 0)
		return false;
	return order_key(by, cursor->path, cursor->mtime_ns, &own) &&
			order_key(by, path, mtime_ns, &other) && own != other
		? other < own
		: order_natural(path, cursor->path) <= 0;
}
