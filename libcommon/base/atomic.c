/*
 * A target is checked, a locked temporary is made beside it and written by the caller,
 * and rename(2) puts it in place. The flock on the temporary tells a living writer's from
 * a dead one's, so remove_dead serves both atomic_sweep and a new writer that finds an
 * old temporary under its own process number.
 */
#include "base/atomic.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

#define SUFFIX ".tmp"
#define TRIES 8 /* races lost against a sweeper; even two in a row are unlikely */

static int check_target(int folder, const char *name)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	if (S_ISREG(st.st_mode))
		return 0;
	errno = S_ISLNK(st.st_mode) ? ELOOP : S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	return -1;
}

/*
 * Removes the temporary if its writer is dead. Returns 1 if removed, 0 if it is gone or
 * in use, or -1: EEXIST when something else has its name.
 */
static int remove_dead(int folder, const char *temporary)
{
	struct stat here, named;
	int gone = 0;

	int fd =
		openat(folder, temporary, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0) {
		if (errno == ENOENT)
			return 0;
		if (errno == ELOOP || errno == ENXIO || errno == EACCES)
			errno = EEXIST; /* a link, a socket, another user's file */
		return -1;
	}
	if (fstat(fd, &here) < 0 || !S_ISREG(here.st_mode)) {
		close(fd);
		errno = EEXIST;
		return -1;
	}
	/* Only the process that holds the lock of the named file may remove it. */
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		gone = errno == EWOULDBLOCK ? 0 : -1;
	else if (fstatat(folder, temporary, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
		here.st_ino == named.st_ino && here.st_dev == named.st_dev)
		gone = unlinkat(folder, temporary, 0) < 0 ? -1 : 1;
	close(fd);
	return gone;
}

/* Makes and locks a temporary. -1 with EAGAIN: a sweeper removed it in between. */
static int make_temporary(int folder, const char *temporary, mode_t mode)
{
	struct stat st;
	int error = EAGAIN;

	int fd = openat(folder, temporary,
		O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0 && errno == EEXIST) {
		/* An earlier process with our number was killed, perhaps before a reboot.
		 */
		if (remove_dead(folder, temporary) < 0)
			return -1;
		errno = EAGAIN;
		return -1;
	}
	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		if (fstat(fd, &st) == 0 && st.st_nlink > 0)
			return fd;
	} else if (errno != EWOULDBLOCK) {
		error = errno; /* no locks here, so no sweep will ever remove it */
		unlinkat(folder, temporary, 0);
	}
	close(fd);
	errno = error;
	return -1;
}

int atomic_begin(struct atomic *file, int folder, const char *name, mode_t mode)
{
	file->fd = -1;
	file->folder = folder;
	if (strlen(name) > ATOMIC_NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (check_target(folder, name) < 0)
		return -1;
	file->synced = false;
	strcpy(file->name, name);
	snprintf(file->temporary, sizeof file->temporary, ".%s.%ld" SUFFIX, name,
		(long)getpid());
	for (int try = 0; try < TRIES; try++) {
		file->fd = make_temporary(folder, file->temporary, mode);
		if (file->fd >= 0)
			return 0;
		if (errno != EAGAIN)
			return -1;
	}
	return -1;
}

int atomic_sync(struct atomic *file)
{
	file->synced = true;
	return fsync(file->fd);
}

/* Some file systems cannot sync a folder: that is no error. */
static int sync_folder(int folder)
{
	return fsync(folder) < 0 && errno != EINVAL ? -1 : 0;
}

static int commit(struct atomic *file, bool new)
{
	int folder = file->folder;

	/* Rename before closing: closing ends the lock that keeps sweepers away. */
	if ((new ? renameat2(
			   folder, file->temporary, folder, file->name, RENAME_NOREPLACE)
		 : renameat(folder, file->temporary, folder, file->name)) < 0)
		return -1;
	int fd = file->fd, code = file->synced ? sync_folder(folder) : 0;
	file->fd = -1;
	return close(fd) < 0 ? -1 : code;
}

int atomic_commit(struct atomic *file)
{
	return commit(file, false);
}

void atomic_abort(struct atomic *file)
{
	int saved = errno;

	if (file->fd >= 0) {
		unlinkat(file->folder, file->temporary, 0);
		close(file->fd);
		file->fd = -1;
	}
	errno = saved;
}

static int put(int folder, const char *name, mode_t mode, const void *data, size_t len,
	bool keep, bool new)
{
	struct atomic file;

	if (atomic_begin(&file, folder, name, mode) < 0) {
		if (new && (errno == ELOOP || errno == EISDIR || errno == EINVAL))
			errno = EEXIST;
		return -1;
	}
	if (path_write_all(file.fd, data, len) == 0 &&
		(!keep || atomic_sync(&file) == 0) && commit(&file, new) == 0)
		return 0;
	atomic_abort(&file);
	return -1;
}

int atomic_put(int folder, const char *name, mode_t mode, const void *data, size_t len)
{
	return put(folder, name, mode, data, len, false, false);
}

int atomic_keep(int folder, const char *name, mode_t mode, const void *data, size_t len)
{
	return put(folder, name, mode, data, len, true, false);
}

int atomic_put_new(
	int folder, const char *name, mode_t mode, const void *data, size_t len)
{
	return put(folder, name, mode, data, len, true, true);
}

static bool is_temporary_of(const char *entry, const char *name)
{
	size_t len = strlen(name);

	if (entry[0] != '.' || strncmp(entry + 1, name, len) != 0 ||
		entry[len + 1] != '.')
		return false;
	const char *pid = entry + len + 2;
	size_t digits = strspn(pid, "0123456789");
	return digits > 0 && strcmp(pid + digits, SUFFIX) == 0;
}

int atomic_sweep(int folder, const char *name)
{
	struct dirent *entry;
	int removed = 0;

	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		path_close(fd);
		return -1;
	}
	while ((entry = readdir(dir)))
		if (is_temporary_of(entry->d_name, name) &&
			remove_dead(folder, entry->d_name) > 0)
			removed++;
	closedir(dir);
	return removed;
}
