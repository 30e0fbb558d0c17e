/*
 * Opening, reading, counting, bounding and tidying; quarantine_move.c moves files in and
 * out. Nothing is cached: each call reads the folder. walk is the one loop over its
 * names, and quarantine_name.h decides which names count.
 */
#include "clip/quarantine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fact.h"
#include "base/msg.h"
#include "base/text.h"
#include "clip/aside.h"
#include "clip/quarantine_name.h"

/* Opens the last component. It must be no link, and on the file system of its parent. */
static int open_own(int at, const char *path)
{
	struct stat own, above;

	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		if (errno == ENOTDIR &&
			fstatat(at, path, &own, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISLNK(own.st_mode))
			errno = ELOOP;
		return -1;
	}
	if (fstat(fd, &own) == 0 && fstatat(fd, "..", &above, 0) == 0) {
		if (own.st_dev == above.st_dev)
			return fd;
		errno = EXDEV;
	}
	path_close(fd);
	return -1;
}

static int open_or_make(struct root *root, const char *path, bool make)
{
	bool below = root && root->dir && root_relative(root, path);
	const char *name;
	int folder = -1;

	int at = below ? root_open_parent(root, path, &name)
		       : path_open_parent(path, &name);
	if (at < 0 && errno == EISDIR && !below) { /* "." and the like */
		at = path_open_folder(path);
		name = ".";
	}
	if (at < 0)
		return -1;
	if (!make || mkdirat(at, name, 0755) == 0 || errno == EEXIST)
		folder = open_own(at, name);
	path_close(at);
	return folder;
}

int quarantine_open(
	struct quarantine *quarantine, struct root *root, const char *path, bool make)
{
	*quarantine = (struct quarantine){-1, strdup(path)};
	if (!quarantine->path)
		return -1;
	/* With a '/' at its end, the kernel would follow a link. */
	for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
		quarantine->path[len - 1] = '\0';
	quarantine->folder = open_or_make(root, quarantine->path, make);
	if (quarantine->folder >= 0)
		return 0;
	int error = errno;
	quarantine_close(quarantine);
	errno = error;
	return -1;
}

void quarantine_close(struct quarantine *quarantine)
{
	path_close(quarantine->folder);
	free(quarantine->path);
	*quarantine = (struct quarantine){.folder = -1};
}

/* Fills the entry from its reason, if that is a good fact. */
static void read_reason(struct quarantine_entry *entry, const struct fact *fact)
{
	const char *time = fact_get(fact, "time"), *code = fact_get(fact, "code");
	const char *reason = fact_get(fact, "reason"), *from = fact_get(fact, "from");

	if (!time || !code || !reason || fact_number(fact, "tries", &entry->tries) < 0 ||
		text_decode(entry->reason, sizeof entry->reason, reason) < 0 ||
		text_decode(entry->time, sizeof entry->time, time) < 0 ||
		text_decode(entry->code, sizeof entry->code, code) < 0) {
		*entry->code = *entry->reason = *entry->time = '\0';
		entry->tries = 0;
		return;
	}
	if (!from || *from != '/' ||
		text_decode(entry->from, sizeof entry->from, from) < 0)
		*entry->from = '\0';
}

int quarantine_look(
	struct quarantine *quarantine, const char *name, struct quarantine_entry *entry)
{
	struct quarantine_name file;
	struct stat st;

	if (!quarantine_name_set(&file, name)) {
		errno = EINVAL;
		return -1;
	}
	int found = quarantine_name_regular(quarantine->folder, name, &st);
	if (found <= 0) {
		errno = found == 0 ? ENOENT : errno;
		return -1;
	}
	*entry = (struct quarantine_entry){.size = st.st_size};
	strcpy(entry->name, name);
	entry->moved_ns = entry->tried_ns = path_nanoseconds(st.st_ctim);
	if (quarantine_name_regular(quarantine->folder, file.reason, &st) > 0)
		entry->tried_ns = path_nanoseconds(st.st_mtim);
	struct fact fact = fact_read(quarantine->folder, file.reason);
	if (fact.state == FACT_ERROR && errno != ENAMETOOLONG)
		return -1;
	read_reason(entry, &fact);
	fact_free(&fact);
	return 0;
}

/*
 * Calls step for each name in the folder until it returns more than 0, and goes on after
 * -1. Returns 0, or -1 with errno when anything went wrong.
 */
static int walk(struct quarantine *quarantine,
	int (*step)(struct quarantine *quarantine, const char *name, void *data),
	void *data)
{
	struct dirent *entry;
	int code = 0, error = 0;

	int fd = openat(quarantine->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		path_close(fd);
		return -1;
	}
	do {
		errno = 0;
		entry = readdir(dir);
		code = entry ? step(quarantine, entry->d_name, data) : -!!errno;
		if (code < 0)
			error = errno;
	} while (entry && code <= 0);
	closedir(dir);
	errno = error;
	return error ? -1 : 0;
}

struct visit {
	int (*visit)(struct quarantine_entry *entry, void *data);
	void *data;
	int result;
};

