#include "lineup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "atomic.h"
#include "msg.h"
#include "tick.h"

struct lineup_clip *lineup_at(struct lineup *lineup, size_t n)
{
	return &lineup->clips[(lineup->first + n) % LINEUP_MAX];
}

static const char *relative(const struct lineup *lineup, const char *path)
{
	size_t len = lineup->dir ? strlen(lineup->dir) : 0;
	const char *rel = path + len;

	if (!len || strncmp(path, lineup->dir, len) != 0 ||
		(*rel != '/' && rel[-1] != '/'))
		return path;
	rel += strspn(rel, "/");
	return *rel ? rel : path;
}

static int open_clip(struct lineup_clip *clip)
{
	struct stat st;
	const char *name;
	int folder = path_open_parent(clip->path, &name);

	clip->fd = folder < 0 ? -1 : path_open_file(folder, name, &st);
	path_close(folder);
	if (clip->fd >= 0)
		clip->id = path_id(&st);
	return clip->fd;
}

static void let_go(struct lineup_clip *clip)
{
	path_close(clip->fd);
	free(clip->path);
}

/* Where the cursor will be when it is this one's turn. */
static bool is_past(struct lineup *lineup, const struct lineup_clip *clip)
{
	static struct cursor cursor;

	if (lineup->cursor_folder < 0)
		return false;
	cursor = lineup->cursor;
	if (lineup->count > 0) {
		const struct lineup_clip *last = lineup_at(lineup, lineup->count - 1);
		cursor.mtime_ns = last->id.mtime_ns;
		snprintf(cursor.path, sizeof cursor.path, "%s", last->rel);
	}
	return *cursor.path &&
		cursor_has_passed(&cursor, lineup->order, clip->id.mtime_ns, clip->rel);
}

int lineup_take(struct lineup *lineup, const char *path, size_t len)
{
	struct lineup_clip *clip = lineup_at(lineup, lineup->count);
	const struct cursor *cursor = &lineup->cursor;

	*clip = (struct lineup_clip){.path = strndup(path, len), .fd = -1};
	if (!clip->path || open_clip(clip) < 0) {
		msg_error("'%.*s': cannot be played:", (int)len, path);
		let_go(clip);
		return EX_NOINPUT;
	}
	clip->rel = relative(lineup, clip->path);
	bool own = !lineup->resumed && strcmp(clip->rel, cursor->path) == 0 &&
		clip->id.mtime_ns == cursor->mtime_ns;
	if (own) {
		clip->position = cursor->position;
		lineup->resumed = true;
	} else if (is_past(lineup, clip)) {
		msg_warn("'%s': not played, the cursor has passed it", clip->path);
		lineup->skipped++;
		let_go(clip);
		return EX_OK;
	}
	lineup->count++;
	return EX_OK;
}

bool lineup_has_changed(struct lineup *lineup)
{
	const struct lineup_clip *clip = lineup_at(lineup, 0);
	struct stat st;

	return fstat(clip->fd, &st) < 0 || !path_same(path_id(&st), clip->id);
}

int64_t lineup_behind(struct lineup *lineup, size_t n)
{
	int64_t last = lineup_at(lineup, lineup->count - 1)->id.mtime_ns;
	int64_t own = lineup_at(lineup, n)->id.mtime_ns;

	return last > own ? (last - own) / 1000000 : 0;
}

void lineup_remove(struct lineup *lineup, size_t n)
{
	let_go(lineup_at(lineup, n));
	for (; n > 0; n--)
		*lineup_at(lineup, n) = *lineup_at(lineup, n - 1);
	lineup->first++;
	lineup->count--;
}

int lineup_settle(struct lineup *lineup, const struct afterplay *after)
{
	const struct lineup_clip *clip = lineup_at(lineup, 0);
	int code = afterplay_do(after, clip->path, clip->id) < 0 ? EX_IOERR : EX_OK;

	if (code)
		msg_error("'%s' was played, but not %s:", clip->path,
			after->what == AFTERPLAY_DELETE ? "deleted" : "moved");
	lineup_remove(lineup, 0);
	return code;
}

int lineup_skip(
	struct lineup *lineup, size_t n, const char *why, const struct afterplay *then)
{
	const struct lineup_clip *clip = lineup_at(lineup, n);
	int code = afterplay_do(then, clip->path, clip->id) < 0 ? EX_IOERR : EX_OK;

	if (code)
		msg_error("'%s' %s, but could not be deleted:", clip->path, why);
	else
		msg_warn("'%s' %s: %s", clip->path, why,
			then->what == AFTERPLAY_DELETE ? "deleted" : "left where it is");
	lineup->skipped++;
	lineup_remove(lineup, n);
	return code;
}

int lineup_note(struct lineup *lineup, int64_t every)
{
	const struct lineup_clip *clip = lineup_at(lineup, 0);
	struct cursor *cursor = &lineup->cursor;

	if (lineup->cursor_folder < 0 || tick_now() < lineup->written + every)
		return EX_OK;
	cursor->mtime_ns = clip->id.mtime_ns;
	cursor->position = clip->position;
	snprintf(cursor->path, sizeof cursor->path, "%s", clip->rel);
	lineup->written = tick_now();
	if (cursor_write(cursor, lineup->cursor_folder, lineup->cursor_name) == 0)
		return EX_OK;
	msg_error("cursor '%s': '%s' cannot be noted:", lineup->cursor_name, clip->path);
	return EX_IOERR;
}

int lineup_open(struct lineup *lineup, const char *path)
{
	char own[2 * PATH_MAX];
	struct cursor *cursor = &lineup->cursor;

	lineup->cursor_folder = path_open_parent(path, &lineup->cursor_name);
	if (lineup->cursor_folder < 0 ||
		(cursor_read(cursor, path) < 0 && errno != ENOENT)) {
		int error = errno;
		msg_error("cursor '%s'%s:", path,
			error == EBADMSG ? " (remove it to play all there is)" : "");
		return error == EBADMSG ? EX_CONFIG : EX_NOINPUT;
	}
	if (*cursor->path) {
		bool below = lineup->dir && *lineup->dir;
		snprintf(own, sizeof own, "%s%s%s", below ? lineup->dir : "",
			below ? "/" : "", cursor->path);
		if (access(own, F_OK) == 0)
			lineup_take(lineup, own, strlen(own));
		/* A newer one by this name will be named like any other. */
		if (lineup->count > 0 &&
			lineup_at(lineup, 0)->id.mtime_ns != cursor->mtime_ns)
			lineup_remove(lineup, 0);
	}
	lineup->resumed = !*cursor->path || lineup->count > 0;
	atomic_sweep(lineup->cursor_folder, lineup->cursor_name);
	return EX_OK;
}
