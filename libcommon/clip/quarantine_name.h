/*
 * quarantine_name: the names in a quarantine: NAME, its reason NAME.reason and, while it
 * moves, .NAME.moving.
 *
 * For quarantine.c and quarantine_move.c alone. Errors are -1 with errno.
 */
#ifndef STREAMHUB_QUARANTINE_NAME_H
#define STREAMHUB_QUARANTINE_NAME_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#define QUARANTINE_NAME_REASON ".reason"
#define QUARANTINE_NAME_MOVING ".moving"

/* The buffers are larger than a name may be. The kernel then refuses the name, which
 * counts as "no such file". */
struct quarantine_name {
	char name[NAME_MAX + 1];
	char reason[NAME_MAX + sizeof QUARANTINE_NAME_REASON];
	char moving[NAME_MAX + sizeof "." QUARANTINE_NAME_MOVING];
};

/* True if a file of this name can be in a quarantine; file gets its three names. */
bool quarantine_name_set(struct quarantine_name *file, const char *name);

/* Like quarantine_name_set, for the part of entry between the texts start and end. */
bool quarantine_name_within(struct quarantine_name *file, const char *entry,
	const char *start, const char *end);

/* True for ".NAME.reason.PID.tmp", which a killed quarantine_again leaves behind. */
bool quarantine_name_is_temporary(const char *entry);

/* 1 and its stat if name exists in the folder, as whatever it is; 0 if not; or -1. */
int quarantine_name_find(int folder, const char *name, struct stat *st);

/* The same for regular files only: 0 for anything else. */
int quarantine_name_regular(int folder, const char *name, struct stat *st);

/*
 * Chooses a name for a file that was called own, so that none of the three names is
 * taken: own itself, then own with .1 to .9999 behind it; EEXIST if all are taken. A
 * hidden name gets a '_' in front, a name that ends in ".reason" always gets a number,
 * and a long name loses bytes before its extension, to make room for number and suffix.
 */
int quarantine_name_choose(struct quarantine_name *file, int folder, const char *own);

/* Renames, never over anything. */
int quarantine_name_move(int from, const char *name, int to, const char *new_name);

/* Waits for the lock on the folder. Returns a descriptor; closing it ends the lock. */
int quarantine_name_lock(int folder);

#endif
