#include "outcome.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/msg.h"
#include "media/report.h"

#define KEEP 1000 /* most files in the quarantine; the same as in segcheck */

static const struct afterplay nothing = {AFTERPLAY_KEEP, -1, NULL};

int outcome_quarantine(struct outcome *outcome, const char *path)
{
	outcome->triage.root = &outcome->queue->root;
	int code = triage_open(&outcome->triage, path);

	outcome->triage.keep = KEEP;
	outcome->quarantines = code == 0;
	return code;
}

static int worse(int a, int b)
{
	return a > b ? a : b;
}

/* Puts the clip into the quarantine, as it would only fail again. It stays where it is if
 * there is no quarantine. */
static int put_away(
	struct outcome *outcome, size_t n, enum report_code code, const char *why)
{
	struct queue_clip *clip = queue_at(outcome->queue, n);
	struct stat st;
	int64_t due;

	if (!outcome->quarantines || fstat(clip->fd, &st) < 0)
		return queue_skip(outcome->queue, n, why, &nothing);
	const struct triage_file file = {clip->path, clip->folder, clip->fd, &st, 0};
	int result =
		triage_bad(&outcome->triage, &file, report_code_name(code), why, &due);
	outcome->queue->skipped++;
	queue_remove(outcome->queue, n);
	return result == TRIAGE_FULL ? EX_IOERR : result;
}

int outcome_unplayable(struct outcome *outcome, size_t n, const char *reason)
{
	snprintf(outcome->refused_why, sizeof outcome->refused_why,
		"cannot be played, %s", reason);
	outcome->refused++;
	return worse(put_away(outcome, n, REPORT_UNPLAYABLE, outcome->refused_why), 1);
}

static void tell(const struct outcome *outcome, const char *path, int64_t position)
{
	static const char *const done[] = {[AFTERPLAY_KEEP] = "kept",
		[AFTERPLAY_DELETE] = "deleted",
		[AFTERPLAY_MOVE] = "moved to "};
	const char *to = outcome->after.path;

	msg_info("'%s' was on the air to %" PRId64 ".%" PRId64 " s: %s%s%s%s", path,
		position / 1000, position / 100 % 10, done[outcome->after.what],
		to ? "'" : "", to ? to : "", to ? "'" : "");
}

int outcome_of(struct outcome *outcome, const struct player_mark *mark)
{
	struct queue *queue = outcome->queue;
	struct queue_clip *clip = queue_at(queue, 0);
	struct player_mark own = *mark;
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s", clip->path);
	if (mark->jumps + mark->left_out > 0)
		msg_warn("'%s': %u jumps of its time stamps put right, %u packets of "
			 "sound left out",
			path, mark->jumps, mark->left_out);
	if (!own.flaw && queue_has_changed(queue, 0))
		own.flaw = "changed while it was played";
	if (own.flaw) {
		int noted = queue_note(queue, 0);
		int left = own.runs_on ? put_away(outcome, 0, REPORT_RUNS_ON, own.flaw)
				       : queue_skip(queue, 0, own.flaw, &nothing);
		return worse(worse(noted, left), own.runs_on ? 1 : EX_IOERR);
	}
	paths_put(outcome->paths, outcome->out, path);
	/* Written before the cursor moves on: a kill in between prints a path twice
	 * rather than never. */
	lines_flush(outcome->out);
	outcome->played++;
	outcome->refused = 0;
	*outcome->refused_why = '\0';
	int code = queue_note(queue, 0);
	int settled = queue_settle(queue, &outcome->after);
	if (settled == 0)
		tell(outcome, path, mark->position);
	return worse(code, settled);
}
