/*
 * Folders are in a tree by path and in a tree by watch descriptor; those that must be
 * read are also in a queue. watch_next goes on with the folder that it reads, then with
 * the events that it has, then takes turns between new events and the next folder. Events
 * of a folder put it, or a new sub-folder, into the queue; they never read.
 */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "clip/clipname.h"

/*
 * Not IN_MODIFY: a slow upload would wake us for every block. Whether a file still grows
 * is seen from its times.
 */
#define EVENTS \
	(IN_CREATE | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | \
		IN_DELETE | IN_MOVE_SELF | IN_ONLYDIR)
#define LIMIT_SYSCTL "fs.inotify.max_user_watches"
#define INSTANCES_SYSCTL "fs.inotify.max_user_instances"
#define SECOND_NS INT64_C(1000000000)
#define OLD_NS (86400 * SECOND_NS)
#define UNSURE_NS \
	(SECOND_NS / 10) /* a later change may get an mtime this fresh again \
			  */

struct watch_folder {
	RB_ENTRY(watch_folder) by_path, by_wd;
	TAILQ_ENTRY(watch_folder) next; /* in the queue of unread folders */
	int64_t changed_ns; /* its mtime before it was read last */
	int wd; /* -1 if it has no watch */
	bool unread, unsure, empty, said;
	bool short_of; /* sub-folders of it had to wait */
	const char *path;
};

static int by_path(const struct watch_folder *a, const struct watch_folder *b)
{
	return strcmp(a->path, b->path);
}

static int by_wd(const struct watch_folder *a, const struct watch_folder *b)
{
	return a->wd < b->wd ? -1 : a->wd > b->wd;
}

RB_GENERATE_INTERNAL(
	watch_by_path, watch_folder, by_path, by_path, static __attribute__((unused)))
RB_GENERATE_INTERNAL(
	watch_by_wd, watch_folder, by_wd, by_wd, static __attribute__((unused)))

static void set_unread(struct watch *watch, struct watch_folder *folder)
{
	if (folder->unread)
		return;
	folder->unread = true;
	/* At the end, so that a folder which changes all the time does not starve others.
	 */
	TAILQ_INSERT_TAIL(&watch->unread, folder, next);
}

static void set_read(struct watch *watch, struct watch_folder *folder)
{
	if (folder->unread)
		TAILQ_REMOVE(&watch->unread, folder, next);
	folder->unread = false;
}

static struct watch_folder *find_folder(struct watch *watch, const char *path)
{
	struct watch_folder probe = {.path = path};

	return RB_FIND(watch_by_path, &watch->by_path, &probe);
}

/* Queues the folder for reading, again if it is known. in is its parent, NULL for the
 * root. */
static void add_folder(struct watch *watch, struct watch_folder *in, const char *path)
{
	struct watch_folder *folder = find_folder(watch, path);
	size_t size = strlen(path) + 1;

	if (!folder && in && watch->folders >= watch->folders_max) {
		if (!watch->said_folders)
			msg_warn("'%s': more than %zu folders: '%s' and others have to "
				 "wait until some are gone",
				watch->root_path, watch->folders_max, path);
		watch->said_folders = in->short_of = true;
		return;
	}
	if (!folder) {
		folder = calloc(1, sizeof *folder + size);
		if (!folder) {
			msg_error("folder '%s': not watched:", path);
			return;
		}
		folder->path = memcpy(folder + 1, path, size);
		folder->wd = -1;
		RB_INSERT(watch_by_path, &watch->by_path, folder);
		watch->folders++;
	}
	set_unread(watch, folder);
}

static void forget_watch(struct watch *watch, struct watch_folder *folder)
{
	if (folder->wd < 0)
		return;
	RB_REMOVE(watch_by_wd, &watch->by_wd, folder);
	folder->wd = -1;
	watch->watches--;
}

static void drop_folder(struct watch *watch, struct watch_folder *folder)
{
	if (folder->wd >= 0)
		inotify_rm_watch(watch->inotify, folder->wd);
	forget_watch(watch, folder);
	if (watch->reading == folder) {
		closedir(watch->dir);
		watch->reading = NULL;
	}
	set_read(watch, folder);
	RB_REMOVE(watch_by_path, &watch->by_path, folder);
	watch->folders--;
	free(folder);
}

