/*
 * A file moves in by four steps: its reason is written as .NAME.moving and synced, the
 * file is renamed to NAME, it is compared with the file that was meant, and the reason is
 * renamed to NAME.reason. Moving out goes the other way round. quarantine_tidy can finish
 * or undo it after a kill at any step.
 */
#include "clip/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fact.h"
#include "base/path.h"
#include "clip/quarantine_name.h"

/* The absolute path, without links, of own in the open folder. */
static int path_in(int folder, const char *own, char *path, size_t size)
{
	char link[64];

	snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
	ssize_t n = readlink(link, path, size);
	if (n < 0)
		return -1;
	if (n == 0 || *path != '/') { /* not reachable from here: outside a chroot, say */
		errno = ENOENT;
		return -1;
	}
	size_t len = n == 1 ? 0 : (size_t)n; /* the root has its '/' already */
	if (len + 1 + strlen(own) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	path[len] = '/';
	strcpy(path + len + 1, own);
	return 0;
}

/* Makes the fact for a reason; it is good until the next call. NULL with errno. */
static const struct fact_writer *tell(const char *code, const char *reason, int64_t tries,
	int64_t size, const char *from)
{
	static struct fact_writer fact;

	if (fact_begin(&fact) < 0)
		return NULL;
	fact_add_text(&fact, "code", code);
	fact_add_text(&fact, "reason", reason);
	fact_add_number(&fact, "tries", tries);
	fact_add_number(&fact, "size", size);
	if (*from)
		fact_add_path(&fact, "from", from);
	errno = EMSGSIZE;
	return fact.full ? NULL : &fact;
}

/* Writes and syncs a new file; after an error it leaves none. */
static int write_new(int folder, const char *name, const struct fact_writer *fact)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return -1;
	bool done = path_write_all(fd, fact->text, fact->len) == 0 && fsync(fd) == 0;
	path_close(fd);
	if (done)
		return 0;
	int error = errno;
	unlinkat(folder, name, 0);
	errno = error;
	return -1;
}

/*
 * Moves the file own, whose stat is st, into the quarantine under the chosen name, and
 * then gives its reason the final name.
 */
static int move_in(int quarantine, const struct quarantine_name *file, int from,
	const char *own, const struct stat *st)
{
	struct stat moved;

	if (quarantine_name_move(from, own, quarantine, file->name) < 0) {
		int error = errno;
		unlinkat(quarantine, file->moving, 0);
		errno = error;
		return -1;
	}
	/* rename(2) goes by name, so it may have moved a file that came in between. */
	int found = quarantine_name_find(quarantine, file->name, &moved);
	if (found > 0 && moved.st_dev == st->st_dev &&
		path_same(path_id(&moved), path_id(st))) {
		if (quarantine_name_move(
			    quarantine, file->moving, quarantine, file->reason) == 0)
			return 0;
	} else if (found >= 0) {
		errno = ESTALE;
	}
	int error = errno;
	/* Move it back. If its name was taken once more, it stays here with the reason.
	 */
	if (quarantine_name_move(quarantine, file->name, from, own) < 0)
		quarantine_name_move(quarantine, file->moving, quarantine, file->reason);
	else
		unlinkat(quarantine, file->moving, 0);
	errno = error;
	return -1;
}

/* 0 if the opened file is the one that is meant and is not in the quarantine yet, or -1.
 */
static int check_file(const struct quarantine *quarantine, int from,
	const struct stat *st, struct path_id id)
{
	struct stat here, there;

	if (fstat(from, &here) < 0 || fstat(quarantine->folder, &there) < 0)
		return -1;
	errno = ESTALE;
	if (!path_same(path_id(st), id))
		return -1;
	errno = EINVAL;
	return here.st_dev == there.st_dev && here.st_ino == there.st_ino ? -1 : 0;
}

