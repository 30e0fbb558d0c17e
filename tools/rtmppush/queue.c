/*
 * A ring of QUEUE_MAX clips, each with its file open from the moment it is taken in, so
 * that a clip that is replaced or deleted meanwhile is noticed. The cursor is only
 * written, never read again, while the tool runs.
 */
#include "queue.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/msg.h"

struct queue_clip *queue_at(struct queue *queue, size_t n)
{
	return &queue->clips[(queue->first + n) % QUEUE_MAX];
}

static const char *relative(const struct queue *queue, const char *path)
{
	return queue->root.dir ? root_relative(&queue->root, path) : path;
}

static int open_clip(struct queue *queue, struct queue_clip *clip)
{
	struct stat st;

	clip->folder = root_open_parent(&queue->root, clip->path, &clip->name);
	clip->fd = clip->folder < 0 ? -1 : path_open_file(clip->folder, clip->name, &st);
	if (clip->fd >= 0)
		clip->id = path_id(&st);
	return clip->fd;
}

static void let_go(struct queue_clip *clip)
{
	path_close(clip->fd);
	path_close(clip->folder);
	free(clip->path);
}

/* True if the cursor will have passed the clip when its turn comes: then the cursor
 * stands at the clip before it in the queue. */
static bool is_past(struct queue *queue, const struct queue_clip *clip)
{
	static struct cursor cursor;

	if (queue->cursor_folder < 0)
		return false;
	cursor = queue->cursor;
	if (queue->count > 0) {
		const struct queue_clip *last = queue_at(queue, queue->count - 1);
		cursor.mtime_ns = last->id.mtime_ns;
		snprintf(cursor.path, sizeof cursor.path, "%s", last->rel);
	}
	return *cursor.path &&
		cursor_has_passed(&cursor, queue->order, clock_wall_ns(),
			clip->id.mtime_ns, clip->rel);
}

int queue_take(struct queue *queue, const char *path)
{
	struct queue_clip *clip = queue_at(queue, queue->count);
	const struct cursor *cursor = &queue->cursor;

	*clip = (struct queue_clip){.path = strdup(path), .folder = -1, .fd = -1};
	if (clip->path && !root_accepts(&queue->root, clip->path)) {
		let_go(clip);
		return EX_NOINPUT;
	}
	if (!clip->path || open_clip(queue, clip) < 0) {
		msg_error("'%s': cannot be played:", path);
		let_go(clip);
		return EX_NOINPUT;
	}
	clip->rel = relative(queue, clip->path);
	clip->played = queue->played;
	bool own = !queue->resumed && strcmp(clip->rel, cursor->path) == 0 &&
		clip->id.mtime_ns == cursor->mtime_ns;
	if (own) {
		clip->position = cursor->position;
		queue->resumed = true;
	} else if (is_past(queue, clip)) {
		msg_warn("'%s': not played, the cursor has passed it", clip->path);
		queue->skipped++;
		let_go(clip);
		return EX_OK;
	}
	/* Where the same clip comes again, it does so from its beginning. */
	queue->resumed |= queue->order == ORDER_GIVEN;
	queue->count++;
	return EX_OK;
}

bool queue_has_changed(struct queue *queue, size_t n)
{
	const struct queue_clip *clip = queue_at(queue, n);
	struct stat st;

	return fstat(clip->fd, &st) < 0 || !path_same(path_id(&st), clip->id);
}

int64_t queue_behind(struct queue *queue, size_t n)
{
	int64_t last = queue_at(queue, queue->count - 1)->id.mtime_ns;
	const struct queue_clip *clip = queue_at(queue, n);
	int64_t held = queue->played - clip->played;

	if (queue->order == ORDER_GIVEN)
		return 0;
	held = clip->position > held ? clip->position : held;
	int64_t behind = last > clip->id.mtime_ns
		? (int64_t)(((uint64_t)last - (uint64_t)clip->id.mtime_ns) / 1000000)
		: 0;
	return behind > held ? behind - held : 0;
}

