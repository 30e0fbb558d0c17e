#include "shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"

#define DAY 10 /* bytes of the name of a day's folder */
#define STEM 20 /* bytes of a name before its ending: YYYYMMDDTHHMMSS.mmmZ */
#define LAST INT64_C(253402300799999) /* the end of the year 9999 */
#define FILES_MAX 1000000

static void split(int64_t ms, struct tm *tm, int *rest)
{
	time_t seconds = (time_t)(ms / 1000);

	*rest = (int)(ms % 1000);
	gmtime_r(&seconds, tm);
}

void shelf_show(char out[32], int64_t ms)
{
	struct tm tm;
	int rest;

	split(ms, &tm, &rest);
	size_t n = strftime(out, 32, "%FT%T", &tm);
	snprintf(out + n, 32 - n, ".%03dZ", rest);
}

static void put_name(const struct shelf *shelf, char name[SHELF_NAME], int64_t ms)
{
	struct tm tm;
	int rest;

	split(ms, &tm, &rest);
	size_t n = strftime(name, SHELF_NAME, "%F/%Y%m%dT%H%M%S", &tm);
	snprintf(name + n, SHELF_NAME - n, ".%03dZ.%s", rest, shelf->ending);
}

/* The name of the part: ".part" behind, and a dot before the last component. */
static void put_part(char part[SHELF_NAME + 8], const char *name)
{
	snprintf(part, SHELF_NAME + 8, "%.*s/.%s.part", DAY, name, name + DAY + 1);
}

/* True if the text begins as the form does, where 0 stands for any digit. */
static bool has_form(const char *text, const char *form)
{
	for (; *form; text++, form++)
		if (*form == '0' ? *text < '0' || *text > '9' : *text != *form)
			return false;
	return true;
}

bool shelf_time(const char *path, bool part, int64_t *ms)
{
	struct tm tm = {0};
	int rest = 0, used = 0;
	char day[DAY + 1], want[DAY + 1];

	if (!has_form(path, "0000-00-00/"))
		return false;
	snprintf(day, sizeof day, "%.*s", DAY, path);
	path += DAY + 1;
	if (part && *path++ != '.')
		return false;
	if (!has_form(path, "00000000T000000.000Z."))
		return false;
	if (sscanf(path, "%4d%2d%2dT%2d%2d%2d.%3dZ.%n", &tm.tm_year, &tm.tm_mon,
		    &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &rest, &used) < 7 ||
		used != STEM + 1)
		return false;
	const char *ending = path + used;
	const char *behind = part ? ".part" : "";
	size_t size = strcspn(ending, ".");
	if ((strncmp(ending, "mp4", size) != 0 && strncmp(ending, "ts", size) != 0) ||
		(size != 3 && size != 2) || strcmp(ending + size, behind) != 0)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	*ms = (int64_t)timegm(&tm) * 1000 + rest;
	strftime(want, sizeof want, "%F", &tm);
	return *ms >= 0 && *ms <= LAST && strcmp(day, want) == 0;
}

/* Names of one folder in their order. */
struct names {
	char **list;
	size_t count;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_free(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct names){0};
}

static int names_add(struct names *names, const char *name)
{
	char *copy = strdup(name);

	if (names->count >= FILES_MAX)
		errno = EOVERFLOW;
	if (copy && names->count < FILES_MAX && names->count % 256 == 0) {
		char **more =
			realloc(names->list, (names->count + 256) * sizeof *names->list);
		if (more)
			names->list = more;
		else
			free(copy), copy = NULL;
	}
	if (!copy || names->count >= FILES_MAX) {
		free(copy);
		return -1;
	}
	names->list[names->count++] = copy;
	return 0;
}

/* Reads all names below the folder at. */
static int names_read(struct names *names, int at, const char *rel)
{
	*names = (struct names){0};
	int fd = path_open_below(at, rel);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int code = dir ? 0 : -1;
	struct dirent *entry;

	if (!dir)
		path_close(fd);
	while (dir && code == 0 && (errno = 0, entry = readdir(dir)))
		code = names_add(names, entry->d_name);
	if (dir && code == 0 && errno)
		code = -1;
	if (dir)
		closedir(dir);
	if (code < 0)
		names_free(names);
	else if (names->count > 1)
		qsort(names->list, names->count, sizeof *names->list, by_name);
	return code;
}

