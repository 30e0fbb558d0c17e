#include "budget.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

#define MEMORY_MAX (1 << 20) /* bytes; more acts than a day can have */
#define TIDY_ABOVE (MEMORY_MAX / 2)
#define NAME_SHOWN 1100

void budget_init(struct budget *budget, long long runs, int64_t period)
{
	*budget = (struct budget){.runs = runs, .period = period, .fd = -1};
}

void budget_leave(struct budget *budget)
{
	if (budget->fd >= 0)
		close(budget->fd);
	budget_init(budget, budget->runs, budget->period);
}

static int open_locked(int folder)
{
	struct stat st;

	int fd = openat(folder, BUDGET_FILE,
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return -1;
	int error = 0;
	if (fstat(fd, &st) < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		error = errno;
	else if (!S_ISREG(st.st_mode))
		error = EINVAL;
	if (!error)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

void budget_enter(struct budget *budget, int folder)
{
	struct stat st = {0};

	if (fstat(folder, &st) == 0 && (budget->fd >= 0 || budget->error) &&
		st.st_dev == budget->dev && st.st_ino == budget->ino)
		return;
	budget_leave(budget);
	budget->dev = st.st_dev;
	budget->ino = st.st_ino;
	budget->fd = open_locked(folder);
	budget->error = budget->fd < 0 ? errno : 0;
}

/* All that is remembered, as one string, or NULL with errno. */
static char *recall(int fd, size_t *len)
{
	char *text = malloc(MEMORY_MAX + 1);
	ssize_t n = text ? pread(fd, text, MEMORY_MAX + 1, 0) : -1;

	if (n < 0 || n > MEMORY_MAX) {
		free(text);
		if (n >= 0)
			errno = EFBIG;
		return NULL;
	}
	text[n] = '\0';
	*len = (size_t)n;
	return text;
}

/* Reads one line. Returns the instant if it is of this boot and not forgotten, else -1.
 */
static int64_t instant_of(
	const char *line, const struct tick_stamp *now, const char **name)
{
	char boot[37];
	int64_t mono;
	int at = 0;

	/* A name may start with blanks, so none but the one that parts is skipped. */
	if (sscanf(line, "%36s %" SCNd64 "%n", boot, &mono, &at) != 2 || line[at] != ' ')
		return -1;
	*name = line + at + 1;
	if (strcmp(boot, now->boot) != 0 || mono < 0 || mono > now->mono ||
		now->mono - mono > BUDGET_MEMORY * TICK_SECOND)
		return -1;
	return mono;
}

/*
 * Moves the lines that still count to the front and cuts the rest off, in this order: a
 * kill between the two leaves lines too many, never too few.
 */
static int tidy(int fd, char *text, size_t *len, const struct tick_stamp *now)
{
	size_t kept = 0;

	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		const char *name;

		if (instant_of(line, now, &name) < 0)
			continue;
		memmove(text + kept, line, (size_t)(end + 1 - line));
		kept += (size_t)(end + 1 - line);
	}
	if (pwrite(fd, text, kept, 0) != (ssize_t)kept || ftruncate(fd, (off_t)kept) < 0)
		return -1;
	text[kept] = '\0';
	*len = kept;
	return 0;
}

/* Counts the acts on name within the period and finds the first of them. */
static long long count(const char *text, const char *name, const struct tick_stamp *now,
	int64_t period, int64_t *first)
{
	long long acts = 0;
	const char *whose;

	*first = INT64_MAX;
	for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		int64_t mono = instant_of(line, now, &whose);

		if (mono < 0 || now->mono - mono >= period ||
			(size_t)(end - whose) != strlen(name) ||
			strncmp(whose, name, strlen(name)) != 0)
			continue;
		acts++;
		if (mono < *first)
			*first = mono;
	}
	return acts;
}

static int write_down(int fd, const char *text, size_t len, const char *name,
	const struct tick_stamp *now)
{
	char line[NAME_SHOWN + 80];
	/* A line that a full disk cut short is ended first. */
	const char *gap = len > 0 && text[len - 1] != '\n' ? "\n" : "";

	int n = snprintf(line, sizeof line, "%s%s %" PRId64 " %s\n", gap, now->boot,
		now->mono, name);
	ssize_t wrote = pwrite(fd, line, (size_t)n, (off_t)len);
	if (wrote == n)
		return 0;
	if (wrote >= 0)
		errno = ENOSPC;
	return -1;
}

enum budget_answer budget_spend(struct budget *budget, const char *name,
	const struct tick_stamp *now, int64_t *wait)
{
	enum budget_answer answer = BUDGET_FAILED;
	char safe[NAME_SHOWN], *text;
	int64_t first;
	size_t len;

	if (budget->fd < 0) {
		errno = budget->error;
		return errno == EWOULDBLOCK ? BUDGET_BUSY : BUDGET_FAILED;
	}
	text_escape(safe, sizeof safe, name, strlen(name));
	text = recall(budget->fd, &len);
	if (!text)
		return BUDGET_FAILED;
	if (len > TIDY_ABOVE && tidy(budget->fd, text, &len, now) < 0)
		goto out;
	if (count(text, safe, now, budget->period, &first) >= budget->runs) {
		*wait = first + budget->period - now->mono;
		answer = BUDGET_USED_UP;
	} else if (write_down(budget->fd, text, len, safe, now) == 0) {
		answer = BUDGET_SPENT;
	}
out:
	free(text);
	return answer;
}
