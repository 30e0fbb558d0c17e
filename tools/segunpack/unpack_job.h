/*
 * unpack_job: turns the path of an archive into its clips: opens it, unpacks it
 * (unpack.h) into a folder beside it (unpack_folder.h), and lists that. Prints messages
 * about paths that are lost or have to wait.
 */
#ifndef STREAMHUB_UNPACK_JOB_H
#define STREAMHUB_UNPACK_JOB_H

#include "base/backoff.h"
#include "base/root.h"
#include "unpack.h"
#include "unpack_folder.h"

enum unpack_job_state {
	UNPACK_JOB_IDLE,
	UNPACK_JOB_WAITS, /* until due: the disk is full, or it is to be tried again */
	UNPACK_JOB_RUNS, /* wait for the socket of unpack.child, or its deadline */
	UNPACK_JOB_PASSES, /* it is no archive: pass the path on */
	UNPACK_JOB_WHOLE, /* it is unpacked; clips are those that are still there */
	UNPACK_JOB_BAD, /* unpack.code and detail say why; nothing of it is left */
	UNPACK_JOB_LOST, /* it failed, which was reported; code is an exit code */
};

struct unpack_job {
	enum unpack_job_state state;
	struct root *root; /* paths lie below it; set by the caller, or NULL */
	bool anew; /* unpack again if clips are missing; set by the caller */
	bool sync; /* sync clips before they become visible; set by the caller */
	int code;
	char path[PATH_MAX];
	size_t head; /* length of the folder's part of path, with the slash */
	int fd, parent, place, folder; /* -1: not open */
	struct stat st; /* of the archive */
	int64_t due;
	char name[UNPACK_FOLDER_NAME_MAX + 1]; /* of the folder with its clips */
	struct unpack_clip *clips;
	size_t count;
	struct unpack unpack; /* its member open is set by the caller */
	uint64_t bytes; /* unpacked by all jobs so far */
	struct backoff backoff; /* while the disk is full */
};

void unpack_job_init(struct unpack_job *job);

/* Begins with a path, shorter than PATH_MAX. */
void unpack_job_begin(struct unpack_job *job, const char *path);

/* Goes on. Call it when the job is due or its socket is readable. */
void unpack_job_go_on(struct unpack_job *job);

/* Has a bad archive looked into once more, at due. */
void unpack_job_again(struct unpack_job *job, int64_t due);

/* Ends the job in any state, and removes a partial folder. */
void unpack_job_drop(struct unpack_job *job);

#endif
