/*
 * watch: watches a tree of folders and reports its files, one at a time, when they are
 * new or may have changed.
 *
 * Each folder is watched first and read second, so that no file is missed; a file may be
 * reported twice. Folders whose names begin with a dot or an underscore are left out, and
 * links are not followed. When the kernel's queue overflows, or where watches do not work
 * (a network file system, the limits), everything is read again. Folders above
 * WATCH_FOLDERS_MAX wait until others are gone. Prints a message about each of these
 * conditions, once.
 *
 * Events are taken between the readings of two folders. That keeps the kernel's queue
 * short, and a storm of events costs one reading of each folder, not one for each
 * overflow.
 */
#ifndef STREAMHUB_WATCH_H
#define STREAMHUB_WATCH_H

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define WATCH_FOLDERS_MAX 100000

struct watch_folder;
TAILQ_HEAD(watch_unread, watch_folder);
RB_HEAD(watch_by_path, watch_folder);
RB_HEAD(watch_by_wd, watch_folder);

struct watch {
	const char *root_path;
	int root; /* the root folder, -1 while it is away */
	int inotify; /* poll this for input; -1 where there are too many of them */
	bool scanning; /* watches are not reliable here: watch_tick reads everything */
	uint64_t overflows;
	size_t watches;
	size_t folders, folders_max;
	/* The rest is watch.c's own. */
	bool said_limit, said_system, said_folders, said_link;
	bool link; /* the last component of root_path is a link */
	bool read_next; /* events were taken last, so a folder is read next */
	struct watch_by_path by_path;
	struct watch_by_wd by_wd;
	struct watch_unread unread;
	struct watch_folder *reading;
	DIR *dir;
	char path[PATH_MAX];
	char events[16384] __attribute__((aligned(8)));
	size_t at, len;
};

enum watch_kind {
	WATCH_FILE, /* path may be new, changed or gone; it is name in the open folder at
		     */
	WATCH_READ, /* the folder path has been read to its end */
	WATCH_GONE, /* the folder path ("" for the root) is gone with all in it */
};

struct watch_item {
	enum watch_kind kind;
	bool event; /* an event told of it; else a reading found it */
	const char *path; /* below the root; until the next call */
	int at;
	const char *name;
};

/* Starts with the folder root_path, which must exist. Returns 0, or -1 with errno. */
int watch_open(struct watch *watch, const char *root_path);

/* The next item. False: there is none until inotify is readable or watch_tick is called.
 */
bool watch_next(struct watch *watch, struct watch_item *item);

/*
 * The safety net; call it at intervals. Finds folders that changed without an event,
 * folders that had to wait, if there is room now, and the root if it came back. With all,
 * everything is read again.
 */
void watch_tick(struct watch *watch, bool all);

void watch_close(struct watch *watch);

#endif