int quarantine_put(struct quarantine *quarantine, int from, const char *own,
	struct path_id id, const char *code, const char *reason, int64_t tries,
	char *name)
{
	const struct fact_writer *fact;
	char origin[PATH_MAX];
	struct quarantine_name file;
	struct stat st;
	int result = -1;

	int lock = quarantine_name_lock(quarantine->folder);
	/* Keep the file open, so that no new file can get its inode number. */
	int fd = lock < 0 ? -1 : path_open_file(from, own, &st);
	if (fd >= 0 && check_file(quarantine, from, &st, id) == 0 &&
		path_in(from, own, origin, sizeof origin) == 0 &&
		(fact = tell(code, reason, tries, st.st_size, origin)) &&
		quarantine_name_choose(&file, quarantine->folder, own) == 0 &&
		write_new(quarantine->folder, file.moving, fact) == 0)
		result = move_in(quarantine->folder, &file, from, own, &st);
	if (result == 0)
		strcpy(name, file.name);
	path_close(fd);
	path_close(lock);
	return result;
}

/* Looks again, under the lock. ESTALE: the file was replaced or written to. */
static int look_same(struct quarantine *quarantine, const struct quarantine_entry *entry,
	struct quarantine_entry *now)
{
	if (quarantine_look(quarantine, entry->name, now) < 0)
		return -1;
	if (now->moved_ns == entry->moved_ns)
		return 0;
	errno = ESTALE;
	return -1;
}

int quarantine_again(struct quarantine *quarantine, struct quarantine_entry *entry,
	const char *code, const char *reason)
{
	struct quarantine_entry now;
	struct quarantine_name file;
	int result = -1;

	int lock = quarantine_name_lock(quarantine->folder);
	if (lock >= 0 && look_same(quarantine, entry, &now) == 0 &&
		quarantine_name_set(&file, now.name)) {
		const struct fact_writer *fact = tell(code, reason,
			now.tries + (now.tries < INT64_MAX), now.size, now.from);
		if (fact)
			result = fact_write(fact, quarantine->folder, file.reason);
		if (result == 0)
			result = quarantine_look(quarantine, file.name, entry);
	}
	path_close(lock);
	return result;
}

/*
 * Opens the folder that a file came from. A camera may be able to write to the quarantine
 * and forge a reason, so only folders below the quarantine's parent are opened.
 */
static int open_origin(
	const struct quarantine *quarantine, const char *origin, const char **own)
{
	char above[PATH_MAX], rel[PATH_MAX];
	int to = -1;

	if (!*origin) {
		errno = ENODATA;
		return -1;
	}
	int fd = openat(quarantine->folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && path_in(fd, "", above, sizeof above) == 0) {
		size_t len = strlen(above);

		*own = strrchr(origin, '/') + 1;
		errno = EXDEV;
		if (strncmp(origin, above, len) == 0) {
			snprintf(rel, sizeof rel, "%.*s", (int)(*own - origin - len),
				origin + len);
			to = path_open_below(fd, rel);
		}
		if (to < 0 && errno == EXDEV) /* openat2's word for "leads out" */
			errno = EPERM;
	}
	path_close(fd);
	return to;
}

static int move_out(
	int quarantine, const struct quarantine_name *file, int to, const char *own)
{
	if (quarantine_name_move(quarantine, file->reason, quarantine, file->moving) < 0)
		return -1;
	if (quarantine_name_move(quarantine, file->name, to, own) == 0) {
		unlinkat(quarantine, file->moving,
			0); /* if it fails, quarantine_tidy will */
		return 0;
	}
	int error = errno;
	quarantine_name_move(quarantine, file->moving, quarantine, file->reason);
	errno = error;
	return -1;
}

int quarantine_release(
	struct quarantine *quarantine, const struct quarantine_entry *entry)
{
	struct quarantine_entry now;
	struct quarantine_name file;
	const char *own;
	int to = -1, result = -1;

	int lock = quarantine_name_lock(quarantine->folder);
	if (lock >= 0 && look_same(quarantine, entry, &now) == 0 &&
		quarantine_name_set(&file, now.name))
		to = open_origin(quarantine, now.from, &own);
	if (to >= 0)
		result = move_out(quarantine->folder, &file, to, own);
	path_close(to);
	path_close(lock);
	return result;
}
