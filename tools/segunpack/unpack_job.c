#include "unpack_job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/path.h"

#define LONGEST_PAUSE (60 * CLOCK_SECOND)

void unpack_job_init(struct unpack_job *job)
{
	job->fd = job->parent = job->place = job->folder = -1;
	job->unpack.fd = job->unpack.child.socket = -1;
}

static void close_one(int *fd)
{
	path_close(*fd);
	*fd = -1;
}

static enum unpack_job_state lose(struct unpack_job *job, int code, const char *what)
{
	msg_error("'%s': %s:", job->path, what);
	job->code = code;
	return UNPACK_JOB_LOST;
}

/* Stops unpacking and removes the partial folder. */
static void abandon(struct unpack_job *job)
{
	int error = errno;

	unpack_end(&job->unpack);
	if (job->folder >= 0)
		unpack_folder_abort(job->place, job->name);
	close_one(&job->folder);
	errno = error;
}

/* A write has failed: waits if the disk is full, else gives up. */
static enum unpack_job_state hold(struct unpack_job *job)
{
	struct backoff *backoff = &job->backoff;

	abandon(job);
	if (errno != ENOSPC && errno != EDQUOT)
		return lose(job, EX_IOERR, "cannot be unpacked");
	if (backoff->failures == 0)
		msg_warn("'%s': waiting for room to unpack it:", job->path);
	int64_t now = clock_now();
	job->due = now + backoff_failed(backoff, now, LONGEST_PAUSE);
	close_one(&job->fd);
	return UNPACK_JOB_WAITS;
}

static enum unpack_job_state list(struct unpack_job *job)
{
	bool all;

	flock(job->place, LOCK_UN);
	free(job->clips);
	job->clips = unpack_folder_list(job->place, job->name, &job->count, &all);
	if (!job->clips && errno)
		return lose(job, EX_IOERR, "its clips cannot be read");
	return UNPACK_JOB_WHOLE;
}

/* True if the folder that was unpacked before is to be used as it is. */
static bool is_of_use(struct unpack_job *job)
{
	size_t count;
	bool all;

	free(unpack_folder_list(job->place, job->name, &count, &all));
	if (job->anew && !all && unpack_folder_remove(job->place, job->name))
		return false;
	msg_info(
		"'%s': was unpacked before, %zu clips are still there", job->path, count);
	return true;
}

static enum unpack_job_state unpack(struct unpack_job *job)
{
	if (job->place < 0)
		job->place = unpack_folder_open(job->parent);
	if (job->place < 0)
		return hold(job);
	if (flock(job->place, LOCK_EX | LOCK_NB) < 0) { /* another process unpacks here */
		close_one(&job->fd);
		job->due = clock_now() + CLOCK_SECOND;
		return UNPACK_JOB_WAITS;
	}
	unpack_folder_sweep(job->place, job->parent);
	int found = unpack_folder_find(
		job->place, job->path + job->head, path_id(&job->st), job->name);
	if (found > 0 && is_of_use(job))
		return list(job);
	job->folder = found < 0 ? -1 : unpack_folder_begin(job->place, job->name);
	if (job->folder < 0)
		return hold(job);
	if (unpack_begin(&job->unpack, job->fd, &job->st, job->folder) == 0)
		return UNPACK_JOB_RUNS;
	abandon(job);
	return errno == ENOTSUP ? lose(job, EX_UNAVAILABLE,
					  "no sandboxed parser can be run "
					  "(--no-sandbox goes on without)")
				: lose(job, EX_OSERR, "no parser can be run");
}

static enum unpack_job_state look(struct unpack_job *job)
{
	char head[READ_ARCHIVE_HEAD];

	job->fd = path_open_file(job->parent, job->path + job->head, &job->st);
	if (job->fd < 0)
		return lose(job, EX_NOINPUT, "cannot be opened");
	ssize_t n = pread(job->fd, head, sizeof head, 0);
	if (n < 0)
		return lose(job, EX_IOERR, "cannot be read");
	return read_archive_knows(head, (size_t)n) ? unpack(job) : UNPACK_JOB_PASSES;
}

/* The child has read the archive, or has stopped at a fault. */
static enum unpack_job_state finish(struct unpack_job *job)
{
	struct unpack *done = &job->unpack;
	size_t count = done->count;

	job->bytes += (uint64_t)done->bytes;
	if (done->code != READ_ARCHIVE_GOOD) {
		abandon(job);
		return UNPACK_JOB_BAD;
	}
	if ((job->sync && syncfs(job->folder) < 0) ||
		unpack_folder_commit(job->place, job->name, path_id(&job->st), count) < 0)
		return hold(job);
	unpack_end(done);
	close_one(&job->folder);
	job->backoff = (struct backoff){0};
	return list(job);
}

void unpack_job_begin(struct unpack_job *job, const char *path)
{
	const char *name;

	snprintf(job->path, sizeof job->path, "%s", path);
	if (job->root && !root_accepts(job->root, job->path)) {
		job->code = EX_NOINPUT;
		job->state = UNPACK_JOB_LOST;
		return;
	}
	job->parent = root_open_parent(job->root, job->path, &name);
	if (job->parent < 0) {
		job->state = lose(job, EX_NOINPUT, "cannot be opened");
		return;
	}
	job->head = (size_t)(name - job->path);
	job->state = look(job);
}

void unpack_job_go_on(struct unpack_job *job)
{
	if (job->state == UNPACK_JOB_WAITS && job->due <= clock_now())
		job->state = look(job);
	if (job->state != UNPACK_JOB_RUNS)
		return;
	int got = unpack_take(&job->unpack);
	if (got != 0)
		job->state = got < 0 ? hold(job) : finish(job);
}

void unpack_job_again(struct unpack_job *job, int64_t due)
{
	close_one(&job->fd);
	job->due = due;
	job->state = UNPACK_JOB_WAITS;
}

void unpack_job_drop(struct unpack_job *job)
{
	abandon(job);
	close_one(&job->fd);
	close_one(&job->parent);
	close_one(&job->place);
	free(job->clips);
	job->clips = NULL;
	job->state = UNPACK_JOB_IDLE;
}
