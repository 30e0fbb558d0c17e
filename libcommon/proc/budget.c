/*
 * The file is locked when a folder is entered and read when the first act is asked for,
 * into a tree of names, each with the instants of its acts. An act is appended with
 * pwrite at the end of the whole lines, so that a line cut short by a full disk is
 * overwritten. Lines that no longer count are removed when the file is read and they have
 * become many.
 */
#include "proc/budget.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/path.h"
#include "base/text.h"

#define DEAD_MAX \
	65536 /* bytes of lines that no longer count but may stay in the file \
	       */
#define FILE_MAX (4 << 20) /* bytes the file may grow by before it is read and pruned */
#define OPENED_MAX 10 /* attempts to open the file while somebody removes it */
#define NAME_SHOWN 1100
#define LINE_SIZE (NAME_SHOWN + 80)

/* The acts on one name that still count. */
struct acts {
	const char *name;
	size_t count, room;
	int64_t *instants;
};

static int by_name(const void *a, const void *b)
{
	const struct acts *one = a, *other = b;

	return strcmp(one->name, other->name);
}

static void free_acts(void *acts)
{
	free(((struct acts *)acts)->instants);
	free(acts);
}

/* The acts on name; a new name gets an entry without acts. NULL with errno. */
static struct acts *acts_on(struct budget *budget, const char *name)
{
	const struct acts probe = {.name = name};
	size_t size = strlen(name) + 1;

	struct acts **found = tfind(&probe, &budget->names, by_name);
	if (found)
		return *found;
	struct acts *acts = calloc(1, sizeof *acts + size);
	if (!acts)
		return NULL;
	acts->name = memcpy(acts + 1, name, size);
	if (tsearch(acts, &budget->names, by_name))
		return acts;
	free(acts);
	return NULL;
}

static int add(struct budget *budget, struct acts *acts, int64_t instant)
{
	if (budget->count == BUDGET_ACTS) {
		errno = EFBIG;
		return -1;
	}
	if (acts->count == acts->room) {
		size_t room = 2 * acts->room + 1;
		int64_t *more = realloc(acts->instants, room * sizeof *more);

		if (!more)
			return -1;
		acts->instants = more;
		acts->room = room;
	}
	acts->instants[acts->count++] = instant;
	budget->count++;
	return 0;
}

void budget_init(struct budget *budget, long long runs, int64_t period)
{
	*budget = (struct budget){.runs = runs, .period = period, .fd = -1};
}

void budget_leave(struct budget *budget)
{
	path_close(budget->fd);
	tdestroy(budget->names, free_acts);
	budget_init(budget, budget->runs, budget->period);
}

