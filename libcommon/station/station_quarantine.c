#include "station/station_quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "clip/quarantine.h"
#include "station/settings.h"

#define FOLDER "_failed"

uint64_t station_quarantine_number(ino_t inode)
{
	return (uint64_t)inode & ((UINT64_C(1) << STATION_QUARANTINE_BITS) - 1);
}

char *station_quarantine_path(const struct conf *conf)
{
	char *path;

	if (!settings_good(conf, SETTINGS_WATCH_DIR) ||
		!settings_has(conf, SETTINGS_WATCH_DIR) ||
		asprintf(&path, "%s/" FOLDER, settings_get(conf, SETTINGS_WATCH_DIR)) < 0)
		return NULL;
	return path;
}

ssize_t station_quarantine_count(const char *path)
{
	struct quarantine quarantine;

	if (quarantine_open(&quarantine, NULL, path, false) < 0)
		return errno == ENOENT ? 0 : -1;
	ssize_t count = quarantine_count(&quarantine);
	int error = errno;
	quarantine_close(&quarantine);
	errno = error;
	return count;
}

int station_quarantine_open(const char *path, struct stat *st)
{
	struct quarantine quarantine;

	if (quarantine_open(&quarantine, NULL, path, false) < 0)
		return -1;
	int fd = openat(quarantine.folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, st) < 0) {
		close(fd);
		fd = -1;
	}
	int error = errno;
	quarantine_close(&quarantine);
	errno = error;
	return fd;
}

bool station_quarantine_shows(const struct dirent *entry)
{
	return *entry->d_name != '.' &&
		(entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN);
}

/* The names that were looked up last: not every read is to search the folder. */
static struct {
	uint64_t number;
	char name[NAME_MAX + 1];
} known[4096];

void station_quarantine_remember(uint64_t number, const char *name)
{
	size_t at = number % (sizeof known / sizeof *known);

	if (strlen(name) > NAME_MAX)
		return;
	strcpy(known[at].name, name);
	known[at].number = number;
}

/* Opens it if the file of this name has the number. */
static int open_named(int folder, const char *name, uint64_t number, struct stat *st)
{
	int fd = path_open_file(folder, name, st);

	if (fd < 0 || station_quarantine_number(st->st_ino) == number)
		return fd;
	close(fd);
	errno = ENOENT;
	return -1;
}

int station_quarantine_open_file(int folder, uint64_t number, struct stat *st)
{
	size_t at = number % (sizeof known / sizeof *known);
	DIR *dir = fdopendir(folder);
	struct dirent *entry;

	if (!dir) {
		close(folder);
		return -1;
	}
	int fd = known[at].number == number
		? open_named(folder, known[at].name, number, st)
		: -1;
	errno = fd < 0 ? ENOENT : 0;
	while (fd < 0 && (entry = readdir(dir))) {
		if (!station_quarantine_shows(entry) ||
			station_quarantine_number(entry->d_ino) != number)
			continue;
		fd = open_named(folder, entry->d_name, number, st);
		break;
	}
	int error = errno;
	closedir(dir);
	errno = error;
	return fd;
}
