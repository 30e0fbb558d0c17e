/*
 * triage: decides about a clip that was found bad. If it may still grow it is tried again
 * later, else it is put into the quarantine. Prints the messages about that.
 */
#ifndef STREAMHUB_TRIAGE_H
#define STREAMHUB_TRIAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/backoff.h"
#include "clip/quarantine.h"

struct triage {
	struct root *root; /* files lie below it; set by the caller, or NULL */
	struct quarantine quarantine; /* its folder is -1 if there is none */
	int64_t delay; /* milliseconds; a file written to within this may still grow */
	int64_t tries; /* most looks at a file that still grows */
	size_t keep; /* most files in the quarantine */
	struct backoff backoff; /* while the disk is full */
	int full; /* the errno of the full disk; 0: the last file had room */
};

/*
 * Opens the quarantine path, makes it if its parent exists, and tidies it
 * (quarantine_tidy). Returns 0; or reports what is wrong and returns the exit code.
 */
int triage_open(struct triage *triage, const char *path);

#define TRIAGE_AGAIN (-1)
#define TRIAGE_FULL (-2)

/* A file that was found bad. It and its folder have been open since the look. */
struct triage_file {
	const char *path;
	int folder, fd;
	const struct stat *st; /* from before the look */
	int64_t tries; /* looks before this one */
};

/*
 * Returns TRIAGE_AGAIN: try again at *due, of clock.h; TRIAGE_FULL: the same, because the
 * disk is full, and this does not count as a try; 0: the file is in the quarantine; or an
 * exit code: 66 the file is gone, 74 it could not be moved, 78 no file of its file system
 * can be moved to the quarantine.
 */
int triage_bad(struct triage *triage, const struct triage_file *file, const char *code,
	const char *reason, int64_t *due);

/* Puts into words that a bad file waits for room in the quarantine; "" if none does. */
void triage_trouble(const struct triage *triage, char *words, size_t size);

/* Prints one line for each file in the quarantine path. Returns an exit code. */
int triage_list(struct root *root, const char *path);

/* Moves QUARANTINE/NAME back to where it came from. Returns an exit code. */
int triage_release(struct root *root, const char *path);

#endif
