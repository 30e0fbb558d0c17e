/*
 * A hash table of lists, the newest version of a node first. version_look renders the
 * text and adds a version only if it differs from the last. Waiting processes are in one
 * array in the order in which they came; version_wake renders for them five times a
 * second, and no longer than a tenth of the time.
 */
#include "version.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fuse_api.h"
#include "view.h"

#define LISTS 4096
#define FOLLOW_MAX 65536 /* so long a text that follows starts anew */
#define FOLLOW_AFTER CLOCK_SECOND
#define WAITERS_MAX 4096 /* the kernel does not tell who has stopped to wait */
#define LOOK_EVERY (CLOCK_SECOND / 5)
#define WAIT_MAX (60 * CLOCK_SECOND) /* then it asks again, if it still waits */
#define BUSY_MAX (CLOCK_SECOND / 50) /* on end, with those who wait */
#define PAUSE_MAX (2 * CLOCK_SECOND) /* also where this process was held up meanwhile */

static struct version *newest[LISTS];
static struct waiter {
	struct version *version;
	struct fuse_pollhandle *handle;
	int64_t since;
} waiters[WAITERS_MAX];
static size_t waiting;
static int64_t due;

static struct version **list_of(const struct tree_node *node)
{
	struct tree_node any = *node;

	any.version = 0;
	return &newest[tree_number(&any) * UINT64_C(0x9e3779b97f4a7c15) >> 52];
}

static bool is_of(const struct version *version, const struct tree_node *node)
{
	return version->node.station == node->station && version->node.row == node->row;
}

/* Renders the current text of a node; *text is NULL if it is unreadable. 0 or negative
 * errno. */
static int render(const struct tree_node *node, char **text, size_t *len, int64_t *time)
{
	int code = view_render(node, text, len, time);

	if (code == -EIO)
		*text = NULL;
	return code == -EIO ? 0 : code;
}

static bool is_same(const struct version *version, const char *text, size_t len)
{
	if (!text || !version->text)
		return text == version->text;
	return len == version->len - version->last &&
		memcmp(text, version->text + version->last, len) == 0;
}

/* Takes over text. */
static struct version *add(
	const struct tree_node *node, char *text, size_t len, int64_t time)
{
	static uint64_t count;
	struct version *new = calloc(1, sizeof *new), **list = list_of(node);

	if (!new)
		return NULL;
	*new = (struct version){
		.older = *list, .node = *node, .text = text, .len = len, .time = time};
	new->node.version = ++count;
	new->born = clock_now();
	if (new->older)
		new->older->newer = new;
	*list = new;
	return new;
}

int version_look(struct tree_node *node, struct version **version)
{
	struct version *last = *list_of(node);
	int64_t time;
	char *text;
	size_t len = 0;

	int code = render(node, &text, &len, &time);
	if (code < 0)
		return code;
	while (last && !is_of(last, node))
		last = last->older;
	if (last && last->last == 0 && last->time == time && is_same(last, text, len))
		free(text);
	else
		last = add(node, text, len, time);
	if (!last) {
		free(text);
		return -ENOMEM;
	}
	last->lookups++;
	*node = last->node;
	*version = last;
	return 0;
}

/* Adds the value of now to a text that follows, if it is another than the last. */
static void follow(struct version *version)
{
	int64_t time;
	char *text;
	size_t len;

	if (clock_now() - version->born < FOLLOW_AFTER ||
		render(&version->node, &text, &len, &time) < 0 || !text)
		return;
	char *more = NULL;
	if (version->text && !is_same(version, text, len)) {
		size_t had = version->len + len > FOLLOW_MAX ? 0 : version->len;
		more = realloc(version->text, had + len);
		if (more) {
			memcpy(more + had, text, len);
			version->text = more;
			version->last = had;
			version->len = had + len;
			version->time = time;
		}
	}
	free(text);
}

struct version *version_find(const struct tree_node *node)
{
	struct version *version = *list_of(node);

	while (version &&
		(version->node.version != node->version || !is_of(version, node)))
		version = version->older;
	return version;
}

struct version *version_of(const struct tree_node *node)
{
	struct version *version = version_find(node);

	if (version && version->node.row->follows)
		follow(version);
	return version;
}

static void remove_waiter(size_t i)
{
	fuse_pollhandle_destroy(waiters[i].handle);
	memmove(&waiters[i], &waiters[i + 1], (--waiting - i) * sizeof *waiters);
}

void version_forget(const struct tree_node *node, uint64_t lookups)
{
	struct version *version = version_find(node);

	if (!version)
		return;
	version->lookups -= lookups < version->lookups ? lookups : version->lookups;
	if (version->lookups > 0)
		return;
	for (size_t i = waiting; i-- > 0;)
		if (waiters[i].version == version)
			remove_waiter(i);
	if (version->newer)
		version->newer->older = version->older;
	else
		*list_of(node) = version->older;
	if (version->older)
		version->older->newer = version->newer;
	free(version->text);
	free(version);
}

bool version_is_old(const struct version *version)
{
	int64_t time;
	char *text;
	size_t len = 0;

	if (render(&version->node, &text, &len, &time) < 0)
		return true; /* who looks again gets the error */
	bool same = is_same(version, text, len);
	free(text);
	return !same;
}

bool version_wait(struct version *version, struct fuse_pollhandle *waiter)
{
	if (waiting == WAITERS_MAX)
		return false;
	if (waiting == 0)
		due = clock_now() + LOOK_EVERY;
	waiters[waiting++] = (struct waiter){version, waiter, clock_now()};
	return true;
}

int64_t version_due(void)
{
	return waiting > 0 ? due : CLOCK_NEVER;
}

/* Lets go of the oldest, of half of them where they are many. Returns how many. */
static size_t expire(int64_t now)
{
	size_t n = 0;

	while (n < waiting &&
		(waiting - n > WAITERS_MAX / 2 || waiters[n].since + WAIT_MAX <= now)) {
		fuse_lowlevel_notify_poll(waiters[n].handle);
		fuse_pollhandle_destroy(waiters[n++].handle);
	}
	waiting -= n;
	memmove(waiters, waiters + n, waiting * sizeof *waiters);
	return n;
}

void version_wake(void)
{
	static size_t next; /* where to go on: a look at all may take too long */
	int64_t began = clock_now(), took = 0;
	const struct version *looked = NULL;
	bool old = false;

	size_t gone = expire(began);
	next -= gone < next ? gone : next;
	for (size_t left = waiting; left > 0; left--) {
		if (next >= waiting)
			next = 0;
		/* Those who wait for the same one cost nothing: they may be thousands. */
		if (waiters[next].version != looked) {
			if (took >= BUSY_MAX)
				break;
			looked = waiters[next].version;
			old = version_is_old(looked);
			took = clock_now() - began;
		}
		if (old) {
			fuse_lowlevel_notify_poll(waiters[next].handle);
			remove_waiter(next);
		} else {
			next++;
		}
	}
	/* However many wait, most of the time is for other things. */
	int64_t pause = 10 * took > LOOK_EVERY ? 10 * took : LOOK_EVERY;
	due = clock_now() + (pause < PAUSE_MAX ? pause : PAUSE_MAX);
}
