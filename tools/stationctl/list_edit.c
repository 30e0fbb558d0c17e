/*
 * The list is read, changed in a new file, and replaced by that. Two stationctl wait for
 * each other by a lock on the folder. An editor knows of no lock, so a lease is taken on
 * the list: it is refused while somebody has the list open for writing, and it is broken
 * when somebody opens it for that, who then waits. Then the change begins again.
 */
#include "list_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "base/text.h"
#include "clip/list.h"

#define PATIENCE (10 * CLOCK_SECOND) /* with somebody who writes the list */
#define AGAIN 100 /* milliseconds */

struct edit {
	char path[PATH_MAX]; /* without links */
	char folder[PATH_MAX]; /* that entries are relative to: of the path as it is named
				*/
	char real[PATH_MAX]; /* the same, without links */
	const char *name; /* in the folder */
	int at, file;
	struct stat st;
	char *text; /* of the list */
	size_t len;
	struct list list;
	const char *end; /* of a line: with a carriage return, or without */
	bool leased; /* not where the kernel grants no lease: another user's file, say */
};

struct piece {
	const char *text;
	size_t len;
};

static void say_nothing(unsigned line, const char *what, const char *text)
{
	(void)line;
	(void)what;
	(void)text;
}

static void close_edit(struct edit *edit)
{
	list_free(&edit->list);
	free(edit->text);
	path_close(edit->file);
	path_close(edit->at);
	edit->text = NULL;
	edit->file = edit->at = -1;
}

/* Reads the text of the list, and a copy of it as a list. */
static int read_list(struct edit *edit)
{
	size_t size = (size_t)edit->st.st_size;

	if (size > LIST_SIZE_MAX) {
		errno = EFBIG;
		return -1;
	}
	edit->text = malloc(size + 1);
	char *copy = malloc(size + 1);
	ssize_t n = edit->text && copy ? pread(edit->file, edit->text, size, 0) : -1;
	if (n < 0) {
		free(copy);
		return -1;
	}
	edit->len = (size_t)n;
	memcpy(copy, edit->text, edit->len);
	const char *line = memchr(edit->text, '\n', edit->len);
	edit->end = line && line > edit->text && line[-1] == '\r' ? "\r\n" : "\n";
	edit->list = (struct list){.folder = edit->folder};
	return list_parse(&edit->list, copy, edit->len, say_nothing);
}

/* Entries are relative to the folder in which the list is named, as for playlist, also if
 * it is a link there. */
static int find_folder(struct edit *edit, const char *path)
{
	const char *slash = strrchr(path, '/');
	int len = slash ? (int)(slash - path) : 0;

	if (snprintf(edit->folder, sizeof edit->folder, "%.*s", len ? len : 1,
		    slash ? path : ".") >= (int)sizeof edit->folder) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return realpath(edit->folder, edit->real) ? 0 : -1;
}

static int open_list(struct edit *edit, const char *path)
{
	*edit = (struct edit){.at = -1, .file = -1};
	if (!realpath(path, edit->path) || find_folder(edit, path) < 0)
		return -1;
	edit->at = path_open_parent(edit->path, &edit->name);
	/* Others who change it so wait here. */
	if (edit->at < 0 || flock(edit->at, LOCK_EX | LOCK_NB) < 0)
		return -1;
	atomic_sweep(edit->at, edit->name);
	edit->file = path_open_file(edit->at, edit->name, &edit->st);
	return edit->file < 0 ? -1 : read_list(edit);
}

static int refuse(const struct edit *edit, const char *what, const char *text)
{
	msg_error("'%s': '%s' %s", edit->path, text, what);
	return EX_USAGE;
}

/* The entry of the list that is meant. */
static int find_entry(const struct edit *edit, const char *text, size_t *entry)
{
	char path[PATH_MAX], named[PATH_MAX], real[2 * PATH_MAX];
	bool there = realpath(text, named) != NULL;
	long long number;
	size_t found = 0;

	if (text_number(text, 1, (long long)edit->list.count, &number) == 0) {
		*entry = (size_t)number - 1;
		return EX_OK;
	}
	for (size_t n = 0; n < edit->list.count; n++) {
		const char *own = edit->list.text + edit->list.entries[n];
		if (list_path(&edit->list, n, path, sizeof path) < 0)
			continue;
		snprintf(real, sizeof real, "%s%s%s", *own == '/' ? "" : edit->real,
			*own == '/' ? "" : "/", own);
		if (strcmp(path, text) != 0 && strcmp(own, text) != 0 &&
			!(there && strcmp(real, named) == 0))
			continue;
		*entry = n;
		found++;
	}
	if (found > 1)
		return refuse(edit, "is in it more than once: give its number", text);
	return found ? EX_OK : refuse(edit, "is no entry of it", text);
}

static size_t line_begins(const struct edit *edit, size_t at)
{
	while (at > 0 && edit->text[at - 1] != '\n')
		at--;
	return at;
}

