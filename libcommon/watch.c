/*
 * Longer than the other modules: watching a folder, reading it, and hearing of it while
 * it moves are one matter, which can only be checked in one place.
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

#include "msg.h"
#include "path.h"

/*
 * Not IN_MODIFY: a slow upload would wake us for every block; who waits for a file to be
 * still looks at its times.
 */
#define EVENTS \
	(IN_CREATE | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | \
		IN_DELETE | IN_MOVE_SELF | IN_ONLYDIR)
#define LIMIT_SYSCTL "fs.inotify.max_user_watches"
#define INSTANCES_SYSCTL "fs.inotify.max_user_instances"
#define SECOND_NS INT64_C(1000000000)
#define OLD_NS (86400 * SECOND_NS)
#define UNSURE_NS (SECOND_NS / 10) /* a time stamp this fresh may be given out again */

struct watch_folder {
	RB_ENTRY(watch_folder) by_path, by_wd;
	struct watch_folder *next; /* in the list of the unread */
	int64_t changed_ns; /* its mtime before it was read last */
	int wd; /* -1 if it has no watch */
	bool unread, unsure, empty, said;
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
	folder->next = watch->unread;
	watch->unread = folder;
}

static struct watch_folder *find_folder(struct watch *watch, const char *path)
{
	struct watch_folder probe = {.path = path};

	return RB_FIND(watch_by_path, &watch->by_path, &probe);
}

