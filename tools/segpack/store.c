/*
 * Names are parsed and written back, and count only if the result is the same, so no
 * other file can be taken for an archive. store_list reads the whole store into one
 * sorted array; bounds and ZIPs (store_zip.c) are loops over that.
 */
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"

#define LOCK ".lock"
#define HOUR_SECONDS 3600
#define LAST_HOUR (INT64_C(253402300799) / HOUR_SECONDS) /* of the year 9999 */

static const char *const suffixes[] = {
	[STORE_TAR] = ".tar", [STORE_ZIP] = ".zip", [STORE_INDEX] = ".index"};

int store_open(struct store *store, struct root *root, const char *path)
{
	*store = (struct store){.path = path, .lock = -1};
	store->folder = root_open_folder(root, path);
	if (store->folder < 0)
		return -1;
	store->lock = openat(store->folder, LOCK,
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	return store->lock < 0 ? -1 : flock(store->lock, LOCK_EX | LOCK_NB);
}

int64_t store_hour(int64_t mtime_ns)
{
	int64_t hour = mtime_ns / CLOCK_SECOND_NS / HOUR_SECONDS;

	return mtime_ns < 0 ? 0 : hour > LAST_HOUR ? LAST_HOUR : hour;
}

void store_day(char out[STORE_DAY_SIZE], int64_t hour)
{
	time_t second = hour * HOUR_SECONDS;
	struct tm tm;

	gmtime_r(&second, &tm);
	strftime(out, STORE_DAY_SIZE, "%Y-%m-%d", &tm);
}

void store_stem(char out[HOUR_TAR_STEM_MAX], int64_t hour, unsigned number)
{
	int n = snprintf(out, HOUR_TAR_STEM_MAX, "%02d", (int)(hour % 24));

	if (number > 0)
		snprintf(out + n, (size_t)(HOUR_TAR_STEM_MAX - n), ".%u", number);
}

void store_name(char *out, size_t size, const struct store_file *file)
{
	char stem[HOUR_TAR_STEM_MAX];

	store_stem(stem, file->hour, file->number);
	snprintf(out, size, "%s%s", stem, suffixes[file->kind]);
}

/* The first hour of the day with this name, or -1. Written back, it must be the same. */
static int64_t parse_day(const char *day)
{
	char again[STORE_DAY_SIZE];
	struct tm tm = {0};
	const char *rest = strptime(day, "%Y-%m-%d", &tm);

	if (!rest || *rest)
		return -1;
	int64_t hour = timegm(&tm) / HOUR_SECONDS;
	if (hour < 0 || hour > LAST_HOUR)
		return -1;
	store_day(again, hour);
	return strcmp(day, again) == 0 ? hour : -1;
}

bool store_parse(const char *day, const char *name, struct store_file *out)
{
	int64_t first = parse_day(day);
	char again[NAME_MAX];
	unsigned hour, number = 0;

	if (first < 0 || sscanf(name, "%2u.%2u", &hour, &number) < 1 || hour > 23)
		return false;
	for (size_t kind = 0; kind < sizeof suffixes / sizeof *suffixes; kind++) {
		*out = (struct store_file){
			first + hour, number, (enum store_kind)kind, 0};
		store_name(again, sizeof again, out);
		if (strcmp(name, again) == 0)
			return true;
	}
	return false;
}

int store_open_day(const struct store *store, int64_t hour, bool make)
{
	char day[STORE_DAY_SIZE];

	store_day(day, hour);
	if (make && mkdirat(store->folder, day, 0755) == 0) {
		if (fsync(store->folder) < 0)
			return -1;
	} else if (make && errno != EEXIST) {
		return -1;
	}
	return path_open_below(store->folder, day);
}

static bool is_taken(int folder, const char *stem)
{
	char zip[HOUR_TAR_STEM_MAX + 8];
	struct stat st;

	snprintf(zip, sizeof zip, "%.*s.zip", HOUR_TAR_STEM_MAX - 1, stem);
	return fstatat(folder, zip, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_unfit(int error)
{
	return error == EBADMSG || error == ELOOP || error == EISDIR || error == EINVAL ||
		error == ENXIO || error == EFBIG;
}

int store_use(const struct store *store, struct hour_tar *hour, int64_t time)
{
	char day[STORE_DAY_SIZE], stem[HOUR_TAR_STEM_MAX];
	int folder = store_open_day(store, time, true);

	if (folder < 0)
		return -1;
	store_day(day, time);
	for (unsigned number = 0; number <= STORE_NUMBER_MAX; number++) {
		store_stem(stem, time, number);
		if (is_taken(folder, stem))
			continue; /* it is a ZIP already; the new TAR will be merged into
				     it */
		if (hour_tar_open(hour, folder, stem) == 0)
			return 0;
		if (!is_unfit(errno))
			break;
		msg_warn("archive '%s/%s/%s.tar': cannot be added to, another is begun:",
			store->path, day, stem);
	}
	int error = errno;
	close(folder);
	errno = error;
	return -1;
}

/* Sorts by time, archives of one hour by number. */
static int compare(const void *a, const void *b)
{
	const struct store_file *x = a, *y = b;

	if (x->hour != y->hour)
		return x->hour < y->hour ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

struct list {
	struct store_file *files;
	size_t count, room;
};

static int list_add(struct list *list, const struct store_file *file)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 256;
		struct store_file *more = room > STORE_LIST_MAX
			? NULL
			: reallocarray(list->files, room, sizeof *more);
		if (!more) {
			errno = room > STORE_LIST_MAX ? EFBIG : ENOMEM;
			return -1;
		}
		list->files = more;
		list->room = room;
	}
	list->files[list->count++] = *file;
	return 0;
}

/* Lists the folder of a day; if day is NULL, the store with the folders of all days. */
static int list_folder(struct list *list, int folder, const char *day)
{
	DIR *dir = folder < 0 ? NULL : fdopendir(folder);
	struct dirent *entry;
	struct store_file file;
	struct stat st;
	int code = dir ? 0 : -1;

	while (code == 0 && (errno = 0, entry = readdir(dir))) {
		if (!day && parse_day(entry->d_name) >= 0) {
			int below = path_open_below(folder, entry->d_name);
			if (below >= 0)
				code = list_folder(list, below, entry->d_name);
		} else if (day && store_parse(day, entry->d_name, &file) &&
			fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode)) {
			file.size = st.st_size;
			code = list_add(list, &file);
		}
	}
	int error = errno;
	if (dir)
		closedir(dir);
	else if (folder >= 0)
		close(folder);
	errno = error;
	return error ? -1 : code;
}

ssize_t store_list(const struct store *store, struct store_file **files)
{
	struct list list = {0};

	if (list_folder(&list, path_open_below(store->folder, ""), NULL) < 0) {
		int error = errno;
		free(list.files);
		errno = error;
		return -1;
	}
	if (list.count > 0)
		qsort(list.files, list.count, sizeof *list.files, compare);
	*files = list.files;
	return (ssize_t)list.count;
}

/* Removes the files of one archive, its index last. */
static int remove_archive(const struct store *store, const struct store_file *files,
	size_t count, const char *why)
{
	char day[STORE_DAY_SIZE], name[HOUR_TAR_STEM_MAX + 8];
	int folder = store_open_day(store, files->hour, false),
	    code = folder < 0 ? -1 : 0;

	store_day(day, files->hour);
	for (size_t i = 0; i < count && code == 0; i++) {
		store_name(name, sizeof name, &files[i]);
		atomic_sweep(folder, name);
		code = unlinkat(folder, name, 0);
		if (code < 0)
			msg_error("archive '%s/%s/%s':", store->path, day, name);
		else if (files[i].kind != STORE_INDEX)
			msg_info("archive '%s/%s/%s': %s: removed", store->path, day,
				name, why);
	}
	int error = errno;
	path_close(folder);
	unlinkat(store->folder, day, AT_REMOVEDIR); /* fails while it is not empty */
	errno = error;
	return code;
}

int store_bound(const struct store *store, int64_t age, int64_t most, int64_t writing,
	int64_t now)
{
	struct store_file *files = NULL;
	ssize_t count = store_list(store, &files);
	int64_t bytes = 0;
	int removed = 0, error = 0;

	if (count < 0)
		return -1;
	for (ssize_t i = 0; i < count; i++)
		if (files[i].kind != STORE_INDEX)
			bytes += files[i].size;
	for (ssize_t i = 0, n; i < count; i += n) {
		int64_t held = 0;
		for (n = 0; i + n < count && files[i + n].hour == files[i].hour &&
			files[i + n].number == files[i].number;
			n++)
			held += files[i + n].kind == STORE_INDEX ? 0 : files[i + n].size;
		if (files[i].hour == writing)
			continue;
		bool old = age >= 0 && now - (files[i].hour + 1) * HOUR_SECONDS > age;
		bool orphan =
			files[i].kind == STORE_INDEX; /* of a removal that was killed */
		if (!old && !orphan && (most < 0 || bytes <= most))
			continue;
		if (remove_archive(store, files + i, (size_t)n,
			    old ? "too old" : "too much is kept") == 0) {
			bytes -= held;
			removed += !orphan;
		} else {
			error = errno;
		}
	}
	free(files);
	errno = error;
	return error ? -1 : removed;
}