/* True if the line at this place belongs to the entry below it. */
static bool goes_with(const struct edit *edit, size_t at)
{
	return edit->len - at > 8 && memcmp(edit->text + at, "#EXTINF:", 8) == 0;
}

/* The lines of an entry. */
static struct piece lines_of(const struct edit *edit, size_t entry)
{
	size_t from = edit->list.entries[entry], to = from;

	while (to < edit->len && edit->text[to] != '\n')
		to++;
	to += to < edit->len;
	while (from > 0) {
		size_t above = line_begins(edit, from - 1);
		if (edit->text[from - 1] != '\n' || !goes_with(edit, above))
			break;
		from = above;
	}
	return (struct piece){edit->text + from, to - from};
}

/* True if nobody has opened the list for writing since the lease was taken. */
static bool is_leased(const struct edit *edit)
{
	return !edit->leased || fcntl(edit->file, F_GETLEASE) == F_RDLCK;
}

/* True if nobody has written to the list since it was read. */
static bool is_untouched(const struct edit *edit)
{
	struct stat st;

	return fstat(edit->file, &st) == 0 &&
		path_same(path_id(&st), path_id(&edit->st)) &&
		path_nanoseconds(st.st_ctim) == path_nanoseconds(edit->st.st_ctim) &&
		path_is_named(edit->at, edit->name, edit->file);
}

/* Without a lease nobody can tell who writes: then a list counts as whole when it has not
 * changed for a second. */
static bool is_steady(const struct edit *edit)
{
	return edit->leased ||
		clock_wall_ns() - path_nanoseconds(edit->st.st_ctim) > CLOCK_SECOND_NS;
}

/* Puts the file into the list's place. Who opens the list for writing meanwhile waits for
 * the lease, and would then write to the old one: both change places again. */
static int exchange(struct edit *edit, struct atomic *file)
{
	errno = EAGAIN;
	if (!is_leased(edit) || !is_untouched(edit) || !is_steady(edit))
		return -1;
	if (renameat2(edit->at, file->temporary, edit->at, edit->name, RENAME_EXCHANGE) <
		0)
		return errno == EINVAL || errno == ENOSYS ? atomic_commit(file) : -1;
	if (!is_leased(edit)) {
		renameat2(
			edit->at, file->temporary, edit->at, edit->name, RENAME_EXCHANGE);
		errno = EAGAIN;
		return -1;
	}
	atomic_abort(file); /* the old one */
	return fsync(edit->at);
}

/* Writes the pieces, each whole lines, and puts the file in the list's place. Returns 0;
 * or -1 with errno, EAGAIN: somebody writes the list. */
static int replace(struct edit *edit, const struct piece *pieces, size_t count)
{
	struct atomic file;

	edit->leased = fcntl(edit->file, F_SETLEASE, F_RDLCK) == 0;
	if (!edit->leased && errno == EAGAIN)
		return -1;
	if (atomic_begin(&file, edit->at, edit->name, edit->st.st_mode & 0777) < 0)
		return -1;
	int code = fchmod(file.fd, edit->st.st_mode & 0777);
	/* Without the right to it, it is the person's who has made the change. */
	if (code == 0 && fchown(file.fd, edit->st.st_uid, edit->st.st_gid) < 0 &&
		errno != EPERM)
		code = -1;
	for (size_t i = 0; code == 0 && i < count; i++) {
		const struct piece *piece = &pieces[i];
		code = path_write_all(file.fd, piece->text, piece->len);
		if (code == 0 && piece->len > 0 && piece->text[piece->len - 1] != '\n')
			code = path_write_all(file.fd, edit->end, strlen(edit->end));
	}
	if (code == 0)
		code = atomic_sync(&file);
	if (code == 0)
		code = exchange(edit, &file);
	int error = errno;
	atomic_abort(&file);
	errno = error;
	return code;
}

static void print_entry(size_t entry, const char *path)
{
	char shown[4 * PATH_MAX];

	text_escape(shown, sizeof shown, path, strlen(path));
	printf("%zu\t%s\n", entry + 1, shown);
}

/* What is to be done, with the words that say it. */
typedef int list_change(struct edit *edit, const char *what, const char *where);

/* Does it; again if somebody else was faster. */
static int do_change(
	list_change *change, const char *path, const char *what, const char *where)
{
	const int64_t until = clock_now() + PATIENCE;
	struct edit edit;
	int code;

	signal(SIGIO, SIG_IGN); /* the kernel's sign that the lease is in the way */
	for (;;) {
		errno = 0;
		code = open_list(&edit, path) < 0 ? -1 : change(&edit, what, where);
		int error = errno;
		close_edit(&edit);
		errno = error;
		if (code >= 0 || errno != EAGAIN || clock_now() >= until)
			break;
		poll(NULL, 0, AGAIN);
	}
	if (code >= 0)
		return code;
	if (errno == EAGAIN) {
		msg_error("'%s': somebody is writing it: try again later", path);
		return EX_TEMPFAIL;
	}
	msg_error("'%s':", path);
	return errno == ENOENT ? EX_NOINPUT : EX_IOERR;
}