/* Drops a folder and all below it. path may belong to it. */
static void drop_tree(struct watch *watch, const char *path)
{
	char below[PATH_MAX];
	struct watch_folder probe = {.path = below};
	size_t len = strlen(path);

	/* Names may continue with bytes that sort before '/', so the folder itself and
	 * the folders below it are not neighbours in the tree. */
	snprintf(below, sizeof below, "%s", path);
	struct watch_folder *folder = find_folder(watch, below);
	if (folder)
		drop_folder(watch, folder);
	snprintf(below + len, sizeof below - len, len ? "/" : "");
	len = strlen(below);
	while ((folder = RB_NFIND(watch_by_path, &watch->by_path, &probe)) &&
		strncmp(folder->path, below, len) == 0)
		drop_folder(watch, folder);
}

static bool gone(struct watch *watch, struct watch_item *item, const char *path)
{
	if (path != watch->path)
		snprintf(watch->path, sizeof watch->path, "%s", path);
	drop_tree(watch, watch->path);
	if (!*watch->path) {
		msg_warn("'%s' is gone: waiting for it to come back", watch->root_path);
		path_close(watch->root);
		watch->root = -1;
	}
	*item = (struct watch_item){.kind = WATCH_GONE, .path = watch->path};
	return true;
}

/* Puts the path of name in folder into watch->path. False, with a message: it is too
 * long. */
static bool join(struct watch *watch, const struct watch_folder *folder, const char *name)
{
	int n = snprintf(watch->path, sizeof watch->path, "%s%s%s", folder->path,
		*folder->path ? "/" : "", name);

	if (n >= 0 && (size_t)n < sizeof watch->path)
		return true;
	msg_warn("too long a path: '%s' in '%s'", name, folder->path);
	return false;
}

static void arm(struct watch *watch, struct watch_folder *folder, int fd)
{
	char self[32];

	if (path_is_remote(fd)) {
		if (!watch->said_system)
			msg_warn("'%s/%s' is on a network or FUSE file system, which "
				 "tells "
				 "no changes: scanning instead",
				watch->root_path, folder->path);
		watch->said_system = watch->scanning = true;
	}
	/* Watch the open descriptor, as the path may lead elsewhere by now. */
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	int wd = inotify_add_watch(watch->inotify, self, EVENTS);
	if (wd < 0) {
		if (!watch->said_limit && errno == ENOSPC)
			msg_warn("'%s': the limit " LIMIT_SYSCTL
				 " is reached: scanning instead; raise it with sysctl",
				watch->root_path);
		else if (!watch->said_limit)
			msg_warn("'%s/%s': cannot be watched, scanning instead:",
				watch->root_path, folder->path);
		watch->said_limit = watch->scanning = true;
		forget_watch(watch, folder);
		return;
	}
	if (wd == folder->wd)
		return;
	struct watch_folder probe = {.wd = wd};
	struct watch_folder *other = RB_FIND(watch_by_wd, &watch->by_wd, &probe);
	if (other) { /* it was moved here, and the events about that are still to come */
		forget_watch(watch, other);
		set_unread(watch, other);
	}
	if (folder->wd >= 0) /* a watch on another folder that had this name */
		inotify_rm_watch(watch->inotify, folder->wd);
	forget_watch(watch, folder);
	folder->wd = wd;
	RB_INSERT(watch_by_wd, &watch->by_wd, folder);
	watch->watches++;
}

/* Reports once that a folder cannot be read, and has watch_tick try again. */
static void cannot_read(struct watch *watch, struct watch_folder *folder)
{
	if (!folder->said)
		msg_warn("folder '%s/%s':", watch->root_path, folder->path);
	folder->said = true;
	folder->changed_ns = -1;
}

