#include "remedy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/msg.h"
#include "base/sigfd.h"
#include "base/text.h"
#include "proc/child.h"

#define TIME (60 * CLOCK_SECOND)
#define GRACE (CLOCK_SECOND / 2)

void remedy_init(struct remedy *remedy, long long runs, int64_t period)
{
	*remedy = (struct remedy){0};
	budget_init(&remedy->budget, runs, period);
}

int remedy_budget(struct remedy *remedy, const char *text)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : 0;
	long long runs, period;
	char left[16];

	if (!slash || len >= sizeof left)
		return -1;
	memcpy(left, text, len);
	left[len] = '\0';
	if (text_number(left, 1, REMEDY_RUNS, &runs) < 0 ||
		text_number(slash + 1, 1, BUDGET_MEMORY, &period) < 0)
		return -1;
	remedy->budget.runs = runs;
	remedy->budget.period = period * CLOCK_SECOND;
	return 0;
}

int remedy_command(struct remedy *remedy, char *text)
{
	memset(remedy->words, 0, sizeof remedy->words);
	remedy->count = child_split(text, remedy->words, REMEDY_WORDS + 1);
	return remedy->count > 0 && remedy->count <= REMEDY_WORDS ? 0 : -1;
}

void remedy_enter(struct remedy *remedy, int folder)
{
	if (remedy->count > 0 && folder >= 0)
		budget_enter(&remedy->budget, folder);
}

static int run(struct remedy *remedy, const char *name)
{
	char how[128];
	char *last = strdup(name);
	int stop = sigfd_open();

	if (!last || stop < 0) {
		msg_error("'%s': '%s' not run:", name, remedy->words[0]);
		free(last);
		return EX_OSERR;
	}
	remedy->words[remedy->count] = last;
	int code = child_run(
		remedy->words, clock_now() + TIME, GRACE, stop, how, sizeof how);
	remedy->words[remedy->count] = NULL;
	free(last);
	if (code < 0)
		msg_error("'%s': '%s' %s", name, remedy->words[0], how);
	if (sigfd_take(stop)) {
		msg_error("stopped by a signal");
		code = EX_TEMPFAIL;
	} else if (code < 0) {
		code = EX_UNAVAILABLE;
	}
	sigfd_close(stop);
	return code;
}

int remedy_apply(struct remedy *remedy, const char *name, const char *key,
	const char *what, const struct clock_stamp *now)
{
	enum budget_answer answer = BUDGET_FAILED;
	const char *command = remedy->words[0];
	int64_t wait;

	errno = ENOENT;
	if (key)
		answer = budget_spend(&remedy->budget, key, now, &wait);
	switch (answer) {
	case BUDGET_SPENT:
		msg_info("'%s': %s: running '%s'", name, what, command);
		return run(remedy, name);
	case BUDGET_USED_UP:
		if (!remedy->once)
			msg_warn(
				"'%s': %s, but '%s' ran often enough: not before %" PRId64
				" s",
				name, what, command, wait / CLOCK_SECOND + 1);
		return EX_OK;
	case BUDGET_BUSY:
		msg_warn("'%s': %s, but another process is acting: left alone", name,
			what);
		return EX_OK;
	case BUDGET_FAILED:
		break;
	}
	msg_error("'%s': '%s' not run, as no budget can be kept in its folder:", name,
		command);
	return EX_IOERR;
}

void remedy_leave(struct remedy *remedy)
{
	budget_leave(&remedy->budget);
}