static int remove_entry(struct edit *edit, const char *what, const char *where)
{
	char path[PATH_MAX];
	size_t entry;
	int code = find_entry(edit, what, &entry);

	(void)where;
	if (code)
		return code;
	const struct piece own = lines_of(edit, entry);
	const char *after = own.text + own.len;
	const struct piece pieces[] = {{edit->text, (size_t)(own.text - edit->text)},
		{after, (size_t)(edit->text + edit->len - after)}};
	if (list_path(&edit->list, entry, path, sizeof path) < 0 ||
		replace(edit, pieces, 2) < 0)
		return -1;
	print_entry(entry, path);
	return EX_OK;
}

static int move_entry(struct edit *edit, const char *what, const char *where)
{
	char path[PATH_MAX];
	long long to;
	size_t entry;
	int code = find_entry(edit, what, &entry);

	if (code)
		return code;
	if (text_number(where, 1, (long long)edit->list.count, &to) < 0)
		return refuse(edit, "is no number of an entry", where);
	const size_t target = (size_t)to - 1;
	const struct piece own = lines_of(edit, entry), there = lines_of(edit, target);
	const char *end = edit->text + edit->len;
	/* Moved down it comes behind the one that is there now, moved up before it. */
	const char *gap = target > entry ? there.text + there.len : there.text;
	const char *behind = own.text + own.len;
	const struct piece down[] = {{edit->text, (size_t)(own.text - edit->text)},
		{behind, gap > behind ? (size_t)(gap - behind) : 0}, own,
		{gap, (size_t)(end - gap)}};
	const struct piece up[] = {{edit->text, (size_t)(gap - edit->text)}, own,
		{gap, own.text > gap ? (size_t)(own.text - gap) : 0},
		{behind, (size_t)(end - behind)}};
	if (list_path(&edit->list, entry, path, sizeof path) < 0 ||
		(target != entry && replace(edit, target > entry ? down : up, 4) < 0))
		return -1;
	print_entry(target, path);
	return EX_OK;
}

/* The path of a clip that the user has named: from where the user is, or from the list.
 */
static bool find_clip(const struct edit *edit, const char *clip, char path[PATH_MAX])
{
	struct stat st;
	bool from_list = *clip != '/' && lstat(clip, &st) < 0;

	if (from_list)
		return snprintf(path, PATH_MAX, "%s/%s", edit->folder, clip) < PATH_MAX;
	return realpath(clip, path) != NULL;
}

/* The line for the clip: relative where it lies below the list's folder. */
static int make_line(const struct edit *edit, const char *clip, char *line, size_t size)
{
	char path[PATH_MAX];
	struct stat st;

	if (!find_clip(edit, clip, path) || lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return refuse(edit, "is no regular file", clip);
	if (text_has_control(path) || strstr(path, "://"))
		return refuse(edit, "has a name that no list can hold", clip);
	const char *below = text_after(path, edit->real);
	below = below && *below == '/' ? below + 1 : path;
	/* What begins with # would be a comment. */
	snprintf(line, size, "%s%s%s", *below == '#' || *below == ' ' ? "./" : "", below,
		edit->end);
	return EX_OK;
}

static int add_entry(struct edit *edit, const char *what, const char *where)
{
	char line[PATH_MAX + 8], path[2 * PATH_MAX + 16];
	long long at = (long long)edit->list.count + 1;
	int code = make_line(edit, what, line, sizeof line);

	if (code)
		return code;
	if (*where && text_number(where, 1, at, &at) < 0)
		return refuse(edit, "is no number of an entry", where);
	const size_t entry = (size_t)at - 1;
	const char *gap = entry < edit->list.count ? lines_of(edit, entry).text
						   : edit->text + edit->len;
	const struct piece pieces[] = {{edit->text, (size_t)(gap - edit->text)},
		{line, strlen(line)}, {gap, (size_t)(edit->text + edit->len - gap)}};
	if (replace(edit, pieces, 3) < 0)
		return -1;
	line[strcspn(line, "\r\n")] = '\0';
	snprintf(path, sizeof path, "%s%s%s", *line == '/' ? "" : edit->folder,
		*line == '/' ? "" : "/", line);
	print_entry(entry, path);
	return EX_OK;
}

int list_add_entry(const char *path, const char *clip, const char *at)
{
	return do_change(add_entry, path, clip, at);
}

int list_remove_entry(const char *path, const char *entry)
{
	return do_change(remove_entry, path, entry, "");
}

int list_move_entry(const char *path, const char *entry, const char *to)
{
	return do_change(move_entry, path, entry, to);
}
