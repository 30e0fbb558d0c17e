/*
 * shelf: the folder of a recorder: a folder for each day, and in it clips named by the
 * time when their first packet came, in UTC: YYYY-MM-DD/YYYYMMDDTHHMMSS.mmmZ.mp4. While a
 * clip is written it is .NAME.part, which no other tool takes.
 *
 * Names only grow, whatever the clock does. Times are milliseconds since 1970, errors -1
 * with errno.
 */
#ifndef STREAMHUB_SHELF_H
#define STREAMHUB_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SHELF_NAME 48 /* of the path of a clip below the folder, at most */

struct shelf {
	int folder;
	const char *path; /* as it was given */
	const char *ending; /* of the names of clips: "mp4" or "ts" */
	int64_t last; /* the time of the last name */
};

/*
 * Opens the folder, locks it, and finds the last name. EWOULDBLOCK: another segcut writes
 * there.
 */
int shelf_open(struct shelf *shelf, const char *path, const char *ending);

/*
 * Makes a .part with the next name for the time now, and puts its path, as it will be,
 * into name. Returns a descriptor to write to.
 */
int shelf_begin(struct shelf *shelf, int64_t now, char name[SHELF_NAME]);

/* Syncs and renames the part of that name, and syncs its folder. Closes fd, whatever
 * comes of it. */
int shelf_finish(const struct shelf *shelf, const char *name, int fd);

/* Removes the part of that name, and closes fd. */
void shelf_drop(const struct shelf *shelf, const char *name, int fd);

/* The time that a path below the folder is named by. False: it is no clip's; part: or no
 * part's. */
bool shelf_time(const char *path, bool part, int64_t *ms);

/* Calls each with the path of every clip (part: of every part), the oldest first, until
 * it returns other than 0. Returns that, or -1. */
int shelf_walk(const struct shelf *shelf, bool part,
	int (*each)(void *context, const char *path, off_t size), void *context);

/* Opens a clip, or a part by the name that it will have, to be read and cut. */
int shelf_open_clip(const struct shelf *shelf, const char *name, bool part);

/* Removes a clip, and its day's folder if it was the last. */
int shelf_remove(const struct shelf *shelf, const char *name);

/* The text of such a time in UTC: "YYYY-MM-DDTHH:MM:SS.mmmZ". */
void shelf_show(char out[32], int64_t ms);

#endif
