#include "clip/triage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "base/text.h"

#define LONGEST_PAUSE (60 * CLOCK_SECOND)

int triage_open(struct triage *triage, const char *path)
{
	if (quarantine_open(&triage->quarantine, triage->root, path, true) < 0) {
		bool elsewhere = errno == EXDEV;
		msg_error("quarantine '%s'%s:", path,
			elsewhere ? " has to be on the file system of its parent" : "");
		return elsewhere ? EX_CONFIG : EX_NOINPUT;
	}
	if (quarantine_tidy(&triage->quarantine) < 0)
		msg_warn("quarantine '%s' could not be tidied:", path);
	return EX_OK;
}

/* True if somebody may still be writing to the file. */
static bool is_fresh(const struct triage *triage, int fd, const struct stat *before)
{
	struct timespec now;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t mtime = path_nanoseconds(st.st_mtim),
		ctime = path_nanoseconds(st.st_ctim);
	int64_t age = path_nanoseconds(now) - (mtime > ctime ? mtime : ctime);
	return !path_same(path_id(&st), path_id(before)) || path_has_writer(fd) ||
		age < triage->delay * 1000000;
}

int triage_bad(struct triage *triage, const struct triage_file *file, const char *code,
	const char *reason, int64_t *due)
{
	struct quarantine *quarantine = &triage->quarantine;
	bool may_wait = file->tries + 1 < triage->tries;
	const char *path = file->path, *slash = strrchr(path, '/');
	char name[NAME_MAX + 1];

	*due = clock_now();
	if (may_wait && is_fresh(triage, file->fd, file->st)) {
		*due += triage->delay;
		return TRIAGE_AGAIN;
	}
	if (quarantine_put(quarantine, file->folder, slash ? slash + 1 : path,
		    path_id(file->st), code, reason, file->tries + 1, name) == 0) {
		msg_warn("'%s' is bad, %s: %s: now '%s/%s'", path, code, reason,
			quarantine->path, name);
		triage->backoff = (struct backoff){0};
		triage->full = 0;
		if (quarantine_bound(quarantine, triage->keep) < 0)
			msg_warn("quarantine '%s' may hold more than %zu files:",
				quarantine->path, triage->keep);
		return EX_OK;
	}
	if (errno == ESTALE && may_wait)
		return TRIAGE_AGAIN;
	if (errno == ENOSPC || errno == EDQUOT) {
		triage->full = errno;
		if (triage->backoff.failures == 0)
			msg_error("'%s' is bad, %s: %s: no room for it in '%s' yet:",
				path, code, reason, quarantine->path);
		*due += backoff_failed(&triage->backoff, *due, LONGEST_PAUSE);
		return TRIAGE_FULL;
	}
	int result = errno == EXDEV ? EX_CONFIG : errno == ENOENT ? EX_NOINPUT : EX_IOERR;
	msg_error("'%s' is bad, %s: %s, but could not be moved to '%s'%s:", path, code,
		reason, quarantine->path,
		errno == EXDEV ? " (it has to be on the same file system)" : "");
	return result;
}

void triage_trouble(const struct triage *triage, char *words, size_t size)
{
	*words = '\0';
	if (triage->full)
		snprintf(words, size, "no room in '%s': %s", triage->quarantine.path,
			strerror(triage->full));
}

static int list_entry(struct quarantine_entry *entry, void *data)
{
	char name[4 * NAME_MAX + 4], code[160], time[160], from[4 * PATH_MAX];

	(void)data;
	text_escape(name, sizeof name, entry->name, strlen(entry->name));
	text_escape(code, sizeof code, entry->code, strlen(entry->code));
	text_escape(time, sizeof time, entry->time, strlen(entry->time));
	text_escape(from, sizeof from, entry->from, strlen(entry->from));
	printf("%s\t%s\t%" PRId64 "\t%" PRId64 "\t%s\t%s\n", name, *code ? code : "?",
		entry->tries, entry->size, *time ? time : "?", *from ? from : "?");
	return 0;
}

int triage_list(struct root *root, const char *path)
{
	struct quarantine quarantine;

	if (quarantine_open(&quarantine, root, path, false) < 0) {
		msg_error("quarantine '%s':", path);
		return EX_NOINPUT;
	}
	int error = quarantine_each(&quarantine, list_entry, NULL);
	if (error < 0)
		msg_error("quarantine '%s':", path);
	quarantine_close(&quarantine);
	return error < 0 ? EX_IOERR : EX_OK;
}

int triage_release(struct root *root, const char *path)
{
	static struct quarantine_entry entry;
	struct quarantine quarantine;
	const char *name = strrchr(path, '/');
	char *folder = name ? strndup(path, (size_t)(name - path)) : NULL;
	int code = EX_NOINPUT;

	if (!name || !name[1]) {
		msg_error("'%s' is no FAILED/NAME", path);
	} else if (!folder) {
		msg_error("'%s':", path);
		code = EX_OSERR;
	} else if (quarantine_open(&quarantine, root, *folder ? folder : "/", false) <
		0) {
		msg_error("quarantine '%s':", folder);
	} else {
		if (quarantine_look(&quarantine, name + 1, &entry) < 0)
			msg_error("'%s':", path);
		else if (quarantine_release(&quarantine, &entry) == 0)
			code = EX_OK;
		else
			msg_error("'%s' cannot go back to '%s':", path, entry.from);
		quarantine_close(&quarantine);
	}
	free(folder);
	return code;
}