/* Has the folder read, again if it is known. */
static void add_folder(struct watch *watch, const char *path)
{
	struct watch_folder *folder = find_folder(watch, path);
	size_t size = strlen(path) + 1;

	if (!folder) {
		folder = calloc(1, sizeof *folder + size);
		if (!folder) {
			msg_error("folder '%s': not watched:", path);
			return;
		}
		folder->path = memcpy(folder + 1, path, size);
		folder->wd = -1;
		RB_INSERT(watch_by_path, &watch->by_path, folder);
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
	for (struct watch_folder **at = &watch->unread; folder->unread;
		at = &(*at)->next) {
		if (*at == folder) {
			*at = folder->next;
			folder->unread = false;
			break;
		}
	}
	RB_REMOVE(watch_by_path, &watch->by_path, folder);
	free(folder);
}

/* Drops a folder and all below it. path may belong to it. */
static void drop_tree(struct watch *watch, const char *path)
{
	char below[PATH_MAX];
	struct watch_folder probe = {.path = below};
	size_t len = strlen(path);

	/* '/' has bytes before it, so the folder and what is below it lie apart. */
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

/* The path of name in folder, in watch->path. False, with a message, if it is too long.
 */
static bool join(struct watch *watch, const struct watch_folder *folder, const char *name)
{
	int n = snprintf(watch->path, sizeof watch->path, "%s%s%s", folder->path,
		*folder->path ? "/" : "", name);

	if (n >= 0 && (size_t)n < sizeof watch->path)
		return true;
	msg_warn("too long a path: '%s' in '%s'", name, folder->path);
	return false;
}

static bool left_out(const char *name)
{
	return name[0] == '.' || name[0] == '_';
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
	/* By descriptor, as the path might lead elsewhere by now. */
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
	if (other) { /* moved here, and its events are still to come */
		forget_watch(watch, other);
		set_unread(watch, other);
	}
	if (folder->wd >= 0) /* of another folder that had this name */
		inotify_rm_watch(watch->inotify, folder->wd);
	forget_watch(watch, folder);
	folder->wd = wd;
	RB_INSERT(watch_by_wd, &watch->by_wd, folder);
	watch->watches++;
}

/* Says so once, and lets watch_tick try again. */
static void cannot_read(struct watch *watch, struct watch_folder *folder)
{
	if (!folder->said)
		msg_warn("folder '%s/%s':", watch->root_path, folder->path);
	folder->said = true;
	folder->changed_ns = -1;
}

/* Takes the next unread folder in hand. True: there is an item already: it is gone. */
static bool begin_reading(struct watch *watch, struct watch_item *item)
{
	struct watch_folder *folder = watch->unread;
	struct timespec now;
	struct stat st;

	watch->unread = folder->next;
	folder->unread = false;
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
	watch->reading = folder;
	return false;
}

/* The next item of the folder in hand. False: it had none, go on elsewhere. */
static bool read_on(struct watch *watch, struct watch_item *item)
{
	struct watch_folder *folder = watch->reading;
	struct dirent *entry;
	struct stat st;

	while (errno = 0, (entry = readdir(watch->dir))) {
		const char *name = entry->d_name;

		if (left_out(name) && (name[0] == '.' || entry->d_type == DT_DIR))
			continue;
		folder->empty = false;
		if (!join(watch, folder, name))
			continue;
		if (entry->d_type == DT_UNKNOWN &&
			fstatat(dirfd(watch->dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISDIR(st.st_mode))
			entry->d_type = DT_DIR;
		if (entry->d_type == DT_DIR) {
			/* A known one tells its changes itself. */
			if (!left_out(name) && !find_folder(watch, watch->path))
				add_folder(watch, watch->path);
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

/* Turns one event into an item. False: it makes none. */
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
		return false; /* of a folder that was dropped meanwhile */
	if (event->mask & IN_IGNORED)
		forget_watch(watch, folder);
	if (event->mask & (IN_IGNORED | IN_MOVE_SELF | IN_UNMOUNT))
		return gone(watch, item, folder->path);
	if (event->len == 0 || !join(watch, folder, event->name))
		return false;
	if (event->mask & IN_ISDIR) {
		if (left_out(event->name))
			return false;
		if (event->mask & (IN_DELETE | IN_MOVED_FROM))
			return gone(watch, item, watch->path);
		add_folder(watch, watch->path); /* new, moved here, or readable now */
		return false;
	}
	*item = (struct watch_item){.kind = WATCH_FILE,
		.event = true,
		.path = watch->path,
		.at = watch->root,
		.name = watch->path};
	return true;
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
		} else if (watch->unread) {
			if (begin_reading(watch, item))
				return true;
		} else {
			ssize_t n =
				read(watch->inotify, watch->events, sizeof watch->events);
			if (n <= 0)
				return false;
			watch->at = 0;
			watch->len = (size_t)n;
		}
	}
}

/* The root by its name: away, the one we have, or another that is taken instead. */
static void find_root(struct watch *watch)
{
	struct stat named, ours;

	if (watch->root >= 0 && stat(watch->root_path, &named) == 0 &&
		fstat(watch->root, &ours) == 0 && named.st_dev == ours.st_dev &&
		named.st_ino == ours.st_ino)
		return;
	if (watch->root >= 0) {
		add_folder(watch, ""); /* a closed root cannot be opened: it is gone */
		close(watch->root);
		watch->root = -1;
		return;
	}
	watch->root = path_open_folder(watch->root_path);
	if (watch->root < 0)
		return;
	msg_info("'%s' is back", watch->root_path);
	add_folder(watch, "");
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
	RB_FOREACH(folder, watch_by_path, &watch->by_path)
	{
		const char *path = *folder->path ? folder->path : ".";

		if (fstatat(watch->root, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
			path_nanoseconds(st.st_mtim) != folder->changed_ns ||
			folder->unsure) {
			set_unread(watch, folder);
		} else if (folder->empty && folder->wd >= 0 && *folder->path &&
			path_nanoseconds(now) - folder->changed_ns > OLD_NS) {
			/* Yesterday's: its time stamp is enough from here on. */
			inotify_rm_watch(watch->inotify, folder->wd);
			forget_watch(watch, folder);
		}
	}
}

int watch_open(struct watch *watch, const char *root_path)
{
	*watch = (struct watch){.root_path = root_path, .root = -1};
	watch->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	bool too_many = watch->inotify < 0 && errno == EMFILE;
	if (watch->inotify < 0 && !too_many)
		return -1;
	watch->root = path_open_folder(root_path);
	if (watch->root < 0) {
		int error = errno;
		if (!too_many)
			close(watch->inotify);
		errno = error;
		return -1;
	}
	if (too_many)
		msg_warn("'%s': the limit " INSTANCES_SYSCTL
			 " is reached: scanning instead; raise it with sysctl",
			root_path);
	watch->said_limit = watch->scanning = too_many;
	add_folder(watch, "");
	return 0;
}

void watch_close(struct watch *watch)
{
	drop_tree(watch, "");
	path_close(watch->root);
	path_close(watch->inotify);
}
