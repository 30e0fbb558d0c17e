/*
 * Below a folder, openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS does all the
 * work. A folder that the user named may have links on its way, but only the user's or
 * root's: there openat2 without links is tried first, and if it meets one, walk goes from
 * component to component and looks whose each link is.
 */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"

#define LINKS_MAX 40 /* on the way to a folder; the kernel's own limit */
#define FOLDER (O_DIRECTORY | O_CLOEXEC)

int path_write_all(int fd, const void *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			data = (const char *)data + n;
			len -= (size_t)n;
		}
	}
	return 0;
}

void path_close(int fd)
{
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
}

/*
 * Reads a link and returns the path to walk instead of it and of the rest behind it; the
 * caller frees it. NULL with errno: ENOTDIR if it is no link, ELOOP if it belongs to
 * somebody else.
 */
static char *follow(int link, const char *rest)
{
	char target[PATH_MAX], *path;
	struct stat st;

	if (fstat(link, &st) < 0)
		return NULL;
	errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
	if (!S_ISLNK(st.st_mode) || (st.st_uid != 0 && st.st_uid != geteuid()))
		return NULL;
	ssize_t len = readlinkat(link, "", target, sizeof target);
	if (len < 0)
		return NULL;
	errno = ENAMETOOLONG;
	if (len == sizeof target ||
		asprintf(&path, "%.*s/%s", (int)len, target, rest) < 0)
		return NULL;
	return path;
}

/* Opens the folder that a path starts from. An empty path fails with ENOENT. */
static int begin(const char *path)
{
	return open(*path == '/' ? "/" : *path ? "." : "", O_PATH | FOLDER);
}

/*
 * Walks a path component by component with descriptors, because openat2 cannot tell who
 * owns a link. is_last: the last component may be a link too.
 */
static int walk(const char *path, bool is_last)
{
	char *text = strdup(path);
	char *rest = text;
	int at = text ? begin(text) : -1, links = 0;

	rest += rest ? strspn(rest, "/") : 0;
	while (at >= 0 && *rest) {
		const char *name = rest;
		char *other = NULL;

		rest += strcspn(rest, "/");
		if (*rest)
			*rest++ = '\0';
		rest += strspn(rest, "/");
		/* O_DIRECTORY makes automount mount a folder that is mounted on demand.
		 */
		int next = openat(at, name, O_PATH | O_NOFOLLOW | FOLDER);
		if (next < 0 && errno == ENOTDIR) {
			int link = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
			other = link < 0 ? NULL : follow(link, rest);
			path_close(link);
			if (other && (++links > LINKS_MAX || (!is_last && !*rest))) {
				free(other);
				other = NULL;
				errno = ELOOP;
			}
		}
		if (other) {
			free(text);
			rest = text = other;
			rest += strspn(rest, "/");
			next = *text == '/' ? begin(text) : dup(at);
		}
		path_close(at);
		at = next;
	}
	int fd = at < 0 ? -1 : openat(at, ".", O_RDONLY | FOLDER);
	path_close(at);
	free(text);
	return fd;
}

static int open_folder(const char *path, bool is_last)
{
	struct open_how how = {
		.flags = O_RDONLY | FOLDER, .resolve = RESOLVE_NO_SYMLINKS};

	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
	return fd < 0 && (errno == ELOOP || errno == ENOSYS) ? walk(path, is_last) : fd;
}

int path_open_folder(const char *path)
{
	return open_folder(path, true);
}

int path_open_named(const char *path, bool *link)
{
	int fd = open_folder(path, false);

	*link = fd < 0 && errno == ELOOP;
	return *link ? open_folder(path, true) : fd;
}

int path_open_again(const char *path, bool link)
{
	return open_folder(path, link);
}

/* Returns the path without its last component, to be freed; NULL with errno. */
static char *cut(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash ? slash + 1 : path;

	if (!*path) {
		errno = ENOENT;
		return NULL;
	}
	if (!*last || strcmp(last, ".") == 0 || strcmp(last, "..") == 0) {
		errno = EISDIR;
		return NULL;
	}
	*name = last;
	return slash ? strndup(path, (size_t)(last - path)) : strdup(".");
}

int path_open_parent(const char *path, const char **name)
{
	char *folder = cut(path, name);
	int fd = folder ? path_open_folder(folder) : -1;

	free(folder);
	return fd;
}

static int open_below(int at, const char *rel, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, at, rel, &how, sizeof how);
}

int path_open_below(int at, const char *rel)
{
	return open_below(at, *rel ? rel : ".", O_DIRECTORY);
}

int path_open_parent_below(int at, const char *rel, const char **name)
{
	char *folder = cut(rel, name);
	int fd = folder ? path_open_below(at, folder) : -1;

	free(folder);
	return fd;
}

int path_open_file(int at, const char *rel, struct stat *st)
{
	struct stat own;

	int fd = open_below(at, rel, O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		if (errno == ENXIO) /* a socket */
			errno = EINVAL;
		return -1;
	}
	if (!st)
		st = &own;
	int error = 0;
	if (fstat(fd, st) < 0)
		error = errno;
	else if (!S_ISREG(st->st_mode))
		error = S_ISDIR(st->st_mode) ? EISDIR : EINVAL;
	if (error) {
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

ssize_t path_read(int at, const char *rel, char *buf, size_t size)
{
	size_t len = 0;
	int error = 0;

	int fd = path_open_file(at, rel, NULL);
	if (fd < 0)
		return -1;
	for (;;) {
		char more;
		ssize_t n =
			len < size ? read(fd, buf + len, size - len) : read(fd, &more, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			error = errno;
		else if (n > 0 && len == size)
			error = EFBIG;
		if (n <= 0 || error)
			break;
		len += (size_t)n;
	}
	close(fd);
	if (!error)
		return (ssize_t)len;
	errno = error;
	return -1;
}

int64_t path_nanoseconds(struct timespec time)
{
	/* A file system can hold years that do not fit into 64 bits of nanoseconds. */
	if (time.tv_sec >= INT64_MAX / CLOCK_SECOND_NS)
		return INT64_MAX;
	if (time.tv_sec < -INT64_MAX / CLOCK_SECOND_NS / 2)
		return -INT64_MAX / 2;
	return time.tv_sec * CLOCK_SECOND_NS + time.tv_nsec;
}

struct path_id path_id(const struct stat *st)
{
	return (struct path_id){
		st->st_dev, st->st_ino, st->st_size, path_nanoseconds(st->st_mtim)};
}

bool path_is_named(int folder, const char *name, int fd)
{
	struct stat own, named;

	return fstat(fd, &own) == 0 &&
		fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
		own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}

bool path_has_writer(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_RDLCK) < 0)
		return errno == EAGAIN;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return false;
}

bool path_same(struct path_id a, struct path_id b)
{
	return a.device == b.device && a.inode == b.inode && a.size == b.size &&
		a.mtime_ns == b.mtime_ns;
}

bool path_is_remote(int fd)
{
	/* Not all are in linux/magic.h: NFS, SMB, CIFS, SMB2, FUSE, 9P, AFS, Ceph. */
	static const unsigned int types[] = {0x6969, 0x517b, 0xff534d42, 0xfe534d42,
		0x65735546, 0x01021997, 0x5346414f, 0x00c36400};
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if ((unsigned int)fs.f_type == types[i])
			return true;
	return false;
}