/* Opens and locks the file. *gone: the file was removed or replaced meanwhile. */
static int open_once(int folder, bool *gone)
{
	struct stat own;

	int fd = openat(folder, BUDGET_FILE,
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return -1;
	int error = 0;
	if (fstat(fd, &own) < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		error = errno;
	else if (!S_ISREG(own.st_mode))
		error = EINVAL;
	*gone = !error && !path_is_named(folder, BUDGET_FILE, fd);
	if (!error && !*gone)
		return fd;
	close(fd);
	errno = error ? error : EWOULDBLOCK;
	return -1;
}

/* Tries again if the file was removed before it was locked: others lock the new one. */
static int open_locked(int folder)
{
	bool gone = true;
	int fd = -1;

	for (int i = 0; i < OPENED_MAX && fd < 0 && gone; i++) {
		gone = false;
		fd = open_once(folder, &gone);
	}
	return fd;
}

/* True if the locked file was removed. Then our lock keeps nobody out, because the next
 * process makes and locks a new file. */
static bool is_gone(const struct budget *budget)
{
	struct stat st;

	return budget->fd >= 0 && (fstat(budget->fd, &st) < 0 || st.st_nlink == 0);
}

void budget_enter(struct budget *budget, int folder)
{
	struct stat st = {0};

	if (fstat(folder, &st) == 0 && (budget->fd >= 0 || budget->error) &&
		st.st_dev == budget->dev && st.st_ino == budget->ino && !is_gone(budget))
		return;
	budget_leave(budget);
	budget->dev = st.st_dev;
	budget->ino = st.st_ino;
	budget->fd = open_locked(folder);
	budget->error = budget->fd < 0 ? errno : 0;
}

/* Reads one line. Returns its instant, or -1 if it is malformed, of another boot, or
 * older than BUDGET_MEMORY. */
static int64_t instant_of(
	const char *line, const struct clock_stamp *now, const char **name)
{
	char boot[37];
	int64_t mono;
	int at = 0;

	/* Skip one blank only: a name may begin with blanks. */
	if (sscanf(line, "%36s %" SCNd64 "%n", boot, &mono, &at) != 2 || line[at] != ' ')
		return -1;
	*name = line + at + 1;
	if (strcmp(boot, now->boot) != 0 || mono < 0 || mono > now->mono ||
		now->mono - mono > BUDGET_MEMORY * CLOCK_SECOND)
		return -1;
	return mono;
}

/* Adds the act of one line to the tree. Returns 1 if it counts, 0 if not, -1 with errno.
 */
static int take(struct budget *budget, const struct lines_line *line,
	const struct clock_stamp *now)
{
	char text[LINE_SIZE];
	const char *name;

	if (line->len >= sizeof text || memchr(line->text, '\0', line->len))
		return 0;
	memcpy(text, line->text, line->len);
	text[line->len] = '\0';
	int64_t instant = instant_of(text, now, &name);
	if (instant < 0)
		return 0;
	struct acts *acts = acts_on(budget, name);
	return acts && add(budget, acts, instant) == 0 ? 1 : -1;
}

/* Reads the file and writes the lines that count to live. Returns the bytes of all whole
 * lines, or -1. */
static ssize_t take_all(struct budget *budget, FILE *live, const struct clock_stamp *now)
{
	static struct lines_in in;
	struct lines_line line;
	ssize_t n, whole = 0, total = 0;

	if (lseek(budget->fd, 0, SEEK_SET) < 0)
		return -1;
	lines_in(&in, budget->fd, '\n');
	while ((n = lines_fill(&in)) > 0) {
		const char *last = memrchr(in.chunk, '\n', (size_t)n);

		if (last)
			whole = total + (last + 1 - in.chunk);
		total += n;
		while (lines_next(&in, &line)) {
			int counts = take(budget, &line, now);

			if (counts < 0)
				return -1;
			if (counts)
				fprintf(live, "%.*s\n", (int)line.len, line.text);
		}
	}
	return n < 0 ? -1 : whole;
}

/*
 * Reads the file and cuts off a last line that a full disk cut short. If many lines no
 * longer count, the others are first written to the front and then the file is cut: a
 * kill between the two leaves lines twice, but never loses one.
 */
static int recall(struct budget *budget, const struct clock_stamp *now)
{
	char *text = NULL;
	size_t size = 0;
	int result = -1;

	FILE *live = open_memstream(&text, &size);
	if (!live)
		return -1;
	ssize_t whole = take_all(budget, live, now);
	if (fclose(live) == 0 && whole >= 0) {
		budget->end = whole;
		result = 0;
		if (whole - (ssize_t)size > DEAD_MAX) {
			budget->end = (off_t)size;
			if (pwrite(budget->fd, text, size, 0) != (ssize_t)size)
				result = -1;
		}
		if (result == 0)
			result = ftruncate(budget->fd, budget->end);
		budget->reread = budget->end + FILE_MAX;
	}
	free(text);
	return result;
}

/* Counts the acts within the period and finds the first of them. */
static long long count(const struct acts *acts, const struct clock_stamp *now,
	int64_t period, int64_t *first)
{
	long long n = 0;

	*first = INT64_MAX;
	for (size_t i = 0; i < acts->count; i++) {
		if (now->mono - acts->instants[i] >= period)
			continue;
		n++;
		if (acts->instants[i] < *first)
			*first = acts->instants[i];
	}
	return n;
}

static int write_down(
	struct budget *budget, const char *name, const struct clock_stamp *now)
{
	char line[LINE_SIZE];

	int n = snprintf(
		line, sizeof line, "%s %" PRId64 " %s\n", now->boot, now->mono, name);
	ssize_t wrote = pwrite(budget->fd, line, (size_t)n, budget->end);
	if (wrote == n) {
		budget->end += n;
		return 0;
	}
	if (wrote >= 0)
		errno = ENOSPC;
	return -1;
}

/* Reads the file when it is first needed. A folder where that failed is not tried again.
 */
static int ready(struct budget *budget, const struct clock_stamp *now)
{
	if (budget->fd >= 0 && budget->end > budget->reread) {
		tdestroy(budget->names, free_acts);
		budget->names = NULL;
		budget->count = 0;
		budget->recalled = false;
	}
	if (budget->fd >= 0 && !budget->recalled && recall(budget, now) < 0) {
		budget->error = errno;
		close(budget->fd);
		budget->fd = -1;
	}
	budget->recalled = true;
	if (is_gone(budget))
		budget->error = ESTALE;
	errno = budget->error;
	return budget->fd < 0 || budget->error ? -1 : 0;
}

enum budget_answer budget_spend(struct budget *budget, const char *name,
	const struct clock_stamp *now, int64_t *wait)
{
	char safe[NAME_SHOWN];
	int64_t first;

	if (ready(budget, now) < 0)
		return errno == EWOULDBLOCK ? BUDGET_BUSY : BUDGET_FAILED;
	text_escape(safe, sizeof safe, name, strlen(name));
	struct acts *acts = acts_on(budget, safe);
	if (!acts)
		return BUDGET_FAILED;
	if (count(acts, now, budget->period, &first) >= budget->runs) {
		*wait = first + budget->period - now->mono;
		return BUDGET_USED_UP;
	}
	if (add(budget, acts, now->mono) < 0)
		return BUDGET_FAILED;
	if (write_down(budget, safe, now) == 0)
		return BUDGET_SPENT;
	acts->count--;
	budget->count--;
	return BUDGET_FAILED;
}
