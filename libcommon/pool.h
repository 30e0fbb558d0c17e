/*
 * pool: files that are looked into by several workers at once and come out in the order
 * in which they came in. Messages about files that cannot be opened are said here.
 */
#ifndef STREAMHUB_POOL_H
#define STREAMHUB_POOL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "report.h"
#include "worker.h"

#define POOL_WORKERS 16
#define POOL_JOBS 64

enum job_state {
	JOB_NONE,
	JOB_WAITS,
	JOB_RUNS,
	JOB_DONE, /* there is a report */
	JOB_LOST, /* it could not be opened: said */
};

struct job {
	enum job_state state;
	char *path; /* the job's own */
	int64_t due; /* not to be looked into before, by tick.h */
	int64_t tries; /* the caller's */
	int fd; /* open from the look on; -1 */
	struct stat st; /* of before the look */
	struct worker *worker;
	struct report report;
};

struct pool {
	struct worker workers[POOL_WORKERS];
	size_t worker_count;
	struct job jobs[POOL_JOBS];
	size_t first, count;
	struct job extra; /* one beside the order, with its path below extra_folder */
	int extra_folder;
};

/* Starts count workers. Returns 0, or -1 with errno. */
int pool_start(struct pool *pool, size_t count, worker_parse *parse, bool open);

/* The nth job in hand, or NULL. */
struct job *pool_job(struct pool *pool, size_t n);

/* Takes a file in hand. Returns its job, or NULL: POOL_JOBS are, or there is no memory.
 */
struct job *pool_add(struct pool *pool, const char *path, size_t len);

/* Whether the extra job could be done now. */
bool pool_is_idle(const struct pool *pool);

/* Looks into the file name in the folder besides. */
void pool_add_extra(struct pool *pool, int folder, const char *name);

/*
 * Gives what is due to idle workers. Returns 0, or -1 with errno: there is no worker, or
 * descriptors or memory have run out; then the pool is of no more use.
 */
int pool_begin(struct pool *pool);

/* Takes what the workers have found. */
void pool_take(struct pool *pool);

/* Closes the job's file; it may be looked into once more from due on. */
void pool_again(struct job *job, int64_t due);

/* Lets go of the first job, or of the extra one. */
void pool_drop(struct pool *pool);
void pool_drop_extra(struct pool *pool);

/* One entry for each worker, to wait for; returns their number. */
size_t pool_poll(const struct pool *pool, struct pollfd *fds);

/* When something is to be done without anything coming, as a deadline of tick.h. */
int64_t pool_due(const struct pool *pool);

#endif