/* Calls each for the files of one day. */
static int walk_day(const struct shelf *shelf, const char *day, bool part,
	int (*each)(void *context, const char *path, off_t size), void *context)
{
	struct names files;
	char path[DAY + 1 + 256];
	struct stat st;
	int64_t ms;
	int code = 0;

	if (names_read(&files, shelf->folder, day) < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
				errno == EACCES
			? 0
			: -1;
	for (size_t i = 0; i < files.count && code == 0; i++) {
		snprintf(path, sizeof path, "%s/%s", day, files.list[i]);
		if (shelf_time(path, part, &ms) &&
			fstatat(shelf->folder, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode))
			code = each(context, path, st.st_size);
	}
	names_free(&files);
	return code;
}

int shelf_walk(const struct shelf *shelf, bool part,
	int (*each)(void *context, const char *path, off_t size), void *context)
{
	struct names days;
	int code = names_read(&days, shelf->folder, "");

	for (size_t i = 0; i < days.count && code == 0; i++)
		if (has_form(days.list[i], "0000-00-00") && !days.list[i][DAY])
			code = walk_day(shelf, days.list[i], part, each, context);
	names_free(&days);
	return code;
}

static int note_last(void *context, const char *path, off_t size)
{
	struct shelf *shelf = context;
	int64_t ms;

	(void)size;
	if ((shelf_time(path, false, &ms) || shelf_time(path, true, &ms)) &&
		ms > shelf->last)
		shelf->last = ms;
	return 0;
}

int shelf_open(struct shelf *shelf, const char *path, const char *ending)
{
	*shelf = (struct shelf){.folder = path_open_folder(path),
		.path = path,
		.ending = ending,
		.last = -1};
	if (shelf->folder < 0 || flock(shelf->folder, LOCK_EX | LOCK_NB) < 0)
		return -1;
	return shelf_walk(shelf, false, note_last, shelf) < 0
		? -1
		: shelf_walk(shelf, true, note_last, shelf);
}

/* Makes the day's folder, if need be. */
static int make_day(const struct shelf *shelf, const char *name)
{
	char day[DAY + 1];

	snprintf(day, sizeof day, "%.*s", DAY, name);
	if (mkdirat(shelf->folder, day, 0755) < 0)
		return errno == EEXIST ? 0 : -1;
	return fsync(shelf->folder);
}

int shelf_begin(struct shelf *shelf, int64_t now, char name[SHELF_NAME])
{
	char part[SHELF_NAME + 8];
	const char *last;

	now = now > shelf->last ? now : shelf->last + 1;
	if (now > LAST || now < 0) {
		errno = EOVERFLOW;
		return -1;
	}
	put_name(shelf, name, now);
	put_part(part, name);
	if (make_day(shelf, name) < 0)
		return -1;
	int folder = path_open_parent_below(shelf->folder, part, &last);
	int fd = folder < 0
		? -1
		: openat(folder, last, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			  0644);
	path_close(folder);
	if (fd >= 0)
		shelf->last = now;
	return fd;
}

int shelf_finish(const struct shelf *shelf, const char *name, int fd)
{
	char part[SHELF_NAME + 8];
	const char *from, *to = name + DAY + 1;

	put_part(part, name);
	int folder = path_open_parent_below(shelf->folder, part, &from);
	int code = folder < 0 ? -1 : fdatasync(fd);
	if (code == 0)
		code = renameat2(folder, from, folder, to, RENAME_NOREPLACE);
	if (code == 0)
		code = fsync(folder);
	path_close(folder);
	path_close(fd);
	return code;
}

void shelf_drop(const struct shelf *shelf, const char *name, int fd)
{
	char part[SHELF_NAME + 8];

	put_part(part, name);
	unlinkat(shelf->folder, part, 0);
	path_close(fd);
}

int shelf_open_clip(const struct shelf *shelf, const char *name, bool part)
{
	char path[SHELF_NAME + 8];
	const char *last;

	if (part)
		put_part(path, name);
	else
		snprintf(path, sizeof path, "%s", name);
	int folder = path_open_parent_below(shelf->folder, path, &last);
	int fd = folder < 0 ? -1
			    : openat(folder, last,
				      (part ? O_RDWR : O_RDONLY) | O_CLOEXEC |
					      O_NOFOLLOW | O_NONBLOCK);
	path_close(folder);
	return fd;
}

int shelf_remove(const struct shelf *shelf, const char *name)
{
	char day[DAY + 1];

	if (unlinkat(shelf->folder, name, 0) < 0)
		return -1;
	snprintf(day, sizeof day, "%.*s", DAY, name);
	unlinkat(shelf->folder, day, AT_REMOVEDIR); /* unless there is more in it */
	return 0;
}
