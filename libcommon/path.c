#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

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

int path_open_file(int at, const char *rel, struct stat *st)
{
	struct stat own;
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	int fd = (int)syscall(SYS_openat2, at, rel, &how, sizeof how);
	if (fd < 0)
		return -1;
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
