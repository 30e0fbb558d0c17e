/*
 * A folder is named after its archive, with a number if an older archive had the same
 * name; its mark ".of" holds mtime, size and inode of the archive and the number of
 * clips. So an archive that is seen again is recognised, and a folder from which clips
 * were taken away is too.
 */
#include "unpack_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic.h"
#include "clip/aside.h"
#include "clip/order.h"

#define MARK ".of"
#define OTHERS_MAX 1000 /* archives with the same name */
#define PARTIAL_SIZE (UNPACK_FOLDER_NAME_MAX + 16)

static int make_folder(int at, const char *name)
{
	if (mkdirat(at, name, 0755) < 0 && errno != EEXIST)
		return -1;
	return path_open_below(at, name);
}

int unpack_folder_open(int parent)
{
	return make_folder(parent, UNPACK_FOLDER_PLACE);
}

static void name_partial(char partial[PARTIAL_SIZE], const char *name)
{
	snprintf(partial, PARTIAL_SIZE, ".%.*s.partial", UNPACK_FOLDER_NAME_MAX, name);
}

/* Reads the mark of a folder. The archive is on the same disk as the folder. */
static int read_mark(int place, const char *name, struct path_id *id, size_t *count)
{
	char text[128];
	intmax_t mtime, size;
	uintmax_t inode;
	struct stat st;
	int folder = path_open_below(place, name);
	ssize_t n = folder < 0 || fstat(folder, &st) < 0
		? -1
		: path_read(folder, MARK, text, sizeof text - 1);

	path_close(folder);
	if (n < 0)
		return -1;
	text[n] = '\0';
	if (sscanf(text, "%jd %jd %ju %zu", &mtime, &size, &inode, count) != 4) {
		errno = EBADMSG;
		return -1;
	}
	*id = (struct path_id){st.st_dev, (ino_t)inode, (off_t)size, mtime};
	return 0;
}

