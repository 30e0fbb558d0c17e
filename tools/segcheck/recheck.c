#include "recheck.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "clip/cursor.h"
#include "media/report.h"

#define PAUSE (10 * CLOCK_SECOND) /* between two searches of the folder */
#define PASSED "passed"

static bool is_due(const struct recheck *recheck, const struct quarantine_entry *entry)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	int64_t age = (path_nanoseconds(now) - entry->tried_ns) / 1000000;
	/* age < 0: the clock was set back since the last try. A clip that the player
	 * refused is not due: segcheck found it good, and would do so again. */
	return *entry->code && strcmp(entry->code, PASSED) != 0 &&
		strcmp(entry->code, report_code_name(REPORT_UNPLAYABLE)) != 0 &&
		entry->tries < recheck->tries && (age < 0 || age >= recheck->after);
}

static int collect(struct quarantine_entry *entry, void *data)
{
	struct recheck *recheck = data;

	if (is_due(recheck, entry))
		strcpy(recheck->due[recheck->count++], entry->name);
	return recheck->count == RECHECK_BATCH;
}

int64_t recheck_due(const struct recheck *recheck)
{
	if (recheck->after == 0)
		return CLOCK_NEVER;
	return recheck->count > 0 ? clock_now() : recheck->next;
}

/* Finds the next batch. If a look could not be written down, the file stays due and would
 * be in every batch, so pause then. */
static void search(struct recheck *recheck)
{
	int64_t pause = recheck->after < PAUSE ? recheck->after : PAUSE;

	if (quarantine_each(recheck->quarantine, collect, recheck) < 0)
		msg_warn("quarantine '%s':", recheck->quarantine->path);
	if (recheck->stuck)
		pause = PAUSE;
	else if (recheck->count == RECHECK_BATCH)
		pause = 0;
	recheck->next = clock_now() + pause;
	recheck->stuck = false;
}

bool recheck_next(struct recheck *recheck, struct quarantine_entry *entry)
{
	if (clock_timeout(recheck_due(recheck)) != 0)
		return false;
	if (recheck->count == 0)
		search(recheck);
	while (recheck->count > 0)
		if (quarantine_look(recheck->quarantine, recheck->due[--recheck->count],
			    entry) == 0 &&
			is_due(recheck, entry))
			return true;
	return false;
}

/* 1 if the cursor has passed the file, 0 if not; -1: it cannot be read, which is
 * reported. */
static int has_passed(const struct recheck *recheck, const struct quarantine_entry *entry)
{
	static struct cursor cursor;
	struct stat st;
	const char *rel = strrchr(entry->from, '/');

	if (!recheck->cursor ||
		fstatat(recheck->quarantine->folder, entry->name, &st,
			AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (cursor_read(&cursor, recheck->cursor) < 0) {
		if (errno == ENOENT)
			return 0;
		msg_warn("cursor '%s':", recheck->cursor);
		return -1;
	}
	/* The quarantine is in the drop folder, and the cursor's path is below that. */
	char *home = realpath(recheck->quarantine->path, NULL);
	char *slash = home ? strrchr(home, '/') : NULL;
	size_t len = slash ? (size_t)(slash - home) : 0;
	if (slash && strncmp(entry->from, home, len) == 0 && entry->from[len] == '/')
		rel = entry->from + len;
	free(home);
	int64_t mtime_ns = path_nanoseconds(st.st_mtim);
	return cursor_has_passed(
		&cursor, ORDER_BY_MTIME, clock_wall_ns(), mtime_ns, rel ? rel + 1 : "");
}

struct refused {
	const struct recheck *recheck;
	uint64_t count;
	int64_t newest;
	char *why;
	size_t size;
};

static int count_refused(struct quarantine_entry *entry, void *data)
{
	struct refused *refused = data;

	if (!*entry->code || strcmp(entry->code, PASSED) == 0)
		return 0;
	int passed = has_passed(refused->recheck, entry);
	if (passed < 0)
		refused->count = 0;
	if (passed != 0)
		return passed < 0;
	if (refused->count++ == 0 || entry->moved_ns >= refused->newest) {
		refused->newest = entry->moved_ns;
		snprintf(refused->why, refused->size, "%s", entry->reason);
	}
	return 0;
}

uint64_t recheck_refused(const struct recheck *recheck, char *why, size_t size)
{
	struct refused refused = {recheck, .why = why, .size = size};

	if (recheck->cursor &&
		quarantine_each(recheck->quarantine, count_refused, &refused) < 0)
		msg_warn("quarantine '%s':", recheck->quarantine->path);
	return refused.count;
}

/* True if the look was written down. False: the file is gone or was changed just now, or
 * there is an error, which is reported. */
static bool note(struct recheck *recheck, struct quarantine_entry *entry,
	const char *code, const char *reason)
{
	if (quarantine_again(recheck->quarantine, entry, code, reason) == 0)
		return true;
	if (errno == ENOENT)
		return false;
	if (errno != ESTALE && !recheck->stuck)
		msg_error(
			"quarantine '%s': '%s':", recheck->quarantine->path, entry->name);
	recheck->stuck = true;
	return false;
}

void recheck_bad(struct recheck *recheck, struct quarantine_entry *entry,
	const char *code, const char *reason)
{
	note(recheck, entry, code, reason);
}

void recheck_good(struct recheck *recheck, struct quarantine_entry *entry)
{
	int passed = has_passed(recheck, entry);

	if (passed > 0) {
		if (note(recheck, entry, PASSED,
			    "it became good, but what comes after it was played"))
			msg_info("quarantine '%s': '%s' is good by now, but its time has "
				 "passed",
				recheck->quarantine->path, entry->name);
	} else if (passed == 0 && quarantine_release(recheck->quarantine, entry) == 0) {
		msg_info("'%s' is good by now: back from the quarantine", entry->from);
	} else {
		int error = errno;
		if (!note(recheck, entry, entry->code, entry->reason) || passed < 0)
			return;
		errno = error;
		msg_warn("quarantine '%s': '%s' is good by now, but cannot go back to "
			 "'%s':",
			recheck->quarantine->path, entry->name, entry->from);
	}
}
