#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define SECOND_NS INT64_C(1000000000)

void path_close(int fd)
{
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
}

int path_open_folder(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int path_open_parent(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash ? slash + 1 : path;

	if (!*path) {
		errno = ENOENT;
		return -1;
	}
	if (!*last || strcmp(last, ".") == 0 || strcmp(last, "..") == 0) {
		errno = EISDIR;
		return -1;
	}
	*name = last;
	if (!slash)
		return path_open_folder(".");
	char *folder = strndup(path, (size_t)(last - path));
	if (!folder)
		return -1;
	int fd = path_open_folder(folder);
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
	/* Years that a file system can hold but not 64 bits; the differences fit too. */
	if (time.tv_sec >= INT64_MAX / SECOND_NS)
		return INT64_MAX;
	if (time.tv_sec < -INT64_MAX / SECOND_NS / 2)
		return -INT64_MAX / 2;
	return time.tv_sec * SECOND_NS + time.tv_nsec;
}

struct path_id path_id(const struct stat *st)
{
	return (struct path_id){st->st_ino, st->st_size, path_nanoseconds(st->st_mtim)};
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
	return a.inode == b.inode && a.size == b.size && a.mtime_ns == b.mtime_ns;
}

int path_remove_same(int at, const char *rel, struct path_id id)
{
	const char *slash = strrchr(rel, '/');
	const char *name = slash ? slash + 1 : rel;
	struct stat st;
	int result = -1;

	char *parent = strndup(rel, slash ? (size_t)(slash - rel) : 0);
	int folder = parent ? path_open_below(at, parent) : -1;
	free(parent);
	int fd = folder < 0 ? -1 : path_open_file(folder, name, &st);
	if (fd >= 0 && !path_same(path_id(&st), id))
		errno = ESTALE;
	else if (fd >= 0)
		result = unlinkat(folder, name, 0);
	path_close(fd);
	path_close(folder);
	return result;
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
