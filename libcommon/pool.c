#include "pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "msg.h"
#include "path.h"
#include "tick.h"

int pool_start(struct pool *pool, size_t count, worker_parse *parse, bool open)
{
	pool->worker_count = count;
	for (size_t i = 0; i < count; i++) {
		pool->workers[i] = (struct worker){.parse = parse, .open = open};
		if (worker_start(&pool->workers[i]) < 0)
			return -1;
	}
	if (open)
		msg_warn("no sandbox: a hostile file could do anything");
	else if (pool->workers[0].cell.sandbox == SANDBOX_SECCOMP)
		msg_warn("this kernel has no Landlock: the sandbox is seccomp alone");
	return 0;
}

struct job *pool_job(struct pool *pool, size_t n)
{
	return n < pool->count ? &pool->jobs[(pool->first + n) % POOL_JOBS] : NULL;
}

struct job *pool_add(struct pool *pool, const char *path, size_t len)
{
	if (pool->count == POOL_JOBS)
		return NULL;
	struct job *job = &pool->jobs[(pool->first + pool->count) % POOL_JOBS];
	*job = (struct job){.state = JOB_WAITS, .fd = -1, .path = strndup(path, len)};
	if (!job->path)
		return NULL;
	pool->count++;
	return job;
}

static const struct worker *idle(const struct pool *pool)
{
	for (size_t i = 0; i < pool->worker_count; i++)
		if (pool->workers[i].deadline == TICK_NEVER)
			return &pool->workers[i];
	return NULL;
}

static bool waits(const struct job *job)
{
	return job->state == JOB_WAITS && job->due <= tick_now();
}

bool pool_is_idle(const struct pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		if (waits(&pool->jobs[(pool->first + i) % POOL_JOBS]))
			return false;
	return idle(pool) && pool->extra.state == JOB_NONE;
}

void pool_add_extra(struct pool *pool, int folder, const char *name)
{
	pool->extra = (struct job){.state = JOB_WAITS, .fd = -1, .path = strdup(name)};
	pool->extra_folder = folder;
	if (!pool->extra.path)
		pool->extra.state = JOB_LOST;
}

/* Opens the file and hands it to a worker. */
static int begin(struct pool *pool, struct job *job, int folder, const char *name)
{
	struct worker *worker = pool->workers + (idle(pool) - pool->workers);

	job->fd = folder < 0 ? -1 : path_open_file(folder, name, &job->st);
	if (job->fd < 0) {
		msg_error("'%s': cannot be looked into:", job->path);
		job->state = JOB_LOST;
		/* It is not the file's fault if we are short of something. */
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? -1 : 0;
	}
	job->worker = worker;
	job->state = JOB_RUNS;
	return worker_give(worker, job->fd);
}

int pool_begin(struct pool *pool)
{
	int error = 0;

	for (size_t i = 0; i < pool->count && idle(pool) && !error; i++) {
		struct job *job = pool_job(pool, i);
		const char *name;
		if (!waits(job))
			continue;
		int folder = path_open_parent(job->path, &name);
		error = begin(pool, job, folder, name);
		path_close(folder);
	}
	if (!error && waits(&pool->extra) && idle(pool))
		error = begin(pool, &pool->extra, pool->extra_folder, pool->extra.path);
	return error;
}

static void take(struct job *job)
{
	if (job->state == JOB_RUNS && worker_take(job->worker, &job->report)) {
		job->state = JOB_DONE;
		job->report.size = job->st.st_size; /* known also if the parser died */
	}
}

void pool_take(struct pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		take(pool_job(pool, i));
	take(&pool->extra);
}

void pool_again(struct job *job, int64_t due)
{
	path_close(job->fd);
	job->fd = -1;
	job->due = due;
	job->state = JOB_WAITS;
}

static void drop(struct job *job)
{
	path_close(job->fd);
	free(job->path);
	*job = (struct job){.fd = -1};
}

void pool_drop(struct pool *pool)
{
	drop(pool_job(pool, 0));
	pool->first = (pool->first + 1) % POOL_JOBS;
	pool->count--;
}

void pool_drop_extra(struct pool *pool)
{
	drop(&pool->extra);
}

size_t pool_poll(const struct pool *pool, struct pollfd *fds)
{
	for (size_t i = 0; i < pool->worker_count; i++) {
		const struct worker *worker = &pool->workers[i];
		bool busy = worker->deadline != TICK_NEVER;
		fds[i] = (struct pollfd){busy ? worker->cell.socket : -1, POLLIN, 0};
	}
	return pool->worker_count;
}

int64_t pool_due(const struct pool *pool)
{
	int64_t due = TICK_NEVER;

	for (size_t i = 0; i < pool->worker_count; i++)
		due = tick_sooner(due, pool->workers[i].deadline);
	for (size_t i = 0; i < pool->count && idle(pool); i++) {
		const struct job *job = &pool->jobs[(pool->first + i) % POOL_JOBS];
		if (job->state == JOB_WAITS)
			due = tick_sooner(due, job->due);
	}
	return due;
}
