#include "media/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"

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
	else if (pool->workers[0].child.sandbox == SANDBOX_SECCOMP)
		msg_warn("this kernel has no Landlock: the sandbox is seccomp alone");
	return 0;
}

struct job *pool_job(struct pool *pool, size_t n)
{
	return n < pool->count ? &pool->jobs[(pool->first + n) % POOL_JOBS] : NULL;
}

struct job *pool_add(struct pool *pool, const char *path)
{
	if (pool->count == POOL_JOBS)
		return NULL;
	struct job *job = &pool->jobs[(pool->first + pool->count) % POOL_JOBS];
	*job = (struct job){
		.state = JOB_WAITS, .folder = -1, .fd = -1, .path = strdup(path)};
	if (!job->path)
		return NULL;
	pool->count++;
	return job;
}

static const struct worker *idle(const struct pool *pool)
{
	for (size_t i = 0; i < pool->worker_count; i++)
		if (pool->workers[i].deadline == CLOCK_NEVER)
			return &pool->workers[i];
	return NULL;
}

static bool waits(const struct job *job)
{
	return job->state == JOB_WAITS && job->due <= clock_now();
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
	pool->extra = (struct job){
		.state = JOB_WAITS, .folder = -1, .fd = -1, .path = strdup(name)};
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
		/* Too few descriptors or too little memory is not the file's fault. */
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
		job->folder = root_open_parent(pool->root, job->path, &name);
		error = begin(pool, job, job->folder, name);
	}
	if (!error && waits(&pool->extra) && idle(pool))
		error = begin(pool, &pool->extra, pool->extra_folder, pool->extra.path);
	return error;
}

static void take(struct job *job)
{
	if (job->state == JOB_RUNS && worker_take(job->worker, &job->report)) {
		job->state = JOB_DONE;
		job->report.size = job->st.st_size; /* known even if the parser died */
	}
}

void pool_take(struct pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		take(pool_job(pool, i));
	take(&pool->extra);
}

static void close_job(struct job *job)
{
	path_close(job->fd);
	path_close(job->folder);
	job->fd = job->folder = -1;
}

void pool_again(struct job *job, int64_t due)
{
	close_job(job);
	job->due = due;
	job->state = JOB_WAITS;
}

static void drop(struct job *job)
{
	close_job(job);
	free(job->path);
	*job = (struct job){.folder = -1, .fd = -1};
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
		bool busy = worker->deadline != CLOCK_NEVER;
		fds[i] = (struct pollfd){busy ? worker->child.socket : -1, POLLIN, 0};
	}
	return pool->worker_count;
}

int64_t pool_due(const struct pool *pool)
{
	int64_t due = CLOCK_NEVER;

	for (size_t i = 0; i < pool->worker_count; i++)
		due = clock_sooner(due, pool->workers[i].deadline);
	for (size_t i = 0; i < pool->count && idle(pool); i++) {
		const struct job *job = &pool->jobs[(pool->first + i) % POOL_JOBS];
		if (job->state == JOB_WAITS)
			due = clock_sooner(due, job->due);
	}
	return due;
}