int unpack_folder_find(int place, const char *archive, struct path_id id,
	char name[UNPACK_FOLDER_NAME_MAX + 1])
{
	const char *dot =
		*archive == '.' ? "_" : ""; /* hidden folders are partial ones */
	struct path_id own;
	struct stat st;
	size_t count;

	for (int n = 0; n < OTHERS_MAX; n++) {
		if (n == 0)
			snprintf(name, UNPACK_FOLDER_NAME_MAX + 1, "%s%.200s", dot,
				archive);
		else
			snprintf(name, UNPACK_FOLDER_NAME_MAX + 1, "%s%.200s.%d", dot,
				archive, n);
		if (fstatat(place, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return errno == ENOENT ? 0 : -1;
		if (read_mark(place, name, &own, &count) == 0 && path_same(own, id))
			return 1;
		if (unlinkat(place, name, AT_REMOVEDIR) == 0) /* empty: half removed */
			return 0;
	}
	errno = EEXIST;
	return -1;
}

/* Calls visit for each name in a folder but . and .., until it returns other than 0. */
static int each(int at, const char *name,
	int (*visit)(int folder, const char *name, void *data), void *data)
{
	int folder = path_open_below(at, name);
	int found = 0;
	DIR *dir = folder < 0 ? NULL : fdopendir(folder);
	struct dirent *entry;

	if (!dir) {
		path_close(folder);
		return -1;
	}
	while (found == 0 && (errno = 0, entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			found = visit(folder, entry->d_name, data);
	int error = errno;
	closedir(dir);
	errno = error;
	return found == 0 && error ? -1 : found;
}

static int remove_one(int folder, const char *name, void *data)
{
	(void)data;
	return unlinkat(folder, name, 0) < 0 && errno == EISDIR
		? unlinkat(folder, name, AT_REMOVEDIR)
		: 0;
}

void unpack_folder_abort(int place, const char *name)
{
	char partial[PARTIAL_SIZE];
	int error = errno;

	name_partial(partial, name);
	each(place, partial, remove_one, NULL);
	unlinkat(place, partial, AT_REMOVEDIR);
	errno = error;
}

int unpack_folder_begin(int place, const char *name)
{
	char partial[PARTIAL_SIZE];

	unpack_folder_abort(place, name);
	name_partial(partial, name);
	return mkdirat(place, partial, 0755) < 0 ? -1 : path_open_below(place, partial);
}

int unpack_folder_commit(int place, const char *name, struct path_id id, size_t count)
{
	char partial[PARTIAL_SIZE], text[128];

	name_partial(partial, name);
	int folder = path_open_below(place, partial);
	int len = snprintf(text, sizeof text, "%jd %jd %ju %zu\n", (intmax_t)id.mtime_ns,
		(intmax_t)id.size, (uintmax_t)id.inode, count);
	int error = folder < 0 ? -1 : atomic_put(folder, MARK, 0644, text, (size_t)len);

	path_close(folder);
	return error < 0 ? -1 : renameat2(place, partial, place, name, RENAME_NOREPLACE);
}

struct list {
	struct unpack_clip *clips;
	size_t count;
};

static int take_clip(int folder, const char *name, void *data)
{
	struct list *list = data;
	struct stat st;

	if (*name == '.' || strlen(name) >= sizeof list->clips->name)
		return 0;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISREG(st.st_mode))
		return 0;
	struct unpack_clip *clips =
		reallocarray(list->clips, list->count + 1, sizeof *clips);
	if (!clips)
		return -1;
	list->clips = clips;
	struct unpack_clip *clip = &clips[list->count++];
	snprintf(clip->name, sizeof clip->name, "%.*s", (int)sizeof clip->name - 1, name);
	clip->mtime_ns = path_nanoseconds(st.st_mtim);
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct unpack_clip *one = a, *other = b;

	if (one->mtime_ns != other->mtime_ns)
		return one->mtime_ns < other->mtime_ns ? -1 : 1;
	return order_natural(one->name, other->name);
}

struct unpack_clip *unpack_folder_list(
	int place, const char *name, size_t *count, bool *all)
{
	struct list list = {0};
	struct path_id id;
	size_t were = 0;

	*count = 0;
	*all = false;
	int folder = path_open_below(place, name);
	if (folder >= 0)
		aside_put_back(folder);
	path_close(folder);
	if (read_mark(place, name, &id, &were) < 0 ||
		each(place, name, take_clip, &list) < 0) {
		free(list.clips);
		return NULL;
	}
	errno = 0;
	*count = list.count;
	*all = list.count >= were;
	if (list.count > 0)
		qsort(list.clips, list.count, sizeof *list.clips, compare);
	return list.clips;
}

static int is_other(int folder, const char *name, void *data)
{
	(void)folder;
	(void)data;
	return strcmp(name, MARK) != 0;
}

int unpack_folder_remove(int place, const char *name)
{
	if (each(place, name, is_other, NULL) != 0)
		return 0;
	int folder = path_open_below(place, name);
	if (folder < 0)
		return 0;
	unlinkat(folder, MARK, 0);
	close(folder);
	return unlinkat(place, name, AT_REMOVEDIR) == 0;
}

/* True if the archive of a folder exists. The folder has its name, perhaps with a number
 * behind it. */
static bool has_archive(int parent, const char *name)
{
	const char *number = strrchr(name, '.');
	char own[UNPACK_FOLDER_NAME_MAX + 1];
	struct stat st;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	if (!number || number[1 + strspn(number + 1, "0123456789")])
		return false;
	snprintf(own, sizeof own, "%.*s", (int)(number - name), name);
	return fstatat(parent, own, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* True for the name of a partial folder; own gets its final name. */
static bool of_partial(char own[UNPACK_FOLDER_NAME_MAX + 1], const char *name)
{
	static const char end[] = ".partial";
	size_t len = strlen(name);

	if (*name != '.' || len < sizeof end + 1 || len > UNPACK_FOLDER_NAME_MAX ||
		strcmp(name + len - strlen(end), end) != 0)
		return false;
	snprintf(own, UNPACK_FOLDER_NAME_MAX + 1, "%.*s", (int)(len - sizeof end),
		name + 1);
	return true;
}

static int sweep_one(int place, const char *name, void *data)
{
	char own[UNPACK_FOLDER_NAME_MAX + 1];

	if (of_partial(own, name) && !has_archive(*(int *)data, own))
		unpack_folder_abort(place, own);
	if (*name != '.' && strlen(name) <= UNPACK_FOLDER_NAME_MAX &&
		!has_archive(*(int *)data, name))
		unpack_folder_remove(place, name);
	return 0;
}

void unpack_folder_sweep(int place, int parent)
{
	each(place, "", sweep_one, &parent);
}