static int visit_one(struct quarantine *quarantine, const char *name, void *data)
{
	struct quarantine_entry entry;
	struct visit *visit = data;

	if (quarantine_look(quarantine, name, &entry) < 0)
		return errno == EINVAL || errno == ENOENT ? 0 : -1;
	visit->result = visit->visit(&entry, visit->data);
	return visit->result != 0;
}

int quarantine_each(struct quarantine *quarantine,
	int (*visit)(struct quarantine_entry *entry, void *data), void *data)
{
	struct visit all = {visit, data, 0};
	int code = walk(quarantine, visit_one, &all);

	return all.result ? all.result : code;
}

static int count_one(struct quarantine *quarantine, const char *name, void *data)
{
	struct quarantine_name file;
	struct stat st;
	ssize_t *count = data;

	int found = quarantine_name_set(&file, name)
		? quarantine_name_regular(quarantine->folder, name, &st)
		: 0;
	*count += found > 0;
	return found < 0 ? -1 : 0;
}

ssize_t quarantine_count(struct quarantine *quarantine)
{
	ssize_t count = 0;

	return walk(quarantine, count_one, &count) < 0 ? -1 : count;
}

struct item {
	int64_t moved_ns;
	char *name;
};

struct list {
	struct item *items;
	size_t count, room;
};

static int list_one(struct quarantine *quarantine, const char *name, void *data)
{
	struct list *list = data;
	struct quarantine_name file;
	struct stat st;

	int found = quarantine_name_set(&file, name)
		? quarantine_name_regular(quarantine->folder, name, &st)
		: 0;
	if (found <= 0)
		return found;
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		struct item *more = reallocarray(list->items, room, sizeof *more);

		if (!more)
			return -1;
		list->items = more;
		list->room = room;
	}
	struct item *item = &list->items[list->count];
	item->moved_ns = path_nanoseconds(st.st_ctim);
	item->name = strdup(name);
	if (!item->name)
		return -1;
	list->count++;
	return 0;
}

static int compare_items(const void *a, const void *b)
{
	const struct item *one = a, *two = b;

	if (one->moved_ns != two->moved_ns)
		return one->moved_ns < two->moved_ns ? -1 : 1;
	return strcmp(one->name, two->name);
}

static int remove_one(struct quarantine *quarantine, const char *name, size_t keep)
{
	struct quarantine_entry entry;
	struct quarantine_name file;

	bool known = quarantine_look(quarantine, name, &entry) == 0 && *entry.code;
	if (!quarantine_name_set(&file, name) ||
		unlinkat(quarantine->folder, name, 0) < 0) {
		msg_warn("quarantine '%s': '%s' could not be deleted:", quarantine->path,
			name);
		return -1;
	}
	unlinkat(quarantine->folder, file.reason,
		0); /* if it fails, quarantine_tidy will */
	msg_warn("quarantine '%s': deleted '%s' (%s), as there are more than %zu",
		quarantine->path, name, known ? entry.code : "no reason", keep);
	return 0;
}

int quarantine_bound(struct quarantine *quarantine, size_t keep)
{
	struct list list = {0};
	int removed = 0, error = 0;

	int lock = quarantine_name_lock(quarantine->folder);
	if (lock < 0)
		return -1;
	bool whole = walk(quarantine, list_one, &list) == 0;
	if (!whole)
		error = errno; /* remove nothing: the oldest may not have been listed */
	if (list.count > 0)
		qsort(list.items, list.count, sizeof *list.items, compare_items);
	for (size_t i = 0; whole && i + keep < list.count && i < QUARANTINE_TURN; i++) {
		if (remove_one(quarantine, list.items[i].name, keep) == 0)
			removed++;
		else
			error = errno;
	}
	for (size_t i = 0; i < list.count; i++)
		free(list.items[i].name);
	free(list.items);
	path_close(lock);
	errno = error;
	return error ? -1 : removed;
}

static int tidy_one(struct quarantine *quarantine, const char *entry, void *data)
{
	int folder = quarantine->folder;
	struct quarantine_name file;
	struct stat st;

	(void)data;
	bool moving = quarantine_name_within(&file, entry, ".", QUARANTINE_NAME_MOVING);
	bool reason = !moving &&
		quarantine_name_within(&file, entry, "", QUARANTINE_NAME_REASON);
	if (!moving && !reason && !quarantine_name_is_temporary(entry))
		return 0;
	int found = quarantine_name_regular(folder, entry, &st);
	if (found <= 0)
		return found; /* we never make anything but regular files */
	if (moving || reason) {
		found = quarantine_name_regular(folder, file.name, &st);
		if (found < 0 || (found > 0 && reason))
			return found < 0 ? -1 : 0;
		if (found > 0) {
			if (quarantine_name_move(folder, entry, folder, file.reason) == 0)
				return 0;
			if (errno != EEXIST)
				return -1;
		}
	}
	return unlinkat(folder, entry, 0);
}

int quarantine_tidy(struct quarantine *quarantine)
{
	int lock = quarantine_name_lock(quarantine->folder);

	if (lock < 0)
		return -1;
	int result = aside_put_back(quarantine->folder) < 0 ||
			walk(quarantine, tidy_one, NULL) < 0
		? -1
		: 0;
	path_close(lock);
	return result;
}
