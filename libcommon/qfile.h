/*
 * qfile: the files of a quarantine: what goes with NAME is NAME.reason and, while it
 * moves, .NAME.moving.
 *
 * For quarantine.c and quarantine_move.c alone. Errors are -1 with errno.
 */
#ifndef STREAMHUB_QFILE_H
#define STREAMHUB_QFILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#define QFILE_REASON ".reason"
#define QFILE_MOVING ".moving"

/* Where a name is too long for its suffix, the kernel says that there is no such file. */
struct qfile {
	char name[NAME_MAX + 1];
	char reason[NAME_MAX + sizeof QFILE_REASON];
	char moving[NAME_MAX + sizeof "." QFILE_MOVING];
};

/* Whether a file of this name can lie in a quarantine; if so, file gets the three. */
bool qfile_name(struct qfile *file, const char *name);

/* As qfile_name, for the part of entry that is between start and end. */
bool qfile_within(
	struct qfile *file, const char *entry, const char *start, const char *end);

/* Whether entry is what a killed quarantine_again leaves: ".NAME.reason.PID.tmp". */
bool qfile_is_temporary(const char *entry);

/* 1 and its stat when there is anything of this name in the folder, 0 when not, or -1. */
int qfile_find(int folder, const char *name, struct stat *st);

/* The same for a regular file; any other thing is none. */
int qfile_regular(int folder, const char *name, struct stat *st);

/*
 * Chooses for a file that was called own a name of which nothing is in the folder yet:
 * its own, then with .1 to .9999 behind it, then EEXIST. A hidden one gets a '_' before
 * it, one that ends in ".reason" always a number, and a long one loses bytes before its
 * extension, so that there is room for what is put behind it.
 */
int qfile_choose(struct qfile *file, int folder, const char *own);

/* Renames, never over anything. */
int qfile_move(int from, const char *name, int to, const char *new_name);

/* Waits for the lock on the folder: a descriptor that holds it until it is closed. */
int qfile_lock(int folder);

#endif