/* Begins to read the next unread folder. True: it is gone, and item says so. */
static bool begin_reading(struct watch *watch, struct watch_item *item)
{
	struct watch_folder *folder = TAILQ_FIRST(&watch->unread);
	struct timespec now;
	struct stat st;

	set_read(watch, folder);
	int fd = path_open_below(watch->root, folder->path);
	if (fd < 0 && errno != EACCES && errno != EMFILE && errno != ENFILE &&
		errno != ENOMEM)
		return gone(watch, item, folder->path);
	if (fd >= 0) {
		arm(watch, folder, fd);
		watch->dir = fstat(fd, &st) < 0 ? NULL : fdopendir(fd);
	}
	if (fd < 0 || !watch->dir) {
		cannot_read(watch, folder);
		path_close(fd);
		return false;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	folder->changed_ns = path_nanoseconds(st.st_mtim);
	folder->unsure = path_nanoseconds(now) - folder->changed_ns < UNSURE_NS;
	folder->empty = true;
	folder->short_of = false;
	watch->reading = folder;
	return false;
}

/* The next item of the folder that is being read. False: there is none, go on elsewhere.
 */
static bool read_on(struct watch *watch, struct watch_item *item)
{
	struct watch_folder *folder = watch->reading;
	struct dirent *entry;
	struct stat st;

	while (errno = 0, (entry = readdir(watch->dir))) {
		const char *name = entry->d_name;

		if (clipname_left_out(name) &&
			(name[0] == '.' || entry->d_type == DT_DIR))
			continue;
		folder->empty = false;
		if (!join(watch, folder, name))
			continue;
		if (entry->d_type == DT_UNKNOWN &&
			fstatat(dirfd(watch->dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISDIR(st.st_mode))
			entry->d_type = DT_DIR;
		if (entry->d_type == DT_DIR) {
			/* A known folder has a watch of its own. */
			if (!clipname_left_out(name) && !find_folder(watch, watch->path))
				add_folder(watch, folder, watch->path);
			continue;
		}
		*item = (struct watch_item){.kind = WATCH_FILE,
			.path = watch->path,
			.at = dirfd(watch->dir),
			.name = watch->path + strlen(watch->path) - strlen(name)};
		return true;
	}
	int error = errno;
	closedir(watch->dir);
	watch->reading = NULL;
	snprintf(watch->path, sizeof watch->path, "%s", folder->path);
	if (error) {
		errno = error;
		cannot_read(watch, folder);
		return false;
	}
	*item = (struct watch_item){.kind = WATCH_READ, .path = watch->path};
	return true;
}

static void read_all_again(struct watch *watch)
{
	struct watch_folder *folder;

	RB_FOREACH(folder, watch_by_path, &watch->by_path)
	set_unread(watch, folder);
}

/* Turns one event into an item. False: the event makes none. */
static bool take_event(
	struct watch *watch, const struct inotify_event *event, struct watch_item *item)
{
	struct watch_folder probe = {.wd = event->wd};

	if (event->mask & IN_Q_OVERFLOW) {
		watch->overflows++;
		msg_warn("'%s': the queue of events overflowed: reading all again",
			watch->root_path);
		read_all_again(watch);
		return false;
	}
	struct watch_folder *folder = RB_FIND(watch_by_wd, &watch->by_wd, &probe);
	if (!folder)
		return false; /* the folder was dropped meanwhile */
	if (event->mask & IN_IGNORED)
		forget_watch(watch, folder);
	if (event->mask & (IN_IGNORED | IN_MOVE_SELF | IN_UNMOUNT))
		return gone(watch, item, folder->path);
	if (event->len == 0 || !join(watch, folder, event->name))
		return false;
	if (event->mask & IN_ISDIR) {
		if (clipname_left_out(event->name))
			return false;
		if (event->mask & (IN_DELETE | IN_MOVED_FROM))
			return gone(watch, item, watch->path);
		/* The folder is new, was moved here, or became readable. */
		add_folder(watch, folder, watch->path);
		return false;
	}
	*item = (struct watch_item){.kind = WATCH_FILE,
		.event = true,
		.path = watch->path,
		.at = watch->root,
		.name = watch->path};
	return true;
}

static bool take_events(struct watch *watch)
{
	ssize_t n = read(watch->inotify, watch->events, sizeof watch->events);

	watch->at = 0;
	watch->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

bool watch_next(struct watch *watch, struct watch_item *item)
{
	for (;;) {
		if (watch->reading) {
			if (read_on(watch, item))
				return true;
		} else if (watch->at < watch->len) {
			const struct inotify_event *event =
				(const void *)(watch->events + watch->at);
			watch->at += sizeof *event + event->len;
			if (take_event(watch, event, item))
				return true;
		} else if (!watch->read_next && take_events(watch)) {
			watch->read_next = !TAILQ_EMPTY(&watch->unread);
		} else if (!TAILQ_EMPTY(&watch->unread)) {
			watch->read_next = false;
			if (begin_reading(watch, item))
				return true;
		} else if (watch->read_next) {
			watch->read_next = false; /* the unread folders are gone */
		} else {
			return false;
		}
	}
}

/* Looks up the root by its name: it may be gone, the same, or another folder, which is
 * then watched instead. */
static void find_root(struct watch *watch)
{
	struct stat named, ours;

	if (watch->root >= 0 && stat(watch->root_path, &named) == 0 &&
		fstat(watch->root, &ours) == 0 && named.st_dev == ours.st_dev &&
		named.st_ino == ours.st_ino)
		return;
	if (watch->root >= 0) {
		/* Close the root and queue it. It then cannot be opened and so is
		 * reported as gone. That must come before any events: they are of the old
		 * root. */
		add_folder(watch, NULL, "");
		watch->read_next = true;
		close(watch->root);
		watch->root = -1;
		return;
	}
	watch->root = path_open_again(watch->root_path, watch->link);
	bool is_elsewhere = watch->root < 0 && errno == ELOOP;
	if (is_elsewhere && !watch->said_link)
		msg_warn("'%s': a link in its place is not followed", watch->root_path);
	watch->said_link = is_elsewhere;
	if (watch->root < 0)
		return;
	msg_info("'%s' is back", watch->root_path);
	add_folder(watch, NULL, "");
}

void watch_tick(struct watch *watch, bool all)
{
	struct watch_folder *folder;
	struct timespec now;
	struct stat st;

	find_root(watch);
	if (watch->root < 0)
		return;
	if (watch->scanning || all) {
		read_all_again(watch);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	bool room = watch->folders < watch->folders_max, short_of = false;
	RB_FOREACH(folder, watch_by_path, &watch->by_path)
	{
		const char *path = *folder->path ? folder->path : ".";

		short_of = short_of || folder->short_of;
		if ((room && folder->short_of) ||
			fstatat(watch->root, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
			path_nanoseconds(st.st_mtim) != folder->changed_ns ||
			folder->unsure) {
			set_unread(watch, folder);
		} else if (folder->empty && folder->wd >= 0 && *folder->path &&
			path_nanoseconds(now) - folder->changed_ns > OLD_NS) {
			/* An old, empty folder: its mtime tells enough from now on. */
			inotify_rm_watch(watch->inotify, folder->wd);
			forget_watch(watch, folder);
		}
	}
	watch->said_folders = short_of;
}

int watch_open(struct watch *watch, const char *root_path)
{
	*watch = (struct watch){
		.root_path = root_path, .root = -1, .folders_max = WATCH_FOLDERS_MAX};
	TAILQ_INIT(&watch->unread);
	watch->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	bool too_many = watch->inotify < 0 && errno == EMFILE;
	if (watch->inotify < 0 && !too_many)
		return -1;
	watch->root = path_open_named(root_path, &watch->link);
	/* If a filter forbids openat2(2), no folder could ever be read: fail now. */
	int below = watch->root < 0 ? -1 : path_open_below(watch->root, "");
	if (watch->root < 0 || (below < 0 && errno == ENOSYS)) {
		int error = errno;
		path_close(watch->root);
		path_close(watch->inotify);
		errno = error;
		return -1;
	}
	path_close(below);
	if (too_many)
		msg_warn("'%s': the limit " INSTANCES_SYSCTL
			 " is reached: scanning instead; raise it with sysctl",
			root_path);
	watch->said_limit = watch->scanning = too_many;
	add_folder(watch, NULL, "");
	return 0;
}

void watch_close(struct watch *watch)
{
	drop_tree(watch, "");
	path_close(watch->root);
	path_close(watch->inotify);
}
