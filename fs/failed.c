#include "failed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "path.h"
#include "quarantine.h"
#include "settings.h"

#define FOLDER "_failed"

uint64_t failed_number(ino_t inode)
{
	return (uint64_t)inode & ((UINT64_C(1) << FAILED_BITS) - 1);
}

char *failed_path(const struct conf *conf)
{
	char *path;

	if (!settings_good(conf, SETTINGS_WATCH_DIR) ||
		asprintf(&path, "%s/" FOLDER, settings_get(conf, SETTINGS_WATCH_DIR)) < 0)
		return NULL;
	return path;
}

ssize_t failed_count(const char *path)
{
	struct quarantine quarantine;

	if (quarantine_open(&quarantine, path, false) < 0)
		return errno == ENOENT ? 0 : -1;
	ssize_t count = quarantine_count(&quarantine);
	int error = errno;
	quarantine_close(&quarantine);
	errno = error;
	return count;
}

int failed_open(const char *path, struct stat *st)
{
	struct quarantine quarantine;
	struct stat above;

	if (quarantine_open(&quarantine, path, false) < 0)
		return -1;
	int fd = openat(quarantine.folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, st) < 0 || fstatat(fd, "..", &above, 0) < 0)) {
		close(fd);
		fd = -1;
	}
	if (fd >= 0)
		st->st_mode &= above.st_mode;
	int error = errno;
	quarantine_close(&quarantine);
	errno = error;
	return fd;
}

bool failed_shows(const struct dirent *entry)
{
	return *entry->d_name != '.' &&
		(entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN);
}

int failed_open_file(int folder, uint64_t number, struct stat *st)
{
	DIR *dir = fdopendir(folder);
	struct dirent *entry;
	int fd = -1;

	if (!dir) {
		close(folder);
		return -1;
	}
	errno = ENOENT;
	while ((entry = readdir(dir)))
		if (failed_shows(entry) && failed_number(entry->d_ino) == number)
			break;
	if (entry)
		fd = path_open_file(folder, entry->d_name, st);
	/* Another one has the name by now. */
	if (fd >= 0 && failed_number(st->st_ino) != number) {
		close(fd);
		fd = -1;
		errno = ENOENT;
	}
	int error = errno;
	closedir(dir);
	errno = error;
	return fd;
}
