/*
 * pool: has several workers look into files at once. The files leave it in the order in
 * which they came. Reports files that cannot be opened.
 */
#ifndef STREAMHUB_POOL_H
#define STREAMHUB_POOL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/root.h"
#include "media/report.h"
#include "media/worker.h"

#define POOL_WORKERS 16
#define POOL_JOBS 64

enum job_state {
	JOB_NONE,
	JOB_WAITS,
	JOB_RUNS,
	JOB_DONE, /* there is a report */
	JOB_LOST, /* it could not be opened, which was reported */
};

struct job {
	enum job_state state;
	char *path; /* the job's own */
	int64_t due; /* do not look into it before this, by clock.h */
	int64_t tries; /* the caller's */
	int folder, fd; /* its folder and the file, open from the look on; else -1 */
	struct stat st; /* from before the look */
	struct worker *worker;
	struct report report;
};

struct pool {
	struct root *root; /* paths lie below it; set by the caller, or NULL */
	struct worker workers[POOL_WORKERS];
	size_t worker_count;
	struct job jobs[POOL_JOBS];
	size_t first, count;
	struct job extra; /* a job outside the order; its path is below extra_folder */
	int extra_folder;
};

/* Starts count workers. Returns 0, or -1 with errno. */
int pool_start(struct pool *pool, size_t count, worker_parse *parse, bool open);

/* The nth job of the pool, or NULL. */
struct job *pool_job(struct pool *pool, size_t n);

/* Adds a file. Returns its job; NULL: there are POOL_JOBS already, or no memory. */
struct job *pool_add(struct pool *pool, const char *path);

/* True if there is room for the extra job now. */
bool pool_is_idle(const struct pool *pool);

/* Adds the extra job: the file name in the folder. */
void pool_add_extra(struct pool *pool, int folder, const char *name);

/*
 * Gives the jobs that are due to idle workers. Returns 0, or -1 with errno: no worker can
 * be started, or descriptors or memory have run out. Then the pool cannot go on.
 */
int pool_begin(struct pool *pool);

/* Takes the reports of the workers. */
void pool_take(struct pool *pool);

/* Closes the job's descriptors and has it looked into once more, from due on. */
void pool_again(struct job *job, int64_t due);

/* Remove the first job, or the extra one. */
void pool_drop(struct pool *pool);
void pool_drop_extra(struct pool *pool);

/* Fills in one entry for each worker, for poll(2); returns their number. */
size_t pool_poll(const struct pool *pool, struct pollfd *fds);

/* When there will be something to do even if no worker answers: a deadline of clock.h. */
int64_t pool_due(const struct pool *pool);

#endif
