#include "clip/aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "clip/clipname.h"

#define PREFIX ".aside."
#define NAMES_MAX 1000 /* numbers to try for one name */

struct aside {
	int folder, fd; /* fd: the file that is meant */
	const char *own;
	char name[NAME_MAX + 1];
};

/* Renames, never over anything. */
static int move(int from, const char *name, int to, const char *new_name)
{
	struct stat st;

	if (renameat2(from, name, to, new_name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	/* A file system that does not know the flag, such as NFS. */
	if (fstatat(to, new_name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return errno == ENOENT ? renameat(from, name, to, new_name) : -1;
}

/* The same, but if new_name is taken a number is put before its suffix. out gets the name
 * that was free. */
static int move_free(
	int from, const char *name, int to, const char *new_name, char out[NAME_MAX + 1])
{
	for (unsigned n = 0; n < NAMES_MAX; n++) {
		if (clipname_number(out, NAME_MAX + 1, new_name, n) < 0)
			return -1;
		if (move(from, name, to, out) == 0)
			return 0;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

/* Makes the hidden name. From a long name some bytes before its end are left out, so that
 * a number has room. */
static void hide(char out[NAME_MAX + 1], const char *name)
{
	size_t len = strlen(name), most = NAME_MAX - sizeof PREFIX - sizeof ".999";
	size_t end = len > most ? 16 : 0;

	snprintf(out, NAME_MAX + 1, PREFIX "%.*s%s", (int)(len > most ? most - end : len),
		name, name + (end ? len - end : len));
}

static void put_back(const struct aside *aside, const char *name)
{
	int error = errno;
	char now[NAME_MAX + 1];

	move_free(aside->folder, aside->name, aside->folder, name, now);
	errno = error;
}

static void let_go(struct aside *aside)
{
	path_close(aside->fd);
	path_close(aside->folder);
}

/* Gives the file its hidden name. */
static int take(struct aside *aside, int at, const char *rel, struct path_id id)
{
	char hidden[NAME_MAX + 1];
	struct stat st;

	*aside = (struct aside){.folder = -1, .fd = -1};
	aside->folder = path_open_parent_below(at, rel, &aside->own);
	if (aside->folder >= 0)
		aside->fd = path_open_file(aside->folder, aside->own, &st);
	if (aside->fd < 0)
		return -1;
	errno = ESTALE;
	if (!path_same(path_id(&st), id))
		return -1;
	flock(aside->fd, LOCK_SH | LOCK_NB); /* a lock of another tool protects it too */
	hide(hidden, aside->own);
	if (move_free(aside->folder, aside->own, aside->folder, hidden, aside->name) < 0)
		return -1;
	if (path_is_named(aside->folder, aside->name, aside->fd) &&
		fstat(aside->fd, &st) == 0 && path_same(path_id(&st), id))
		return 0;
	errno = ESTALE;
	put_back(aside, aside->own);
	return -1;
}

int aside_remove(int at, const char *rel, struct path_id id)
{
	struct aside aside;
	int code = take(&aside, at, rel, id);

	if (code == 0 && (code = unlinkat(aside.folder, aside.name, 0)) < 0)
		put_back(&aside, aside.own);
	let_go(&aside);
	return code;
}

/* -1 with EEXIST if both descriptors are the same folder. */
static int differ(int folder, int other)
{
	struct stat a, b;

	if (fstat(folder, &a) < 0 || fstat(other, &b) < 0)
		return -1;
	errno = EEXIST;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino ? -1 : 0;
}

int aside_move(int at, const char *rel, struct path_id id, int to)
{
	struct aside aside;
	char now[NAME_MAX + 1];
	int code = take(&aside, at, rel, id);

	if (code == 0 &&
		(differ(aside.folder, to) < 0 ||
			move_free(aside.folder, aside.name, to, aside.own, now) < 0)) {
		put_back(&aside, aside.own);
		code = -1;
	}
	let_go(&aside);
	return code;
}

/* True if another tool is deleting or moving the file right now. */
static bool is_held(int folder, const char *name)
{
	int fd = path_open_file(folder, name, NULL);
	bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	path_close(fd);
	return held;
}

int aside_put_back(int folder)
{
	int fd = path_open_below(folder, "");
	int count = 0;
	int error = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char now[NAME_MAX + 1];
	struct dirent *entry;
	struct stat st;

	if (!dir) {
		path_close(fd);
		return -1;
	}
	while ((errno = 0, entry = readdir(dir))) {
		const char *name = entry->d_name + strlen(PREFIX);

		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0 || !*name ||
			fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
			!S_ISREG(st.st_mode) || is_held(folder, entry->d_name))
			continue;
		if (move_free(folder, entry->d_name, folder, name, now) == 0)
			count++;
		else if (errno != ENOENT) /* ENOENT: another tool was faster */
			error = errno;
	}
	error = errno ? errno : error;
	closedir(dir);
	errno = error;
	return error ? -1 : count;
}
