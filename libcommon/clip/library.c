#include "clip/library.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "clip/clipname.h"

#define SAID_MAX 10 /* complaints about one list */
#define STEADY CLOCK_SECOND /* a list that has not changed for so long is whole */
#define HELD (10 * CLOCK_SECOND) /* also if somebody has it open for writing */

void library_init(struct library *library, const char *path)
{
	*library = (struct library){.path = path};
	library->list.folder = library->folder;
}

/* For list_parse. */
static const char *complained; /* NULL: nothing is said */
static size_t complaints;

static void complain(unsigned line, const char *what, const char *text)
{
	if (++complaints > SAID_MAX || !complained)
		return;
	msg_warn("'%s': line %u %s, and is left out: '%s'", complained, line, what, text);
}

static struct library_file look(const struct stat *st)
{
	return (struct library_file){path_id(st), path_nanoseconds(st->st_ctim)};
}

static bool same(const struct library_file *a, const struct library_file *b)
{
	return path_same(a->id, b->id) && a->ctime_ns == b->ctime_ns;
}

/* Reads the whole file, with room for one byte more. NULL with errno. */
static char *read_text(int file, size_t size, size_t *len)
{
	char *text = size > LIST_SIZE_MAX ? NULL : malloc(size + 1);

	if (!text) {
		errno = size > LIST_SIZE_MAX ? EFBIG : ENOMEM;
		return NULL;
	}
	for (*len = 0; *len < size;) {
		ssize_t n = pread(file, text + *len, size - *len, (off_t)*len);
		if (n < 0) {
			free(text);
			return NULL;
		}
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	return text;
}

static enum library_answer take_text(struct library *library, char *text, size_t len)
{
	struct list list = {.folder = library->folder};

	complained = library->looks ? NULL : library->path;
	complaints = 0;
	int code = list_parse(&list, text, len, complain);
	if (complaints > SAID_MAX && complained)
		msg_warn("'%s': %zu more lines are left out", library->path,
			complaints - SAID_MAX);
	if (code < 0) {
		list_free(&list);
		errno = ENOMEM;
		return LIBRARY_GONE;
	}
	list_free(&library->list);
	library->list = list;
	library->read = library->seen;
	library->known = true;
	return LIBRARY_READY;
}

/* Takes the list as it stands. */
static enum library_answer look_at(
	struct library *library, int file, const struct stat *st)
{
	size_t len;
	char *text = read_text(file, (size_t)st->st_size, &len);

	return text ? take_text(library, text, len) : LIBRARY_GONE;
}

static enum library_answer read_list(struct library *library, int file, struct stat *st)
{
	struct library_file now = look(st);
	size_t len;

	if (library->looks)
		return look_at(library, file, st);
	if (library->known && same(&now, &library->read))
		return LIBRARY_READY;
	if (!same(&now, &library->seen))
		library->seen_at = clock_now();
	library->seen = now;
	/* While it holds, who wants to write waits. */
	bool leased = fcntl(file, F_SETLEASE, F_RDLCK) == 0;
	bool held = !leased && errno == EAGAIN;
	bool steady = clock_now() >= library->seen_at + (held ? HELD : STEADY);
	if (!leased && !steady)
		return LIBRARY_CHANGING;
	char *text = read_text(file, (size_t)st->st_size, &len);
	int error = errno;
	if (leased)
		fcntl(file, F_SETLEASE, F_UNLCK);
	if (!text) {
		errno = error;
		return LIBRARY_GONE;
	}
	bool ends = len == 0 || text[len - 1] == '\n';
	struct library_file then = {0};
	if (fstat(file, st) == 0)
		then = look(st);
	if (same(&now, &then) && len == (size_t)st->st_size &&
		(ends || (steady && !held)))
		return take_text(library, text, len);
	free(text);
	return LIBRARY_CHANGING;
}

/* Adds what is in the folder rel below the library; each folder in it to the list of
 * folders, too. */
static int read_folder(struct list *files, struct list *folders, int top, const char *rel)
{
	int folder = path_open_below(top, rel);
	DIR *dir = folder < 0 ? NULL : fdopendir(folder);
	char path[PATH_MAX];
	struct dirent *entry;
	struct stat st;
	int code = 0;

	if (!dir) {
		path_close(folder);
		/* It went away meanwhile, or is not for us: the others are. */
		return *rel ? 0 : -1;
	}
	while (code == 0 && (entry = readdir(dir))) {
		const char *name = entry->d_name;
		if (*name == '.' ||
			snprintf(path, sizeof path, "%s%s%s", rel, *rel ? "/" : "",
				name) >= (int)sizeof path ||
			fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISDIR(st.st_mode) && !clipname_left_out(name))
			code = list_add(folders, path);
		else if (S_ISREG(st.st_mode) && clipname_ok(name, NULL))
			code = list_add(files, path);
	}
	closedir(dir);
	return code;
}

static enum library_answer read_folders(struct library *library, int top)
{
	struct list files = {.folder = library->folder}, folders = {.folder = ""};
	char rel[PATH_MAX];

	int code = read_folder(&files, &folders, top, "");
	for (size_t i = 0; code == 0 && i < folders.count; i++) {
		code = list_path(&folders, i, rel, sizeof rel);
		if (code == 0)
			code = read_folder(&files, &folders, top, rel);
	}
	int error = errno;
	list_free(&folders);
	if (code < 0) {
		list_free(&files);
		errno = error;
		return LIBRARY_GONE;
	}
	list_sort(&files);
	list_free(&library->list);
	library->list = files;
	library->known = true;
	return LIBRARY_READY;
}

/* Entries are relative to the folder itself, or to the one that the list is in. */
static void find_folder(struct library *library, bool is_folder)
{
	const char *slash = strrchr(library->path, '/');
	size_t len = is_folder ? strlen(library->path)
		: slash        ? (size_t)(slash - library->path)
			       : 0;

	snprintf(library->folder, sizeof library->folder, "%.*s",
		(int)(slash == library->path && !is_folder ? 1 : len), library->path);
}

/* True if others may enter all folders on the way. */
static bool is_open_way(const char *path)
{
	char folder[PATH_MAX];
	struct stat st;

	for (const char *at = path; (at = strchr(at, '/')); at++) {
		size_t len = at > path ? (size_t)(at - path) : 1;
		if (len >= sizeof folder)
			return false;
		memcpy(folder, path, len);
		folder[len] = '\0';
		if (stat(folder, &st) < 0 || !(st.st_mode & S_IXOTH))
			return false;
	}
	return true;
}

/* For who may read more than those to whom it is shown. */
static int open_for_all(const char *path)
{
	const char *name;
	int folder = path_open_parent(path, &name);
	int file = folder < 0
		? -1
		: openat(folder, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	path_close(folder);
	if (file < 0)
		return -1;
	mode_t wanted = S_IROTH;
	if (fstat(file, &st) == 0 && S_ISDIR(st.st_mode))
		wanted |= S_IXOTH;
	if ((st.st_mode & wanted) == wanted && is_open_way(path))
		return file;
	path_close(file);
	errno = EACCES;
	return -1;
}

enum library_answer library_read(struct library *library)
{
	int file = library->for_all
		? open_for_all(library->path)
		: open(library->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	enum library_answer answer = LIBRARY_GONE;
	struct stat st;

	if (file < 0)
		return LIBRARY_GONE;
	errno = ENODEV;
	if (fstat(file, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))) {
		find_folder(library, S_ISDIR(st.st_mode));
		answer = S_ISDIR(st.st_mode) ? read_folders(library, file)
					     : read_list(library, file, &st);
	}
	path_close(file);
	return answer;
}
