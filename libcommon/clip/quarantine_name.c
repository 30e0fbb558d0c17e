#include "clip/quarantine_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/path.h"

#define TEMPORARY ".tmp"
#define NUMBER_MAX 9999
#define EXTENSION_MAX 16 /* a longer one is not kept whole */
/* Leaves room for a number, the suffix of the reason, and what atomic_put adds. */
#define STEM_MAX (ATOMIC_NAME_MAX - sizeof QUARANTINE_NAME_REASON - sizeof ".9999")

static bool ends_in(const char *name, const char *suffix)
{
	size_t len = strlen(name), more = strlen(suffix);

	return len >= more && strcmp(name + len - more, suffix) == 0;
}

bool quarantine_name_set(struct quarantine_name *file, const char *name)
{
	if (!*name || *name == '.' || strchr(name, '/') || strlen(name) > NAME_MAX ||
		ends_in(name, QUARANTINE_NAME_REASON))
		return false;
	strcpy(file->name, name);
	snprintf(file->reason, sizeof file->reason, "%s" QUARANTINE_NAME_REASON, name);
	snprintf(file->moving, sizeof file->moving, ".%s" QUARANTINE_NAME_MOVING, name);
	return true;
}

bool quarantine_name_within(struct quarantine_name *file, const char *entry,
	const char *start, const char *end)
{
	char name[NAME_MAX + 1];
	size_t skip = strlen(start);

	if (strncmp(entry, start, skip) != 0 || !ends_in(entry + skip, end))
		return false;
	int len = (int)(strlen(entry + skip) - strlen(end));
	snprintf(name, sizeof name, "%.*s", len, entry + skip);
	return quarantine_name_set(file, name);
}

bool quarantine_name_is_temporary(const char *entry)
{
	char head[NAME_MAX + 1];
	struct quarantine_name file;

	if (!ends_in(entry, TEMPORARY))
		return false;
	int len = (int)(strlen(entry) - strlen(TEMPORARY));
	snprintf(head, sizeof head, "%.*s", len, entry);
	char *pid = strrchr(head, '.');
	if (!pid || !pid[1] || pid[1 + strspn(pid + 1, "0123456789")])
		return false;
	*pid = '\0';
	return quarantine_name_within(&file, head, ".", QUARANTINE_NAME_REASON);
}

int quarantine_name_find(int folder, const char *name, struct stat *st)
{
	if (fstatat(folder, name, st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT || errno == ENAMETOOLONG ? 0 : -1;
}

int quarantine_name_regular(int folder, const char *name, struct stat *st)
{
	int found = quarantine_name_find(folder, name, st);

	return found > 0 && !S_ISREG(st->st_mode) ? 0 : found;
}

/* Bytes of own, before its extension, that a chosen name keeps. */
static int stem_of(const char *own, const char *extension)
{
	size_t len = (size_t)(extension - own), most = STEM_MAX - strlen(extension);

	if (len <= most)
		return (int)len;
	/* Do not cut within a UTF-8 character. */
	for (len = most; len > most - 3 && ((unsigned char)own[len] & 0xc0) == 0x80;)
		len--;
	return (int)len;
}

/* 1 if none of the three names is taken, 0 if one is, or -1. */
static int is_free(int folder, const struct quarantine_name *file)
{
	const char *const names[] = {file->name, file->reason, file->moving};
	struct stat st;
	int found = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names && found == 0; i++)
		found = quarantine_name_find(folder, names[i], &st);
	return found < 0 ? -1 : !found;
}

int quarantine_name_choose(struct quarantine_name *file, int folder, const char *own)
{
	char name[NAME_MAX + 1], number[16] = "";

	const char *extension = strrchr(own, '.');
	if (!extension || extension == own || strlen(extension) > EXTENSION_MAX)
		extension = own + strlen(own);
	int stem = stem_of(own, extension);
	for (int i = 0; i <= NUMBER_MAX; i++) {
		if (i > 0)
			snprintf(number, sizeof number, ".%d", i);
		snprintf(name, sizeof name, "%s%.*s%s%s", *own == '.' ? "_" : "", stem,
			own, extension, number);
		int free = quarantine_name_set(file, name) ? is_free(folder, file) : 0;
		if (free)
			return free < 0 ? -1 : 0;
	}
	errno = EEXIST;
	return -1;
}

int quarantine_name_move(int from, const char *name, int to, const char *new_name)
{
	return renameat2(from, name, to, new_name, RENAME_NOREPLACE);
}

int quarantine_name_lock(int folder)
{
	/* Open the folder once more: a flock belongs to the open file description, and
	 * one that is shared would keep out nobody who shares it. */
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		path_close(fd);
		return -1;
	}
	return fd;
}
