#include "qfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "atomic.h"
#include "path.h"

#define TEMPORARY ".tmp"
#define NUMBER_MAX 9999
#define EXTENSION_MAX 16 /* a longer one is not kept whole */
/* With a number, the reason's suffix and what atomic_put adds it still is a name. */
#define STEM_MAX (ATOMIC_NAME_MAX - sizeof QFILE_REASON - sizeof ".9999")

static bool ends_in(const char *name, const char *suffix)
{
	size_t len = strlen(name), more = strlen(suffix);

	return len >= more && strcmp(name + len - more, suffix) == 0;
}

bool qfile_name(struct qfile *file, const char *name)
{
	if (!*name || *name == '.' || strchr(name, '/') || strlen(name) > NAME_MAX ||
		ends_in(name, QFILE_REASON))
		return false;
	strcpy(file->name, name);
	snprintf(file->reason, sizeof file->reason, "%s" QFILE_REASON, name);
	snprintf(file->moving, sizeof file->moving, ".%s" QFILE_MOVING, name);
	return true;
}

bool qfile_within(
	struct qfile *file, const char *entry, const char *start, const char *end)
{
	char name[NAME_MAX + 1];
	size_t skip = strlen(start);

	if (strncmp(entry, start, skip) != 0 || !ends_in(entry + skip, end))
		return false;
	int len = (int)(strlen(entry + skip) - strlen(end));
	snprintf(name, sizeof name, "%.*s", len, entry + skip);
	return qfile_name(file, name);
}

bool qfile_is_temporary(const char *entry)
{
	char head[NAME_MAX + 1];
	struct qfile file;

	if (!ends_in(entry, TEMPORARY))
		return false;
	int len = (int)(strlen(entry) - strlen(TEMPORARY));
	snprintf(head, sizeof head, "%.*s", len, entry);
	char *pid = strrchr(head, '.');
	if (!pid || !pid[1] || pid[1 + strspn(pid + 1, "0123456789")])
		return false;
	*pid = '\0';
	return qfile_within(&file, head, ".", QFILE_REASON);
}

int qfile_find(int folder, const char *name, struct stat *st)
{
	if (fstatat(folder, name, st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT || errno == ENAMETOOLONG ? 0 : -1;
}

int qfile_regular(int folder, const char *name, struct stat *st)
{
	int found = qfile_find(folder, name, st);

	return found > 0 && !S_ISREG(st->st_mode) ? 0 : found;
}

/* How much of own is in every name that it may get: all before its extension, or less. */
static int stem_of(const char *own, const char *extension)
{
	size_t len = (size_t)(extension - own), most = STEM_MAX - strlen(extension);

	if (len <= most)
		return (int)len;
	/* Not within a character, if it is one. */
	for (len = most; len > most - 3 && ((unsigned char)own[len] & 0xc0) == 0x80;)
		len--;
	return (int)len;
}

/* Whether there is nothing of the three: 1, 0 or -1. */
static int is_free(int folder, const struct qfile *file)
{
	const char *const names[] = {file->name, file->reason, file->moving};
	struct stat st;
	int found = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names && found == 0; i++)
		found = qfile_find(folder, names[i], &st);
	return found < 0 ? -1 : !found;
}

int qfile_choose(struct qfile *file, int folder, const char *own)
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
		int free = qfile_name(file, name) ? is_free(folder, file) : 0;
		if (free)
			return free < 0 ? -1 : 0;
	}
	errno = EEXIST;
	return -1;
}

int qfile_move(int from, const char *name, int to, const char *new_name)
{
	return renameat2(from, name, to, new_name, RENAME_NOREPLACE);
}

int qfile_lock(int folder)
{
	/* One of its own: the lock belongs to what was opened, not to who opened it. */
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		path_close(fd);
		return -1;
	}
	return fd;
}
