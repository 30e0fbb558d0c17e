/*
 * unfold: one path on its way to the clips that are in it, if it is an archive's: opened,
 * unpacked (unpack.h) into the folder beside it (unpacked.h), listed. Messages about what
 * is lost or waited for are said here.
 */
#ifndef STREAMHUB_UNFOLD_H
#define STREAMHUB_UNFOLD_H

#include "backoff.h"
#include "unpack.h"
#include "unpacked.h"

enum unfold_state {
	UNFOLD_IDLE,
	UNFOLD_WAITS, /* until due: the disk is full, or it is to be tried again */
	UNFOLD_RUNS, /* the socket of unpack.cell, and its deadline, are to be waited for
		      */
	UNFOLD_PASSES, /* it is no archive */
	UNFOLD_WHOLE, /* clips are those that are there */
	UNFOLD_BAD, /* why is in unpack.code and detail; nothing of it is left */
	UNFOLD_LOST, /* it was said why; code is an exit code */
};

struct unfold {
	enum unfold_state state;
	bool anew; /* unpacks again what is not all there any more; set before */
	bool sync; /* clips are on the disk before they are there; set before */
	int code;
	char path[PATH_MAX];
	size_t head; /* of the path: the folder that it is in, with the slash */
	int fd, parent, place, folder; /* -1: not open */
	struct stat st; /* of the archive */
	int64_t due;
	char name[UNPACKED_NAME_MAX + 1]; /* of its folder */
	struct unpack_clip *clips;
	size_t count;
	struct unpack unpack; /* its open is set before */
	uint64_t bytes; /* that were unpacked, of all */
	struct backoff backoff; /* while the disk is full */
};

void unfold_init(struct unfold *unfold);

/* Takes a path of len bytes, less than PATH_MAX, in hand. */
void unfold_begin(struct unfold *unfold, const char *path, size_t len);

/* Goes on, when it is due or something has come. */
void unfold_go_on(struct unfold *unfold);

/* A bad one is looked into once more, when it is due. */
void unfold_again(struct unfold *unfold, int64_t due);

/* Lets go of it, whatever its state; what is half done is removed. */
void unfold_drop(struct unfold *unfold);

#endif