void queue_remove(struct queue *queue, size_t n)
{
	let_go(queue_at(queue, n));
	for (; n > 0; n--)
		*queue_at(queue, n) = *queue_at(queue, n - 1);
	queue->first++;
	queue->count--;
}

int queue_settle(struct queue *queue, const struct afterplay *after)
{
	const struct queue_clip *clip = queue_at(queue, 0);
	int code = afterplay_do(after, clip->folder, clip->name, clip->id) < 0 ? EX_IOERR
									       : EX_OK;

	if (code)
		msg_error("'%s' was played, but not %s:", clip->path,
			after->what == AFTERPLAY_DELETE ? "deleted" : "moved");
	queue_remove(queue, 0);
	return code;
}

int queue_skip(
	struct queue *queue, size_t n, const char *why, const struct afterplay *then)
{
	const struct queue_clip *clip = queue_at(queue, n);
	int code = afterplay_do(then, clip->folder, clip->name, clip->id) < 0 ? EX_IOERR
									      : EX_OK;

	if (code)
		msg_error("'%s' %s, but could not be deleted:", clip->path, why);
	else
		msg_warn("'%s' %s: %s", clip->path, why,
			then->what == AFTERPLAY_DELETE ? "deleted" : "left where it is");
	queue->skipped++;
	queue_remove(queue, n);
	return code;
}

int queue_note(struct queue *queue, int64_t every)
{
	const struct queue_clip *clip = queue_at(queue, 0);
	struct cursor *cursor = &queue->cursor;

	if (queue->cursor_folder < 0 || clock_now() < queue->written + every)
		return EX_OK;
	cursor->mtime_ns = clip->id.mtime_ns;
	cursor->position = clip->position;
	snprintf(cursor->path, sizeof cursor->path, "%s", clip->rel);
	queue->written = clock_now();
	if (cursor_write(cursor, queue->cursor_folder, queue->cursor_name) == 0)
		return EX_OK;
	msg_error("cursor '%s': '%s' cannot be noted:", queue->cursor_name, clip->path);
	return EX_IOERR;
}

static bool is_there(struct queue *queue, const char *path)
{
	const char *name;
	struct stat st;
	int folder = root_open_parent(&queue->root, path, &name);
	bool found = folder >= 0 && fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	path_close(folder);
	return found;
}

int queue_open(struct queue *queue, const char *path)
{
	char own[2 * PATH_MAX];
	struct cursor *cursor = &queue->cursor;

	queue->cursor_folder = path_open_parent(path, &queue->cursor_name);
	if (queue->cursor_folder < 0 ||
		(cursor_read(cursor, path) < 0 && errno != ENOENT)) {
		int error = errno;
		msg_error("cursor '%s'%s:", path,
			error == EBADMSG ? " (remove it to play all there is)" : "");
		return error == EBADMSG ? EX_CONFIG : EX_NOINPUT;
	}
	int64_t ahead = cursor_ahead(cursor, queue->order, clock_wall_ns());
	if (ahead > 0)
		msg_warn("cursor '%s': %" PRId64
			 " s ahead of this computer's clock: it is "
			 "not believed, and nothing is past",
			path, ahead / CLOCK_SECOND_NS);
	if (*cursor->path && queue->order != ORDER_GIVEN) {
		bool below = queue->root.dir;
		snprintf(own, sizeof own, "%s%s%s", below ? queue->root.dir : "",
			below ? "/" : "", cursor->path);
		if (is_there(queue, own))
			queue_take(queue, own);
		/* A newer clip with this name will come from camwatch like any other. */
		if (queue->count > 0 &&
			queue_at(queue, 0)->id.mtime_ns != cursor->mtime_ns)
			queue_remove(queue, 0);
	}
	queue->resumed = !*cursor->path || queue->count > 0;
	atomic_sweep(queue->cursor_folder, queue->cursor_name);
	return EX_OK;
}
