/*
 * watch: a tree of folders whose files are told, one at a time, when they are new or may
 * have changed.
 *
 * Each folder is watched first and read second, so nothing that comes can be missed; what
 * is told twice is for the caller to see. Folders whose names begin with a dot or an
 * underscore are left out, links are not followed. When the kernel's queue overflows, or
 * watches do not work here (a network file system, the limits), all is read again.
 * Messages about that are said here, once each.
 */
#ifndef STREAMHUB_WATCH_H
#define STREAMHUB_WATCH_H

#include <bsd/sys/tree.h>
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct watch_folder;
RB_HEAD(watch_by_path, watch_folder);
RB_HEAD(watch_by_wd, watch_folder);

struct watch {
	const char *root_path;
	int root; /* the root folder, -1 while it is away */
	int inotify; /* poll this for input; -1 where there are too many of them */
	bool scanning; /* watches cannot be relied on: watch_tick reads everything */
	uint64_t overflows;
	size_t watches;
	/* The rest is watch.c's own. */
	bool said_limit, said_system;
	struct watch_by_path by_path;
	struct watch_by_wd by_wd;
	struct watch_folder *unread; /* a list */
	struct watch_folder *reading;
	DIR *dir;
	char path[PATH_MAX];
	char events[16384] __attribute__((aligned(8)));
	size_t at, len;
};

enum watch_kind {
	WATCH_FILE, /* path may be new, changed or gone: name in the open folder at */
	WATCH_READ, /* the folder path has been read to its end */
	WATCH_GONE, /* the folder path, "" for the root, is gone with all in it */
};

struct watch_item {
	enum watch_kind kind;
	bool event; /* something just happened to it; else it was come across */
	const char *path; /* below the root; until the next call */
	int at;
	const char *name;
};

/* Starts with the folder root_path, which must be there. Returns 0, or -1 with errno. */
int watch_open(struct watch *watch, const char *root_path);

/* The next item. False: there is none until inotify gets readable or watch_tick. */
bool watch_next(struct watch *watch, struct watch_item *item);

/*
 * The safety net, to be called now and then: finds folders that changed without an event,
 * and the root if it came back; with all, everything is read again.
 */
void watch_tick(struct watch *watch, bool all);

void watch_close(struct watch *watch);

#endif
