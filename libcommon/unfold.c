#include "unfold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "msg.h"
#include "path.h"

#define LONGEST_PAUSE (60 * TICK_SECOND)

void unfold_init(struct unfold *unfold)
{
	unfold->fd = unfold->parent = unfold->place = unfold->folder = -1;
	unfold->unpack.fd = unfold->unpack.cell.socket = -1;
}

static void close_one(int *fd)
{
	path_close(*fd);
	*fd = -1;
}

static enum unfold_state lose(struct unfold *unfold, int code, const char *what)
{
	msg_error("'%s': %s:", unfold->path, what);
	unfold->code = code;
	return UNFOLD_LOST;
}

/* Nothing of what is half done is left. */
static void abandon(struct unfold *unfold)
{
	int error = errno;

	unpack_end(&unfold->unpack);
	if (unfold->folder >= 0)
		unpacked_abort(unfold->place, unfold->name);
	close_one(&unfold->folder);
	errno = error;
}

/* A write has failed. A full disk gets better. */
static enum unfold_state hold(struct unfold *unfold)
{
	struct backoff *backoff = &unfold->backoff;

	abandon(unfold);
	if (errno != ENOSPC && errno != EDQUOT)
		return lose(unfold, EX_IOERR, "cannot be unpacked");
	if (backoff->failures == 0)
		msg_warn("'%s': waiting for room to unpack it:", unfold->path);
	int64_t now = tick_now();
	unfold->due = now + backoff_failed(backoff, now, LONGEST_PAUSE);
	close_one(&unfold->fd);
	return UNFOLD_WAITS;
}

static enum unfold_state list(struct unfold *unfold)
{
	bool all;

	flock(unfold->place, LOCK_UN);
	free(unfold->clips);
	unfold->clips = unpacked_list(unfold->place, unfold->name, &unfold->count, &all);
	if (!unfold->clips && errno)
		return lose(unfold, EX_IOERR, "its clips cannot be read");
	return UNFOLD_WHOLE;
}

/* Whether what was unpacked before is to be taken as it is. */
static bool is_of_use(struct unfold *unfold)
{
	size_t count;
	bool all;

	free(unpacked_list(unfold->place, unfold->name, &count, &all));
	if (unfold->anew && !all && unpacked_remove(unfold->place, unfold->name))
		return false;
	msg_info("'%s': was unpacked before, %zu clips are still there", unfold->path,
		count);
	return true;
}

static enum unfold_state unpack(struct unfold *unfold)
{
	if (unfold->place < 0)
		unfold->place = unpacked_open(unfold->parent);
	if (unfold->place < 0)
		return hold(unfold);
	if (flock(unfold->place, LOCK_EX | LOCK_NB) < 0) { /* another unpacks here */
		close_one(&unfold->fd);
		unfold->due = tick_now() + TICK_SECOND;
		return UNFOLD_WAITS;
	}
	unpacked_sweep(unfold->place, unfold->parent);
	int found = unpacked_find(unfold->place, unfold->path + unfold->head,
		path_id(&unfold->st), unfold->name);
	if (found > 0 && is_of_use(unfold))
		return list(unfold);
	unfold->folder = found < 0 ? -1 : unpacked_begin(unfold->place, unfold->name);
	if (unfold->folder < 0)
		return hold(unfold);
	if (unpack_begin(&unfold->unpack, unfold->fd, &unfold->st, unfold->folder) == 0)
		return UNFOLD_RUNS;
	abandon(unfold);
	return errno == ENOTSUP ? lose(unfold, EX_UNAVAILABLE,
					  "no sandboxed parser can be run "
					  "(--no-sandbox goes on without)")
				: lose(unfold, EX_OSERR, "no parser can be run");
}

static enum unfold_state look(struct unfold *unfold)
{
	char head[ENTRIES_HEAD];

	unfold->fd =
		path_open_file(unfold->parent, unfold->path + unfold->head, &unfold->st);
	if (unfold->fd < 0)
		return lose(unfold, EX_NOINPUT, "cannot be opened");
	ssize_t n = pread(unfold->fd, head, sizeof head, 0);
	if (n < 0)
		return lose(unfold, EX_IOERR, "cannot be read");
	return entries_is_archive(head, (size_t)n) ? unpack(unfold) : UNFOLD_PASSES;
}

/* The archive has been read to its end, or as far as it was good. */
static enum unfold_state finish(struct unfold *unfold)
{
	struct unpack *done = &unfold->unpack;
	size_t count = done->count;

	unfold->bytes += (uint64_t)done->bytes;
	if (done->code != ENTRIES_GOOD) {
		abandon(unfold);
		return UNFOLD_BAD;
	}
	if ((unfold->sync && syncfs(unfold->folder) < 0) ||
		unpacked_commit(
			unfold->place, unfold->name, path_id(&unfold->st), count) < 0)
		return hold(unfold);
	unpack_end(done);
	close_one(&unfold->folder);
	unfold->backoff = (struct backoff){0};
	return list(unfold);
}

void unfold_begin(struct unfold *unfold, const char *path, size_t len)
{
	const char *name;

	memcpy(unfold->path, path, len);
	unfold->path[len] = '\0';
	unfold->parent = path_open_parent(unfold->path, &name);
	if (unfold->parent < 0) {
		unfold->state = lose(unfold, EX_NOINPUT, "cannot be opened");
		return;
	}
	unfold->head = (size_t)(name - unfold->path);
	unfold->state = look(unfold);
}

void unfold_go_on(struct unfold *unfold)
{
	if (unfold->state == UNFOLD_WAITS && unfold->due <= tick_now())
		unfold->state = look(unfold);
	if (unfold->state != UNFOLD_RUNS)
		return;
	int got = unpack_take(&unfold->unpack);
	if (got != 0)
		unfold->state = got < 0 ? hold(unfold) : finish(unfold);
}

void unfold_again(struct unfold *unfold, int64_t due)
{
	close_one(&unfold->fd);
	unfold->due = due;
	unfold->state = UNFOLD_WAITS;
}

void unfold_drop(struct unfold *unfold)
{
	abandon(unfold);
	close_one(&unfold->fd);
	close_one(&unfold->parent);
	close_one(&unfold->place);
	free(unfold->clips);
	unfold->clips = NULL;
	unfold->state = UNFOLD_IDLE;
}
