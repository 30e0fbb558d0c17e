/*
 * triage: what is done with a file that was found bad: it may still grow and is tried
 * again, or it is put into the quarantine. Messages are said here.
 */
#ifndef STREAMHUB_TRIAGE_H
#define STREAMHUB_TRIAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "quarantine.h"

struct triage {
	struct quarantine quarantine; /* its folder is -1 if there is none */
	int64_t delay; /* milliseconds; what changed since may change again */
	int64_t tries; /* looks at one that changes */
	size_t keep; /* files that the quarantine holds */
};

/*
 * Opens the quarantine path, makes it if its parent is there, and ends what killed ones
 * left half done. Returns 0; or says what is wrong and returns the exit code for it.
 */
int triage_open(struct triage *triage, const char *path);

#define TRIAGE_AGAIN (-1)

/*
 * A file found bad; st is of before the look, tries says how often it was tried before.
 * Returns TRIAGE_AGAIN: it is to be tried again when *due, of tick.h, has come; 0: it is
 * in the quarantine; or an exit code: 66 somebody took it, 74 it could not be moved, 78
 * no file of that file system can.
 */
int triage_bad(struct triage *triage, const char *path, int fd, const struct stat *st,
	int64_t tries, const char *code, const char *reason, int64_t *due);

/* Prints what lies in the quarantine path, a line each. Returns an exit code. */
int triage_list(const char *path);

/* Puts QUARANTINE/NAME back where it came from. Returns an exit code. */
int triage_release(const char *path);

#endif
