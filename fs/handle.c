#include "handle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuse_api.h"
#include "tick.h"
#include "view.h"

#define LISTS 1024
#define FOLLOW_MAX 65536 /* so long a text that follows starts anew */
#define LOOK_EVERY (TICK_SECOND / 5)

static struct handle *newest[LISTS];
static size_t waiters;
static int64_t due;

static struct handle **list_of(const struct tree_node *node)
{
	return &newest[tree_number(node) * UINT64_C(0x9e3779b97f4a7c15) >> 54];
}

int handle_open(struct handle **handle, const struct tree_node *node)
{
	struct handle *new = calloc(1, sizeof *new), **list = list_of(node);
	struct stat st;
	int code = 0;

	if (!new)
		return -ENOMEM;
	new->node = *node;
	new->fd = -1;
	if (node->row->kind == TREE_TEXT)
		code = view_render(node, &new->text, &new->len, &new->time);
	else if (node->row->kind == TREE_FILE)
		code = new->fd = view_open(node, &st);
	if (code < 0) {
		free(new);
		return code;
	}
	new->older = *list;
	if (new->older)
		new->older->newer = new;
	*list = new;
	*handle = new;
	return 0;
}

/* Adds the value of now to a text that follows, if it is another than the last. */
static int follow(struct handle *handle)
{
	char *text;
	size_t len;

	int code = view_render(&handle->node, &text, &len, &handle->time);
	if (code < 0)
		return code;
	bool same = len == handle->len - handle->last &&
		memcmp(text, handle->text + handle->last, len) == 0;
	if (!same && handle->len + len > FOLLOW_MAX)
		handle->len = 0;
	char *more = same ? NULL : realloc(handle->text, handle->len + len);
	if (more) {
		memcpy(more + handle->len, text, len);
		handle->text = more;
		handle->last = handle->len;
		handle->len += len;
	}
	free(text);
	return same || more ? 0 : -ENOMEM;
}

static int renew(struct handle *handle)
{
	char *text;
	size_t len;

	int code = view_render(&handle->node, &text, &len, &handle->time);
	if (code < 0)
		return code;
	free(handle->text);
	handle->text = text;
	handle->len = len;
	handle->last = 0;
	handle->ended = false;
	return 0;
}

int handle_prepare(struct handle *handle, off_t offset)
{
	if (offset == 0 && handle->ended)
		return renew(handle);
	if ((size_t)offset < handle->len)
		return 0;
	handle->ended = true;
	return handle->node.row->follows ? follow(handle) : 0;
}

struct handle *handle_newest(const struct tree_node *node)
{
	struct handle *handle = *list_of(node);
	uint64_t number = tree_number(node);

	while (handle && tree_number(&handle->node) != number)
		handle = handle->older;
	if (handle && handle->node.row->follows)
		follow(handle);
	return handle;
}

bool handle_changed(const struct handle *handle)
{
	struct stat st;
	int64_t time;
	char *text;
	size_t len;

	if (handle->node.row->kind == TREE_LOG) {
		int fd = view_open(&handle->node, &st);
		if (fd >= 0)
			close(fd);
		return (fd >= 0 ? st.st_size : 0) != handle->seen;
	}
	if (view_render(&handle->node, &text, &len, &time) < 0)
		return true; /* the reader gets to see the error */
	bool same = len == handle->len - handle->last &&
		memcmp(text, handle->text + handle->last, len) == 0;
	free(text);
	return !same;
}

static void forget(struct handle *handle)
{
	if (!handle->waiter)
		return;
	fuse_pollhandle_destroy(handle->waiter);
	handle->waiter = NULL;
	waiters--;
}

void handle_wait(struct handle *handle, struct fuse_pollhandle *waiter)
{
	forget(handle);
	if (waiters++ == 0)
		due = tick_now() + LOOK_EVERY;
	handle->waiter = waiter;
}

int64_t handle_due(void)
{
	return waiters > 0 ? due : TICK_NEVER;
}

void handle_wake(void)
{
	int64_t began = tick_now();

	for (size_t i = 0; i < LISTS; i++) {
		for (struct handle *handle = newest[i]; handle; handle = handle->older) {
			if (!handle->waiter || !handle_changed(handle))
				continue;
			fuse_lowlevel_notify_poll(handle->waiter);
			forget(handle);
		}
	}
	/* However many wait, most of the time is for other things. */
	int64_t took = tick_now() - began;
	due = tick_now() + (10 * took > LOOK_EVERY ? 10 * took : LOOK_EVERY);
}

void handle_close(struct handle *handle)
{
	forget(handle);
	if (handle->newer)
		handle->newer->older = handle->older;
	else
		*list_of(&handle->node) = handle->older;
	if (handle->older)
		handle->older->newer = handle->newer;
	if (handle->fd >= 0)
		close(handle->fd);
	free(handle->text);
	free(handle);
}
